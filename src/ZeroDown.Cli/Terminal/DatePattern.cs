using System.Globalization;
using System.Text;

namespace ZeroDown.Cli.Terminal;

/// <summary>Dates by the letters of day.js, which pm2's users write: <c>YYYY-MM-DD HH:mm:ss Z</c>. What is in brackets stands as it is.</summary>
internal static class DatePattern
{
    /// <summary>Longer letters first, or <c>MMM</c> would be read as <c>MM</c> and <c>M</c>.</summary>
    private static readonly (string Letters, Func<DateTimeOffset, string> Write)[] Table =
    [
        ("YYYY", at => Number(at.Year, 4)),
        ("YY", at => Number(at.Year % 100, 2)),
        ("MMMM", at => at.ToString("MMMM", CultureInfo.InvariantCulture)),
        ("MMM", at => at.ToString("MMM", CultureInfo.InvariantCulture)),
        ("MM", at => Number(at.Month, 2)),
        ("M", at => Number(at.Month, 1)),
        ("DD", at => Number(at.Day, 2)),
        ("D", at => Number(at.Day, 1)),
        ("dddd", at => at.DayOfWeek.ToString()),
        ("ddd", at => at.DayOfWeek.ToString()[..3]),
        ("HH", at => Number(at.Hour, 2)),
        ("H", at => Number(at.Hour, 1)),
        ("hh", at => Number(Twelve(at.Hour), 2)),
        ("h", at => Number(Twelve(at.Hour), 1)),
        ("mm", at => Number(at.Minute, 2)),
        ("m", at => Number(at.Minute, 1)),
        ("SSS", at => Number(at.Millisecond, 3)),
        ("ss", at => Number(at.Second, 2)),
        ("s", at => Number(at.Second, 1)),
        ("ZZ", at => at.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal)),
        ("Z", at => at.ToString("zzz", CultureInfo.InvariantCulture)),
        ("A", at => at.Hour < 12 ? "AM" : "PM"),
        ("a", at => at.Hour < 12 ? "am" : "pm"),
    ];

    public static string Write(string pattern, DateTimeOffset at)
    {
        var text = new StringBuilder();
        for (var position = 0; position < pattern.Length;)
        {
            var end = pattern[position] == '[' ? pattern.IndexOf(']', position) : -1;
            if (end > 0)
            {
                text.Append(pattern, position + 1, end - position - 1);
                position = end + 1;
                continue;
            }

            var (letters, write) = Array.Find(Table, row => string.CompareOrdinal(pattern, position, row.Letters, 0, row.Letters.Length) == 0);
            text.Append(write is null ? pattern[position].ToString() : write(at));
            position += letters?.Length ?? 1;
        }

        return text.ToString();
    }

    private static int Twelve(int hour) => hour % 12 == 0 ? 12 : hour % 12;

    private static string Number(int value, int digits) => value.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
}
