using System.Diagnostics;
using System.Globalization;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>A test with Node programs that know nothing of their supervisor. Skipped where there is no Node.</summary>
public abstract class NodeClusterTest : EndToEndTest
{
    private const int Oldest = 18;
    private static readonly Lazy<int?> Version = new(FindVersion);

    /// <summary>Answers with its pid; whatever happens to it happens by Node's own rules.</summary>
    protected string Server(string listen = "") => $$"""
        const http = require('http');
        const server = http.createServer((request, response) => {
          const delay = +(new URL(request.url, 'http://x').searchParams.get('delay') || 0);
          setTimeout(() => response.end(`here is my voice pid=${process.pid} worker=${require('cluster').worker?.id}`), delay);
        });
        server.listen({{(listen.Length > 0 ? listen : Port.ToString(CultureInfo.InvariantCulture))}}, () => console.log('listening', JSON.stringify(server.address())));
        """;

    /// <summary>Writes the program and an ecosystem file for it, and returns the file's path.</summary>
    /// <param name="program">JavaScript.</param>
    /// <param name="options">One per line, not indented.</param>
    /// <param name="name">Of the app.</param>
    protected string WriteNode(string program, string options = "instances: 2", string name = "web")
    {
        Assert.SkipUnless(Version.Value is not null, "node is not on PATH");
        Assert.SkipUnless(Version.Value >= Oldest, $"node is of version {Version.Value}, and {Oldest} is needed");
        Zd.Write($"{name}.cjs", program);
        return Zd.Write($"{name}.yaml", App(name, $"{name}.cjs", options));
    }

    /// <summary>Everything that the app's workers have printed.</summary>
    protected string Printed => Path.Combine(Zd.Home, "logs") is var logs && Directory.Exists(logs)
        ? string.Concat(Directory.EnumerateFiles(logs).Order(StringComparer.Ordinal).Select(Read))
        : "";

    protected Task EventuallyPrints(string text, int times = 1) => Eventually.Holds(
        () => Task.FromResult(Printed.Split(text).Length > times), $"the workers print '{text}' {times} times", Zd.Evidence);

    protected static string Read(string path)
    {
        using var file = new StreamReader(path, new FileStreamOptions { Share = FileShare.ReadWrite | FileShare.Delete });
        return file.ReadToEnd();
    }

    protected string DaemonLog => Read(Path.Combine(Zd.Home, "zd.log"));

    protected async Task<IReadOnlyList<int>> Pids() => [.. (await Zd.List()).Select(worker => worker.Pid)];

    private static int? FindVersion()
    {
        try
        {
            using var node = Process.Start(new ProcessStartInfo("node", ["-p", "process.versions.node.split('.')[0]"]) { RedirectStandardOutput = true });
            return int.Parse(node!.StandardOutput.ReadToEnd(), CultureInfo.InvariantCulture);
        }
        catch (Exception problem) when (problem is System.ComponentModel.Win32Exception or FormatException)
        {
            return null;
        }
    }
}
