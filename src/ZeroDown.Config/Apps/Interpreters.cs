using System.Collections.Immutable;
using System.Text;

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

    /// <summary>A file without a telling ending whose first line asks for node, and nothing else of it.</summary>
    public static bool IsNodeScript(string path)
    {
        try
        {
            Span<byte> start = stackalloc byte[128];
            using var file = File.OpenRead(path);
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            var end = start.IndexOf((byte)'\n');
            return end > 0 && start.StartsWith("#!"u8) && IsNodeCommand(Encoding.UTF8.GetString(start[2..end]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsNodeCommand(string line) => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) switch
    {
        [var program] => IsNode(program),
        [var env, var program] => Path.GetFileName(env) == "env" && IsNode(program),
        _ => false,
    };

    public static bool IsNode(string program) => Path.GetFileName(program) is "node" or "nodejs";

    public static bool IsBun(string program) => Path.GetFileName(program) is "bun";
}
