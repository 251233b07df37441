using System.Diagnostics;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Pm2;

/// <summary>
/// pm2 7 itself, from npm, once, in the node_modules of tests/pm2-files. A machine without Node, without npm or without a registry skips
/// the tests that need it, with the reason.
/// </summary>
internal static class RealPm2
{
    private static readonly Lazy<Task<string?>> Installed = new(InstallAsync);

    public static string Folder { get; } = Path.Combine(Programs.Root, "tests", "pm2-files");

    public static string Files { get; } = Path.Combine(Folder, "files");

    /// <summary>Runs a script of the folder with pm2 in reach and a PM2_HOME of its own, and returns what it prints.</summary>
    public static async Task<string> RunAsync(string home, string folder, string script, params string[] arguments)
    {
        var missing = await Installed.Value;
        Assert.SkipWhen(missing is not null, missing ?? "");
        var (code, output, error) = await ProcessAsync(folder, "node", home, [Path.Combine(Folder, script), .. arguments]);
        Assert.True(code == 0, error);
        return output;
    }

    private static async Task<string?> InstallAsync()
    {
        if (!IsOnPath("node") || !IsOnPath("npm"))
            return "node and npm are not both on PATH";
        // npm writes this file when everything else is there.
        var done = Path.Combine(Folder, "node_modules", ".package-lock.json");
        if (File.Exists(done) && File.GetLastWriteTimeUtc(done) >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package.json")))
            return null;
        var (code, output, error) = await ProcessAsync(Folder, "npm", null, ["install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]);
        return code == 0 ? null : $"npm install failed in {Folder}: {output}{error}";
    }

    private static bool IsOnPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));

    private static async Task<(int Code, string Output, string Error)> ProcessAsync(string folder, string program, string? home, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        if (home is not null)
            start.Environment["PM2_HOME"] = home;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
        return (process.ExitCode, await output, await error);
    }
}
