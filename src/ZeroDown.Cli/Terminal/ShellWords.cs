namespace ZeroDown.Cli.Terminal;

/// <summary>A command as it can be typed in a shell: words with anything unusual in them are quoted.</summary>
internal static class ShellWords
{
    private const string Plain = "/._-:=,+@";

    public static string Of(IEnumerable<string> words) => string.Join(' ', words.Select(Of));

    private static string Of(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
