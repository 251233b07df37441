using System.Diagnostics;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>Issue 3, claim 1: the scenario that ZeroDown exists for, with the files of samples/hello-node as they are.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class HelloNodeSpecs : EndToEndTest
{
    [Theory]
    [InlineData("ecosystem.yaml")]
    [InlineData("ecosystem.config.js")]
    public async Task The_scenario_runs_unchanged_and_its_client_never_prints_err(string file)
    {
        NodeApps.Plain("http.cjs");
        foreach (var path in Directory.GetFiles(Path.Combine(Programs.Root, "samples", "hello-node")))
            File.Copy(path, Path.Combine(Zd.Folder, Path.GetFileName(path)));
        Zd.Environment["PORT"] = $"{Port}";

        (await Zd.Run("start", file)).Succeeded();
        using var client = Process.Start(new ProcessStartInfo("node", [Path.Combine(Zd.Folder, "client.js"), Url.ToString()]) { RedirectStandardOutput = true })!;
        try
        {
            var heard = await HeardOfAnother(client);
            foreach (var command in new[] { "reload all", "restart all", $"reload {file} --env production", "reload all" })
            {
                (await Zd.Run(command.Split(' '))).Succeeded();
                heard.AddRange(await HeardOfAnother(client));
            }

            Assert.All(heard, line => Assert.StartsWith("here is my voice: Hello World! now is: ", line, StringComparison.Ordinal));
            Assert.All(await Zd.List(), row => Assert.Equal("online", row.Status));
        }
        finally
        {
            client.Kill();
        }
    }

    /// <summary>What the client prints until a worker has answered for the first time.</summary>
    private static async Task<List<string>> HeardOfAnother(Process client)
    {
        var heard = new List<string>();
        while (heard.Count == 0 || !heard[^1].EndsWith(" cnt: 1", StringComparison.Ordinal))
            heard.Add(await client.StandardOutput.ReadLineAsync().WaitAsync(Soon) ?? throw new EndOfStreamException("the client ended"));
        return heard;
    }
}
