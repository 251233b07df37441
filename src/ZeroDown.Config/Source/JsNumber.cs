using System.Globalization;

namespace ZeroDown.Config;

/// <summary>Numbers as JavaScript reads and prints them, so that a file says the same whether node evaluates it or not: 1.0 is 1, 1e3 is 1000.</summary>
internal static class JsNumber
{
    private const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>What <c>String(x)</c> gives for a number of a JSON text.</summary>
    public static string Format(string json) => Format(double.Parse(json, Style, CultureInfo.InvariantCulture));

    public static string Format(double number)
    {
        if (double.IsInfinity(number))
            return number > 0 ? "Infinity" : "-Infinity";
        if (number == 0)
            return "0";
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        if (!text.Contains('E'))
            return text;
        var magnitude = int.Parse(text.AsSpan(text.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var sign = text[0] == '-' ? "-" : "";
        var digits = text[sign.Length..text.IndexOf('E')].Replace(".", "");
        return magnitude switch
        {
            >= 0 and < 21 => sign + digits.PadRight(magnitude + 1, '0'),
            < 0 and > -7 => $"{sign}0.{new string('0', -magnitude - 1)}{digits}",
            _ => $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(magnitude > 0 ? "+" : "")}{magnitude.ToString(CultureInfo.InvariantCulture)}",
        };
    }

    /// <summary>The number that a text is as a whole, blanks around it aside. Like pm2: a text without a number in it is none.</summary>
    public static bool TryParse(string text, out double number)
    {
        text = text.Trim();
        if (text is "Infinity" or "+Infinity" or "-Infinity")
        {
            number = text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out number) && !double.IsNaN(number);
    }
}
