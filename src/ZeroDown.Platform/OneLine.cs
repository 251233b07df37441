using System.Globalization;
using System.Text;

namespace ZeroDown.Platform;

/// <summary>Text that somebody else wrote, as part of a line of ours: it cannot end the line, begin another one, or speak to the terminal on which the line is read.</summary>
public static class OneLine
{
    /// <summary>In characters; what is longer is cut, or a worker could fill the disk with an address.</summary>
    private const int Longest = 2000;

    /// <summary>Control characters, line and paragraph separators and what turns the direction of text are written as their numbers (<c>\u001b</c>); all else stays as it is.</summary>
    public static string Of(string text)
    {
        if (text.Length <= Longest && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var line = new StringBuilder(Math.Min(text.Length, Longest) + 1);
        foreach (var letter in text.AsSpan(0, Math.Min(text.Length, Longest)))
        {
            var isStrange = char.GetUnicodeCategory(letter) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            _ = isStrange ? line.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}") : line.Append(letter);
        }

        return text.Length > Longest ? line.Append('…').ToString() : line.ToString();
    }
}
