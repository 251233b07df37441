namespace ZeroDown.Config;

/// <summary>
/// One thing that is wrong, or worth saying, about an ecosystem file or about options of the command line.
/// All text in it is already safe for a terminal: control characters of the file are shown as escapes.
/// </summary>
public sealed record Diagnostic
{
    public required Severity Severity { get; init; }

    /// <summary>What is wrong, as a sentence part without a full stop: <c>unknown key 'instaces'</c>.</summary>
    public required string Message { get; init; }

    /// <summary>What to do now: <c>did you mean 'instances'?</c> Null when the message says it all.</summary>
    public string? Hint { get; init; }

    /// <summary>The file as the user named it; null for an option of the command line.</summary>
    public string? File { get; init; }

    /// <summary>The flag as typed (<c>--instances</c>); null for a file.</summary>
    public string? Flag { get; init; }

    /// <summary>In a file that was evaluated, where there is no line: the key in question, <c>apps[0].instances (web)</c>; else null.</summary>
    public string? Path { get; init; }

    /// <summary>From 1; 0 when the diagnostic is about the file as a whole, a key of an evaluated file, or a flag.</summary>
    public int Line { get; init; }

    /// <summary>From 1, in UTF-16 units as editors count; 0 when there is no line.</summary>
    public int Column { get; init; }

    /// <summary>The line (or the part of a very long one) in question.</summary>
    public string? Excerpt { get; init; }

    /// <summary>Where in <see cref="Excerpt"/> the caret stands, from 0, and how many characters are meant.</summary>
    public int CaretStart { get; init; }

    /// <inheritdoc cref="CaretStart"/>
    public int CaretLength { get; init; } = 1;

    /// <summary>What was typed names nothing: a file that is not there, or a script. It is the command that is wrong, not a configuration.</summary>
    public bool IsUnknownTarget { get => field || (File is null && Flag is null); init; }

    /// <summary>The plain rendering: place, message, excerpt with a caret, hint; several lines, no trailing line break.</summary>
    public override string ToString() => DiagnosticText.Render(this);
}

/// <summary>An error ends the command (exit code 5); a warning is said and the work goes on.</summary>
public enum Severity
{
    Error,
    Warning,
}
