namespace ZeroDown.Tests.AspNetCore;

/// <summary>Where the programs that these tests start were built: in the same configuration as the tests themselves.</summary>
internal static class BuiltProgram
{
    public static string WebWorker { get; } = Find("tests/TestWebWorker", "net10.0", "TestWebWorker.dll");

    /// <summary>A stranger's program, with nothing of ours in its folder.</summary>
    public static string HelloWeb { get; } = Find("samples/hello-web", "net10.0", "HelloWeb.dll");

    public static string Library { get; } = Find("src/ZeroDown.AspNetCore", "net8.0", "ZeroDown.AspNetCore.dll");

    /// <summary>The library as the web worker has it: one process cannot load two files of the same assembly name.</summary>
    public static string LibraryOfWebWorker { get; } = Path.Combine(Path.GetDirectoryName(WebWorker)!, "ZeroDown.AspNetCore.dll");

    private static string Find(string project, string framework, string file)
    {
        var configuration = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ZeroDown.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no ZeroDown.sln above the tests");
        }

        return Path.Combine(folder, project, "bin", configuration, framework, file);
    }
}
