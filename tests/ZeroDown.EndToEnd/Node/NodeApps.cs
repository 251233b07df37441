using System.Diagnostics;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>
/// The programs of tests/node-apps. Their packages come from npm, once, into the node_modules beside them; a machine without Node, without
/// npm or without a registry skips the tests that need them, with the reason.
/// </summary>
internal static class NodeApps
{
    public static string Folder { get; } = Path.Combine(Programs.Root, "tests", "node-apps");

    private static readonly Lazy<Task<string?>> Packages = new(() => InstallAsync(Folder));
    private static readonly Lazy<Task<string?>> Runtimes = new(() => InstallAsync(Path.Combine(Folder, "runtimes")));
    private static readonly Lazy<Task<string?>> Build = new(BuildNextAsync);

    /// <summary>More and longer than a developer wants to wait for: ZD_SOAK=1.</summary>
    public static bool Soak { get; } = Environment.GetEnvironmentVariable("ZD_SOAK") == "1";

    /// <summary>A program that needs nothing but Node.</summary>
    public static string Plain(string name)
    {
        Assert.SkipUnless(Tool.IsOnPath("node"), "node is not on PATH");
        return Path.Combine(Folder, name);
    }

    /// <summary>A program that needs packages.</summary>
    public static async Task<string> Packaged(string name)
    {
        Skip(await Packages.Value);
        return Plain(name);
    }

    /// <summary>The folder of the Next.js program, built.</summary>
    public static async Task<string> Next()
    {
        Skip(await Packages.Value);
        Skip(await Build.Value);
        return Path.Combine(Folder, "next");
    }

    /// <summary>A runtime beside the one on PATH: bun, deno, node18, node22, node24.</summary>
    public static async Task<string> Runtime(string name)
    {
        Skip(await Runtimes.Value);
        var modules = Path.Combine(Folder, "runtimes", "node_modules");
        var program = name.StartsWith("node", StringComparison.Ordinal) ? Path.Combine(modules, name, "bin", "node") : Path.Combine(modules, ".bin", name);
        Assert.SkipUnless(File.Exists(program), $"npm has no {name} for this machine");
        return program;
    }

    private static void Skip(string? why) => Assert.SkipWhen(why is not null, why ?? "");

    private static async Task<string?> InstallAsync(string folder)
    {
        if (!Tool.IsOnPath("node") || !Tool.IsOnPath("npm"))
            return "node and npm are not both on PATH";
        // npm writes this file when everything else is there.
        var done = Path.Combine(folder, "node_modules", ".package-lock.json");
        if (File.Exists(done) && File.GetLastWriteTimeUtc(done) >= File.GetLastWriteTimeUtc(Path.Combine(folder, "package.json")))
            return null;
        var (code, said) = await Tool.RunAsync(folder, "npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error");
        return code == 0 ? null : $"npm install failed in {folder}: {said}";
    }

    private static async Task<string?> BuildNextAsync()
    {
        if (File.Exists(Path.Combine(Folder, "next", ".next", "BUILD_ID")))
            return null;
        var (code, said) = await Tool.RunAsync(Folder, "node", "node_modules/next/dist/bin/next", "build", "next");
        return code == 0 ? null : throw new InvalidOperationException($"next build failed: {said}");
    }

    private static class Tool
    {
        public static bool IsOnPath(string name) =>
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));

        public static async Task<(int Code, string Said)> RunAsync(string folder, string program, params string[] arguments)
        {
            var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["NEXT_TELEMETRY_DISABLED"] = "1";
            using var process = Process.Start(start)!;
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(5));
            return (process.ExitCode, await output + await error);
        }
    }
}
