namespace ZeroDown.Cli.Health;

/// <summary>How much it matters.</summary>
internal enum Severity
{
    Good,

    /// <summary>Not used, or not there, and that is no fault.</summary>
    Note,

    /// <summary>It works, and will not always.</summary>
    Warning,

    /// <summary>Something does not work.</summary>
    Broken,
}

/// <summary>One line of <c>zd doctor</c>.</summary>
/// <param name="Subject">A word or two: what was looked at.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="Text">What was found.</param>
/// <param name="Remedy">What to type or change; null when nothing is to be done.</param>
internal sealed record Finding(string Subject, Severity Severity, string Text, string? Remedy = null)
{
    public static Finding Good(string subject, string text) => new(subject, Severity.Good, text);

    public static Finding Note(string subject, string text, string? remedy = null) => new(subject, Severity.Note, text, remedy);

    public static Finding Warn(string subject, string text, string remedy) => new(subject, Severity.Warning, text, remedy);

    public static Finding Broken(string subject, string text, string remedy) => new(subject, Severity.Broken, text, remedy);
}
