using System.Reflection;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>Where the programs are that the tests start. All were built together with this assembly, in the same configuration.</summary>
internal static class Programs
{
    private static readonly Dictionary<string, string> Metadata = typeof(Programs).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(data => data.Value is not null)
        .ToDictionary(data => data.Key, data => data.Value!);

    /// <summary>The top folder of the repository.</summary>
    public static string Root { get; } = Metadata["Root"];

    /// <summary>The binary under test: <c>ZD_BINARY</c> (a published one), else the JIT build of src/ZeroDown.Cli.</summary>
    public static string Zd { get; } = Path.GetFullPath(Environment.GetEnvironmentVariable("ZD_BINARY") is { Length: > 0 } given
        ? given
        : Built("src/ZeroDown.Cli", "zd"));

    /// <summary>It is one native file. A JIT build is found by its path, with everything beside it.</summary>
    public static bool IsNative { get; } = !File.Exists(Zd + ".dll");

    /// <summary>A zd of its own for a test that takes it away.</summary>
    /// <returns>Its path.</returns>
    public static string CopyZd(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in IsNative ? [Zd] : Directory.GetFiles(Path.GetDirectoryName(Zd)!))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return Path.Combine(folder, Path.GetFileName(Zd));
    }

    public static string TestWorker { get; } = Built("tests/TestWorker", "TestWorker");

    /// <summary>An ASP.NET Core program that calls <c>UseZeroDown()</c>.</summary>
    public static string TestWebWorker { get; } = Built("tests/TestWebWorker", "TestWebWorker");

    /// <summary>An ASP.NET Core program that knows nothing of its supervisor.</summary>
    public static string HelloWeb { get; } = Built("samples/hello-web", "HelloWeb");

    /// <summary>TestWebWorker published ahead of time, when somebody has published it.</summary>
    public static string AotWebWorker { get; } = Environment.GetEnvironmentVariable("ZD_AOT_WORKER") is { Length: > 0 } given
        ? Path.GetFullPath(given)
        : Path.Combine(Root, "artifacts/aot-worker/TestWebWorker");

    public const string HowToMakeTheAotWorker = "dotnet publish tests/TestWebWorker -c Release -p:PublishAot=true -o artifacts/aot-worker";

    private static string Built(string project, string name) => Path.Combine(Root, project, Metadata["Output"], name);
}
