using System.Globalization;
using System.Text;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// A date as pm2's users describe it, in the letters of day.js and moment: <c>YYYY-MM-DD HH:mm:ss.SSS Z</c>. What stands in square
/// brackets, and every other character, is taken as it is. Read once, written for every line.
/// </summary>
public sealed class DatePattern
{
    /// <summary>What <c>time: true</c> means.</summary>
    public const string Standard = "YYYY-MM-DDTHH:mm:ss";

    /// <summary>Longer letters come first, or MMM would be MM and M.</summary>
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
        ("dddd", at => at.ToString("dddd", CultureInfo.InvariantCulture)),
        ("ddd", at => at.ToString("ddd", CultureInfo.InvariantCulture)),
        ("dd", at => at.ToString("ddd", CultureInfo.InvariantCulture)[..2]),
        ("d", at => Number((int)at.DayOfWeek, 1)),
        ("HH", at => Number(at.Hour, 2)),
        ("H", at => Number(at.Hour, 1)),
        ("hh", at => Number(Twelve(at.Hour), 2)),
        ("h", at => Number(Twelve(at.Hour), 1)),
        ("mm", at => Number(at.Minute, 2)),
        ("m", at => Number(at.Minute, 1)),
        ("ss", at => Number(at.Second, 2)),
        ("s", at => Number(at.Second, 1)),
        ("SSS", at => Number(at.Millisecond, 3)),
        ("SS", at => Number(at.Millisecond / 10, 2)),
        ("S", at => Number(at.Millisecond / 100, 1)),
        ("ZZ", at => at.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal)),
        ("Z", at => at.ToString("zzz", CultureInfo.InvariantCulture)),
        ("A", at => at.Hour < 12 ? "AM" : "PM"),
        ("a", at => at.Hour < 12 ? "am" : "pm"),
        ("X", at => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)),
        ("x", at => at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
    ];

    private readonly List<Func<DateTimeOffset, string>> _parts = [];

    public DatePattern(string pattern)
    {
        var plain = new StringBuilder();
        for (var position = 0; position < pattern.Length;)
        {
            var end = pattern[position] == '[' ? pattern.IndexOf(']', position) : -1;
            if (end > 0)
            {
                plain.Append(pattern, position + 1, end - position - 1);
                position = end + 1;
                continue;
            }

            var (letters, write) = Array.Find(Table, row => string.CompareOrdinal(pattern, position, row.Letters, 0, row.Letters.Length) == 0);
            if (write is null)
            {
                plain.Append(pattern[position++]);
                continue;
            }

            Flush(plain);
            _parts.Add(write);
            position += letters.Length;
        }

        Flush(plain);
    }

    /// <summary>For once.</summary>
    public static string Write(string pattern, DateTimeOffset at) => new DatePattern(pattern).Write(at);

    public string Write(DateTimeOffset at) => string.Concat(_parts.Select(part => part(at)));

    private void Flush(StringBuilder plain)
    {
        if (plain.Length == 0)
            return;
        var text = plain.ToString();
        _parts.Add(_ => text);
        plain.Clear();
    }

    private static int Twelve(int hour) => hour % 12 == 0 ? 12 : hour % 12;

    private static string Number(int value, int digits) => value.ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
}
