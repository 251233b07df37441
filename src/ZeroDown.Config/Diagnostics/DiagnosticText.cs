using System.Text;

namespace ZeroDown.Config;

/// <summary>
/// The plain form that compilers use and editors can jump to, for pipes and terminals alike:
/// <code>
/// ecosystem.yaml:7:5: error: unknown key 'instaces'
///     instaces: 2
///     ^~~~~~~~
///   did you mean 'instances'?
/// </code>
/// </summary>
public static class DiagnosticText
{
    public static string Render(Diagnostic diagnostic)
    {
        var text = new StringBuilder();
        if (diagnostic.File is { } file)
        {
            text.Append(file).Append(':');
            if (diagnostic.Line > 0)
                text.Append(diagnostic.Line).Append(':').Append(diagnostic.Column).Append(':');
            text.Append(' ');
        }

        text.Append(diagnostic.Severity == Severity.Error ? "error: " : "warning: ");
        if (diagnostic.Flag is { } flag)
            text.Append(flag).Append(": ");
        if (diagnostic.Path is { } path)
            text.Append(path).Append(": ");
        text.Append(diagnostic.Message);

        if (diagnostic.Excerpt is { } excerpt)
        {
            text.Append("\n  ").Append(excerpt);
            text.Append("\n  ").Append(' ', diagnostic.CaretStart).Append('^').Append('~', Math.Max(0, diagnostic.CaretLength - 1));
        }

        if (diagnostic.Hint is { } hint)
            text.Append("\n  ").Append(hint);
        return text.ToString();
    }

    /// <summary>All of them, one blank line between two, no trailing line break.</summary>
    public static string Render(IEnumerable<Diagnostic> diagnostics) => string.Join("\n\n", diagnostics.Select(Render));
}
