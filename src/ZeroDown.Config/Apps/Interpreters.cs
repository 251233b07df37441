using System.Collections.Immutable;

namespace ZeroDown.Config;

/// <summary>What runs a file, by its ending.</summary>
internal static class Interpreters
{
    /// <summary>Ending, the programs to look for on PATH (the first found is taken), and what stands directly before the script.</summary>
    private static readonly ImmutableArray<(string Ending, ImmutableArray<string> Programs, ImmutableArray<string> Before)> Table =
    [
        (".js", ["node"], []),
        (".cjs", ["node"], []),
        (".mjs", ["node"], []),
        (".ts", ["node"], []),
        (".mts", ["node"], []),
        (".cts", ["node"], []),
        (".py", ["python3", "python"], []),
        (".rb", ["ruby"], []),
        (".php", ["php"], []),
        (".pl", ["perl"], []),
        (".sh", ["bash", "sh"], []),
        (".jar", ["java"], ["-jar"]),
        (".dll", ["dotnet"], []),
    ];

    /// <summary>The programs and arguments for a file's ending; null when the file is executed itself.</summary>
    public static (ImmutableArray<string> Programs, ImmutableArray<string> Before)? For(string path)
    {
        var ending = Path.GetExtension(path).ToLowerInvariant();
        foreach (var row in Table)
        {
            if (row.Ending == ending)
                return (row.Programs, row.Before);
        }

        return null;
    }

    /// <summary>Sources that are built before they run.</summary>
    public static bool IsBuilt(string path) => Path.GetExtension(path).ToLowerInvariant() is ".csproj" or ".fsproj" or ".vbproj" or ".cs";

    public static bool IsNode(string program) => Path.GetFileName(program) is "node" or "nodejs";

    public static bool IsBun(string program) => Path.GetFileName(program) is "bun";
}
