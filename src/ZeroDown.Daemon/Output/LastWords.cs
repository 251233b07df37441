using ZeroDown.Core.Apps;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// What the record keeps of a worker's last lines, so that they outlive the daemon: few, short and without control characters. Stack frames
/// are left out, because what they belong to says more.
/// </summary>
internal static class LastWords
{
    public const int MostLines = 10;
    public const int MostLetters = 160;

    public static EquatableArray<string> Of(IEnumerable<string> lines) =>
        [.. lines.Where(line => !string.IsNullOrWhiteSpace(line) && !line.AsSpan().TrimStart().StartsWith("at ", StringComparison.Ordinal)).TakeLast(MostLines).Select(Short)];

    private static string Short(string line)
    {
        var plain = string.Concat(line.Where(letter => !char.IsControl(letter) || letter == '\t'));
        if (plain.Length <= MostLetters)
            return plain;
        // Half of a surrogate pair is no text.
        var end = char.IsHighSurrogate(plain[MostLetters - 1]) ? MostLetters - 1 : MostLetters;
        return plain[..end] + "…";
    }
}
