using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>Reloads under clients over HTTP/2 that try nothing again: Node's own, and grpc-js. A GOAWAY of ours must not make them refuse a stream of their own.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class Http2ClientSpecs : NodeClusterTest
{
    [Theory]
    [InlineData("http2", 8, 1, 0)]
    [InlineData("http2", 8, 1, 20)]
    [InlineData("http2", 2, 10, 10)]
    [InlineData("grpc", 8, 1, 0)]
    [InlineData("grpc", 8, 1, 20)]
    [InlineData("grpc", 2, 10, 10)]
    public async Task No_stream_fails_over_reloads(string kind, int sessions, int streams, int delayMs)
    {
        _ = await NodeApps.Packaged("grpc.cjs");
        var program = kind == "grpc" ? $"process.env.PORT = '{Port}'; require('{Path.Combine(NodeApps.Folder, "grpc.cjs")}');" : $$"""
            const server = require('http2').createServer((request, response) => {
              const delay = Number(new URL(request.url, 'http://x').searchParams.get('delay'));
              const answer = () => response.end(`here is my voice pid=${process.pid}`);
              if (delay === 0) answer(); else setTimeout(answer, delay);
            }).listen({{Port}}, '127.0.0.1');
            process.on('SIGINT', () => server.close());
            """;
        (await Zd.Run("start", WriteNode(program))).Succeeded();
        using var client = Http2Client.Start(kind, Port, sessions, streams, delayMs);
        await client.MoreAnswers(100);
        var reloads = NodeApps.Soak ? 20 : 3;
        for (var i = 0; i < reloads; i++)
        {
            (await Zd.Run("reload", "web")).Succeeded();
            await client.MoreAnswers(100);
        }

        var counts = await client.Stop();
        TestContext.Current.TestOutputHelper?.WriteLine(counts.ToString());
        Assert.True(counts.Failed == 0, counts.ToString());
        Assert.True(counts.Workers > reloads, counts.ToString());
    }
}
