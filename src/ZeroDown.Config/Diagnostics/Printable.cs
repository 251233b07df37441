using System.Globalization;
using System.Text;

namespace ZeroDown.Config;

/// <summary>
/// Makes text of a stranger's file safe to print. A file may carry escape sequences that move the cursor, colour the
/// screen or turn the direction of writing; in an error message they must show, not act.
/// </summary>
public static class Printable
{
    /// <summary>Control, format and half characters as <c>\x1b</c> or <c>\u202e</c>; a tab as one blank.</summary>
    public static string Escape(ReadOnlySpan<char> text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                if (IsHarmless(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(c, text[i + 1]))))
                    result.Append(c).Append(text[i + 1]);
                else
                    result.Append(CultureInfo.InvariantCulture, $"\\U{char.ConvertToUtf32(c, text[i + 1]):x8}");
                i++;
            }
            else if (c == '\t')
                result.Append(' ');
            else if (IsHarmless(CharUnicodeInfo.GetUnicodeCategory(c)))
                result.Append(c);
            else if (c < 0x100)
                result.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }

        return result.ToString();
    }

    /// <summary>As <see cref="Escape"/>, at most <paramref name="limit"/> characters of the text, then an ellipsis.</summary>
    public static string Short(string text, int limit = 60) =>
        text.Length <= limit ? Escape(text) : Escape(text.AsSpan(0, limit)) + "…";

    private static bool IsHarmless(UnicodeCategory category) => category is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
