namespace ZeroDown.Config;

/// <summary>
/// pm2 evaluates its .json files as JavaScript, so people's files carry comments, and editors indent them with tabs.
/// The YAML parser takes JSON but misreads <c>//</c> as a key without a word, and refuses tabs. Both become blanks
/// here, one for one, so that every position of the parser is still a position in the file.
/// </summary>
internal static class JsonComments
{
    public static string Blank(string text)
    {
        var result = text.ToCharArray();
        for (var i = 0; i < result.Length; i++)
        {
            switch (result[i])
            {
                case '"' or '\'':
                    i = EndOfString(result, i);
                    break;
                case '\t':
                    result[i] = ' ';
                    break;
                case '/' when i + 1 < result.Length && result[i + 1] == '/':
                    while (i < result.Length && result[i] is not ('\n' or '\r'))
                        result[i++] = ' ';
                    break;
                case '/' when i + 1 < result.Length && result[i + 1] == '*':
                    i = BlankBlock(result, i);
                    break;
            }
        }

        return new string(result);
    }

    private static int EndOfString(char[] text, int start)
    {
        for (var i = start + 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == text[start] || text[i] == '\n')
                return i;
        }

        return text.Length;
    }

    private static int BlankBlock(char[] text, int start)
    {
        var star = text.AsSpan(start + 2).IndexOf("*/");
        var end = star < 0 ? text.Length : start + 2 + star + 2;
        foreach (ref var c in text.AsSpan(start, end - start))
        {
            if (c is not ('\n' or '\r'))
                c = ' ';
        }

        return end - 1;
    }
}
