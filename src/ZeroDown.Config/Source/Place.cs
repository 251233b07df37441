namespace ZeroDown.Config;

/// <summary>
/// Where a value comes from: a stretch of a file, a file as a whole (<c>Start</c> -1), a flag, or a key of what a file was
/// evaluated to, which has no line.
/// </summary>
/// <param name="Source">The file; null for the command line.</param>
/// <param name="Start">Index of the first character in the file's text.</param>
/// <param name="Length">Number of characters; only those of the first line are underlined.</param>
/// <param name="Flag">The flag as typed.</param>
internal readonly record struct Place(SourceText? Source, int Start, int Length, string? Flag)
{
    /// <summary>Of a value that a program made: the way to it, and whose it is: <c>apps[0].instances (web)</c>.</summary>
    public string? Path { get; init; }

    public static Place OfFlag(string? flag) => new(null, -1, 0, string.IsNullOrEmpty(flag) ? null : flag);

    public static Place OfFile(SourceText source) => new(source, -1, 0, null);

    public static Place OfValue(SourceText source, string path) => new(source, -1, 0, null) { Path = path.Length == 0 ? null : path };

    /// <summary>How another message refers to this place: <c>line 7</c>, <c>apps[0].name (web)</c> or the flag.</summary>
    public override string ToString() =>
        Source is not null && Start >= 0 ? $"line {Source.Position(Start).Line}" : Path ?? Flag ?? Source?.Path ?? "the command line";
}
