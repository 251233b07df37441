using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>Where a shell looks for programs: the PATH of the person who types the command, from their folder.</summary>
public sealed class SearchPath(IReadOnlyDictionary<string, string> environment, string currentDirectory)
{
    public ImmutableArray<string> Folders { get; } =
        [.. (environment.GetValueOrDefault("PATH") ?? "/usr/local/bin:/usr/bin:/bin").Split(':', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>The absolute path of a program, or null.</summary>
    public string? Find(string name) =>
        Folders.Select(folder => Path.Combine(Path.GetFullPath(folder, currentDirectory), name)).FirstOrDefault(path => File.Exists(path) && IsExecutable(path));

    /// <summary>By the permission bits; root may execute what anybody may.</summary>
    public static bool IsExecutable(string path)
    {
        const UnixFileMode anybody = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        try
        {
            return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & anybody) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary><c>/usr/bin, /bin</c>.</summary>
    public override string ToString() => string.Join(", ", Folders);
}
