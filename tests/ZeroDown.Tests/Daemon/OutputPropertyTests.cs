using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Output;
using ZeroDown.Platform;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Daemon;

/// <summary>
/// Whatever a worker prints, in pieces of any size, through a FIFO of any capacity, with any log options, while daemons come and go: every byte arrives and nobody who writes is stuck.
/// <c>ZD_SOAK=1</c>: 200 runs of up to 8 MB; <c>ZD_SEED=N</c> begins elsewhere.
/// </summary>
public sealed partial class OutputPropertyTests : IDisposable
{
    private static readonly bool Soak = Environment.GetEnvironmentVariable("ZD_SOAK") == "1";
    private static readonly int First = int.Parse(Environment.GetEnvironmentVariable("ZD_SEED") ?? "1", System.Globalization.CultureInfo.InvariantCulture);
    private static readonly int[] Capacities = [4096, 8192, 16 * 1024, 64 * 1024, 1024 * 1024];

    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<Exception> _faults = new();
    private readonly DaemonLog _log = DaemonLog.Silent();
    private readonly LogPaths _paths;

    public OutputPropertyTests() => _paths = new LogPaths(_folder["logs"]);

    public void Dispose()
    {
        _log.Dispose();
        _folder.Dispose();
        Assert.Empty(_faults);
    }

    [Fact]
    public void Every_byte_arrives_and_no_writer_is_stuck()
    {
        for (var run = 0; run < (Soak ? 200 : 24); run++)
            Once(First + run);
    }

    private void Once(int seed)
    {
        var dice = new Random(seed);
        var capacity = Capacities[dice.Next(Capacities.Length)];
        var kills = dice.Next(2) * dice.Next(6);
        LogSpec[] options =
        [
            new(), new() { DateFormat = "[at]" }, new() { Json = true }, new() { CombinedFile = _folder["all.log"] }, new() { CombinedFile = _folder["all.log"], DateFormat = "[at]" },
        ];
        var log = options[dice.Next(options.Length)];
        var said = Words(dice, dice.Next(10) switch { 0 => 1, < 7 => 300_000, _ => Soak ? 8_000_000 : 2_850_000 });
        var what = $"seed {seed}: {said.Length} bytes through {capacity}, {kills} kills, {(log.Json ? "JSON " : "")}{log.DateFormat} {log.CombinedFile}";
        foreach (var file in Directory.Exists(_folder["logs"]) ? Directory.GetFiles(_folder["logs"]).Append(_folder["all.log"]) : [])
            File.Delete(file);

        var order = new LaunchWorker(new WorkerId(seed), Some.App(instances: 1) with { Log = log }, 0, 7, 1);
        using var output = OutputFifo.Create(_folder.Path);
        Assert.Equal(capacity, Interop.Fcntl(output.ReadEnd, Constants.F_SETPIPE_SZ, capacity));
        using var ended = new ManualResetEvent(false);
        var daemon = Daemon(order, output.ReadEnd.Duplicate(), ended, isFirst: true);
        var written = 0L;
        var largest = dice.Next(3) switch { 0 => 100, 1 => 20_000, _ => said.Length };
        var writer = new Thread(() =>
        {
            var sizes = new Random(seed);
            for (var at = 0; at < said.Length;)
            {
                at += Fd.Write(output.WorkerEnd, said.AsSpan(at, Math.Min(sizes.Next(1, largest + 1), said.Length - at)));
                Volatile.Write(ref written, at);
            }

            output.WorkerEnd.Dispose();
        });
        writer.Start();
        for (var kill = 1; kill <= kills; kill++)
        {
            var until = said.Length * kill / (kills + 1L);
            Goes(() => Volatile.Read(ref written) >= until);
            daemon.Dispose();
            daemon = Daemon(order, output.ReadEnd.Duplicate(), ended, isFirst: false);
        }

        Goes(() => ended.WaitOne(0));
        daemon.Dispose();
        foreach (var file in log.CombinedFile is { } combined ? (string[])[_folder["logs/web-out.log"], combined] : [_folder["logs/web-out.log"]])
        {
            var arrived = Arrived(file, log);
            if (kills == 0)
                Assert.True(arrived == Encoding.ASCII.GetString(said).Replace("\n", "", StringComparison.Ordinal), $"{what}: {file} has other bytes");
            var tokens = Token().Matches(arrived).Select(match => match.Value).ToHashSet();
            var missing = Token().Matches(Encoding.ASCII.GetString(said).Replace("\n", "", StringComparison.Ordinal)).Select(match => match.Value).Where(token => !tokens.Contains(token)).Take(5).ToList();
            Assert.True(missing.Count == 0, $"{what}: {file} lacks {string.Join(' ', missing)}");
        }

        Assert.Empty(Directory.GetFiles(_folder.Path, "half-*"));

        // As long as somebody gets on it may take as long as it likes.
        void Goes(Func<bool> there)
        {
            while (!there())
            {
                var (seen, waiting) = (Volatile.Read(ref written), output.ReadEnd.BytesWaiting);
                Eventually.True(() => there() || Volatile.Read(ref written) != seen || output.ReadEnd.BytesWaiting != waiting, "the writer gets on", () => $"{what}: {written} written, {output.ReadEnd.BytesWaiting} wait");
            }
        }
    }

    /// <summary>A poller and a pump of their own. Its end is not one in the middle of a step; that is what the tests with a real daemon do.</summary>
    private FdPoller Daemon(LaunchWorker order, FdHandle readEnd, ManualResetEvent ended, bool isFirst)
    {
        var poller = new FdPoller("test", _faults.Enqueue);
        var pump = new OutputPump(poller, new LogDesk(_paths, _folder["zd.log"], poller.Post), new LogFiles(_log), _folder.Path);
        if (isFirst)
            pump.Read(order.Worker, OutputCourse.Of(order, _paths), error: false, readEnd, () => ended.Set());
        else
            pump.GoOn(order.Worker, OutputCourse.Of(order, _paths), error: false, readEnd, 0, () => ended.Set());
        return poller;
    }

    /// <summary>Numbers in brackets, in lines of any length.</summary>
    private static byte[] Words(Random dice, int length)
    {
        var text = new StringBuilder(length + 12);
        var longest = dice.Next(4) switch { 0 => 1, 1 => 10, 2 => 3_000, _ => 40_000 };
        for (var (number, left) = (0, dice.Next(longest + 1)); text.Length < length; number++, left--)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"[{number:00000000}]");
            if (left > 0)
                continue;
            text.Append('\n');
            left = dice.Next(longest + 1) + 1;
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>What the file holds, without what was put there by us: dates, JSON, and the ends of lines that were cut.</summary>
    private static string Arrived(string file, LogSpec log)
    {
        var text = File.ReadAllText(file);
        if (!log.Json)
            return text.Replace("at: ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        return string.Concat(text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
        {
            using var json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("message").GetString();
        }));
    }

    [GeneratedRegex(@"\[\d{8}\]")]
    private static partial Regex Token();
}
