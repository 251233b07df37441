using System.Buffers;
using System.Globalization;

namespace ZeroDown.Config;

/// <summary><c>512K</c>, <c>300M</c>, <c>1G</c>, 1024-based as in pm2 (<c>MB</c> and <c>MiB</c> mean the same); a bare number is bytes.</summary>
public static class Sizes
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("-0123456789.");

    public static bool TryParse(string text, out long bytes) => Parse(text, out bytes) == UnitResult.Ok;

    /// <summary>Where the unit begins, or -1.</summary>
    internal static int EndOfNumber(string text) => text.AsSpan().IndexOfAnyExcept(NumberCharacters);

    internal static UnitResult Parse(string text, out long bytes)
    {
        bytes = 0;
        text = text.Trim();
        var letters = EndOfNumber(text);
        var unit = letters < 0 ? "" : text[letters..].TrimStart().ToUpperInvariant();
        var number = letters < 0 ? text : text[..letters];
        int? shift = unit switch
        {
            "" or "B" => 0,
            "K" or "KB" or "KIB" => 10,
            "M" or "MB" or "MIB" => 20,
            "G" or "GB" or "GIB" => 30,
            "T" or "TB" or "TIB" => 40,
            _ => null,
        };
        if (shift is null || !double.TryParse(number, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
            return UnitResult.NotOne;
        if (value < 0)
            return UnitResult.Negative;
        if (value * Math.Pow(2, shift.Value) > 1L << 60)
            return UnitResult.TooLarge;
        bytes = (long)(value * (1L << shift.Value));
        return UnitResult.Ok;
    }
}
