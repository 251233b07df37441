using System.Globalization;

namespace ZeroDown.Config;

/// <summary><c>500ms</c>, <c>10s</c>, <c>5m</c>, <c>1h</c>, <c>1d</c>, fractions allowed; a bare number is milliseconds, as in pm2.</summary>
public static class Durations
{
    /// <summary>Longer ones are a mistake in the unit, and would not fit the kernel's timers.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(20);

    private static readonly (string Unit, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

    public static bool TryParse(string text, out TimeSpan duration) => Parse(text, out duration) == UnitResult.Ok;

    internal static UnitResult Parse(string text, out TimeSpan duration)
    {
        duration = default;
        text = text.Trim();
        var negative = text.StartsWith('-');
        var letters = Sizes.EndOfNumber(text);
        var unit = letters < 0 ? "ms" : text[letters..].TrimStart().ToLowerInvariant();
        var factor = Array.Find(Units, u => u.Unit == unit).Milliseconds;
        var number = letters < 0 ? text : text[..letters];
        if (factor == 0 || !double.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            return UnitResult.NotOne;
        if (negative)
            return UnitResult.Negative;
        if (value * factor > Max.TotalMilliseconds)
            return UnitResult.TooLarge;
        duration = TimeSpan.FromMilliseconds(Math.Round(value * factor));
        return UnitResult.Ok;
    }

    /// <summary>The shortest text that <see cref="TryParse"/> reads as the same duration, whole milliseconds assumed.</summary>
    public static string Format(TimeSpan duration)
    {
        var milliseconds = (long)duration.TotalMilliseconds;
        var (unit, factor) = Units.Reverse().FirstOrDefault(u => milliseconds > 0 && milliseconds % (long)u.Milliseconds == 0, ("ms", 1));
        return (milliseconds / (long)factor).ToString(CultureInfo.InvariantCulture) + unit;
    }
}

/// <summary>Outcome of reading a number with a unit.</summary>
internal enum UnitResult
{
    Ok,
    NotOne,
    Negative,
    TooLarge,
}
