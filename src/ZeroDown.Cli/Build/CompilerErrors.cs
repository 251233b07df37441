using System.Collections.Immutable;
using ZeroDown.Config;

namespace ZeroDown.Cli.Build;

/// <summary>
/// What a person needs of a failed build: the errors, each once. MSBuild says an error once per project that saw it, with that
/// project's path behind it.
/// </summary>
internal static class CompilerErrors
{
    private const int Most = 20;

    /// <param name="stderr">Where <c>-getProperty</c> sends the build's own messages.</param>
    /// <param name="stdout">Where they are with an older SDK.</param>
    /// <param name="currentDirectory">Paths below it are shown relative to it.</param>
    public static ImmutableArray<string> In(string stderr, string stdout, string currentDirectory)
    {
        var lines = $"{stderr}\n{stdout}".Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var errors = lines.Where(IsError).Select(l => Printable.Escape(Relative(WithoutProject(l), currentDirectory))).Distinct().ToList();
        if (errors.Count == 0)
        {
            // Not a compiler's error (a broken SDK, a full disk): what was said last is the best there is.
            errors = [.. lines.Where(l => l is not ("{" or "}")).TakeLast(5).Select(l => Printable.Escape(l))];
        }

        if (errors.Count == 0)
            return ["dotnet ended with an error and said nothing"];
        return errors.Count <= Most ? [.. errors] : [.. errors.Take(Most), $"and {errors.Count - Most} more errors"];
    }

    private static bool IsError(string line) =>
        line.Contains(": error ", StringComparison.Ordinal) || line.Contains("error: ", StringComparison.OrdinalIgnoreCase) || line.StartsWith("error ", StringComparison.Ordinal);

    /// <summary><c>a.cs(1,2): error CS1: text [/x/y.csproj::TargetFramework=net10.0]</c> without the brackets.</summary>
    private static string WithoutProject(string line)
    {
        var bracket = line.EndsWith(']') ? line.LastIndexOf(" [", StringComparison.Ordinal) : -1;
        return bracket > 0 && line.IndexOf("proj", bracket, StringComparison.Ordinal) > 0 ? line[..bracket] : line;
    }

    private static string Relative(string line, string currentDirectory)
    {
        var folder = currentDirectory.TrimEnd('/') + "/";
        return folder.Length > 1 && line.StartsWith(folder, StringComparison.Ordinal) ? line[folder.Length..] : line;
    }
}
