using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>tests/node-apps/http2-client.cjs at work: Node's own HTTP/2 client, or grpc-js.</summary>
internal sealed class Http2Client : IDisposable
{
    private readonly Process _process;
    private volatile Counts _last = new(0, 0, 0, "");

    private Http2Client(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } text)
                _last = Counts.Parse(text);
        };
        _process.BeginOutputReadLine();
    }

    public static Http2Client Start(string kind, int port, int sessions, int streams, int delayMs)
    {
        var numbers = new[] { port, sessions, streams, delayMs }.Select(number => number.ToString(CultureInfo.InvariantCulture));
        return new Http2Client(Process.Start(new ProcessStartInfo("node", [Path.Combine(NodeApps.Folder, "http2-client.cjs"), kind, .. numbers])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
    }

    public Task MoreAnswers(int count)
    {
        var goal = _last.Answered + count;
        return Eventually.Holds(() => Task.FromResult(_last.Answered >= goal), $"{count} more answers", () => _last.ToString());
    }

    /// <summary>Lets what is under way end, and says how it went.</summary>
    public async Task<Counts> Stop()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        _process.WaitForExit(); // its last line too
        return _last;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    internal sealed record Counts(int Answered, int Failed, int Workers, string Json)
    {
        public static Counts Parse(string line)
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            return new(root.GetProperty("answered").GetInt32(), root.GetProperty("failed").GetInt32(), root.GetProperty("pids").GetArrayLength(), line);
        }

        public override string ToString() => Json;
    }
}
