namespace ZeroDown.Platform;

/// <summary>How to start this very program again.</summary>
/// <param name="Path">What to execute.</param>
/// <param name="Arguments">What stands before our own arguments.</param>
/// <param name="DisplayPath">The same for people, and for files that outlive this process.</param>
public sealed record SelfExecutable(string Path, IReadOnlyList<string> Arguments, string DisplayPath)
{
    /// <remarks>
    /// Linux: <c>/proc/self/exe</c>, which is still this file's content after an update has replaced the file, so the parts of one running system never mix versions.
    /// It means the caller's own executable, so a launcher must open it or use it in the process that asked. When the program was started as
    /// <c>dotnet zd.dll</c>, the executable is the .NET host, and the assembly is its first argument.
    /// </remarks>
    public static SelfExecutable Current { get; } = Find();

    /// <summary>All in one file, which runs on when its name is gone. A build for the JIT looks for what lies beside it, by its path, each time.</summary>
    public bool IsNative { get; private init; }

    private static SelfExecutable Find()
    {
        // .NET asks realpath(3), which knows no file that was removed.
        var real = Environment.ProcessPath ?? RunningProgram.PathOf(Environment.ProcessId) ?? throw new InvalidOperationException("this process has no executable path");
        var assembly = System.IO.Path.Combine(AppContext.BaseDirectory, $"{AppDomain.CurrentDomain.FriendlyName}.dll");
        var isNative = !File.Exists(assembly);
        return System.IO.Path.GetFileNameWithoutExtension(real) == "dotnet" && !isNative
            ? new SelfExecutable(real, [assembly], assembly)
            : new SelfExecutable(OperatingSystem.IsLinux() && isNative ? "/proc/self/exe" : real, [], real) { IsNative = isNative };
    }
}
