using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Output;
using ZeroDown.Platform;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Daemon;

/// <summary>Real FIFOs, real files: what a worker prints, and what stands in its files then.</summary>
public sealed class OutputPumpTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ConcurrentQueue<Exception> _faults = new();
    private readonly ConcurrentQueue<string> _daemonLines = new();
    private readonly FdPoller _poller;
    private readonly LogFiles _files;
    private readonly OutputPump _pump;
    private readonly LogPaths _paths;
    private long _worker;

    public OutputPumpTests()
    {
        _poller = new FdPoller("test", _faults.Enqueue);
        _paths = new LogPaths(_folder["logs"]);
        _files = new LogFiles(DaemonLog.Silent());
        _pump = new OutputPump(_poller, new LogDesk(_paths, _folder["zd.log"], _poller.Post) { WriteToDaemonLog = _daemonLines.Enqueue }, _files, _folder.Path);
    }

    public void Dispose()
    {
        _poller.Dispose();
        _folder.Dispose();
        Assert.Empty(_faults);
    }

    [Fact]
    public void Lines_get_their_date_one_by_one()
    {
        using var output = Start(new LogSpec { DateFormat = "[at]" });
        Fd.Write(output.WorkerEnd, "one\ntwo\n"u8);
        Holds("logs/web-out.log", "at: one\nat: two\n");
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("[at]", "at: ")]
    public void Half_a_line_is_shown_after_a_silence_and_stays_where_no_crash_of_ours_can_lose_it(string? date, string prefix)
    {
        using var output = Start(new LogSpec { DateFormat = date, CombinedFile = _folder["all.log"] });
        Fd.Write(output.WorkerEnd, "one\nname? "u8);
        Holds("all.log", $"{prefix}one\n{prefix}name? ");
        Assert.Equal("name? ", PutAside);
        Fd.Write(output.WorkerEnd, "[y"u8);
        Holds("all.log", $"{prefix}one\n{prefix}name? [y");
        Fd.Write(output.WorkerEnd, "]\nlast\n"u8);
        Holds("all.log", $"{prefix}one\n{prefix}name? [y]\n{prefix}last\n");
        Holds("logs/web-out.log", $"{prefix}one\n{prefix}name? [y]\n{prefix}last\n");
        Eventually.Equal(0, () => output.BytesWaiting, "whole lines are taken");
        Assert.Equal("", PutAside);
    }

    [Fact]
    public void Lines_of_others_come_below_half_a_line_that_is_shown()
    {
        using var one = Start(new LogSpec { CombinedFile = _folder["all.log"], Merge = true });
        using var other = Start(new LogSpec { CombinedFile = _folder["all.log"], Merge = true });
        Fd.Write(one.WorkerEnd, "name? "u8);
        Holds("all.log", "name? ");
        Fd.Write(other.WorkerEnd, "other\n"u8);
        Holds("all.log", "name? \nother\n");
        Fd.Write(one.WorkerEnd, "zd\n"u8);
        Holds("all.log", "name? \nother\nzd\n");
    }

    [Fact]
    public void Half_an_object_of_JSON_waits_for_its_end()
    {
        using var output = Start(new LogSpec { Json = true });
        Fd.Write(output.WorkerEnd, "one\ntw"u8);
        Eventually.Equal("tw", () => PutAside, "the half is put aside");
        Assert.Equal(0, output.BytesWaiting);
        Fd.Write(output.WorkerEnd, "o\n"u8);
        Eventually.Equal(2, () => File.Exists(_folder["logs/web-out.log"]) ? File.ReadAllLines(_folder["logs/web-out.log"]).Count(line => line.StartsWith('{') && line.EndsWith('}')) : 0, "two objects");
    }

    [Fact]
    public void Half_a_line_waits_for_its_end_where_no_crash_of_ours_can_lose_it()
    {
        using var output = Start(new LogSpec { DateFormat = "[at]" });
        Fd.Write(output.WorkerEnd, "one\ntw"u8);
        Holds("logs/web-out.log", "at: one\n");
        Eventually.Equal("tw", () => PutAside, "the half is put aside");
        Assert.Equal(0, output.BytesWaiting);
        Assert.Equal(["one", "tw"], _pump.LastLines(new WorkerId(_worker)));
        Fd.Write(output.WorkerEnd, "o\n"u8);
        Holds("logs/web-out.log", "at: one\nat: two\n");
    }

    [Fact]
    public void What_was_begun_and_never_ended_is_written_when_the_worker_is_gone()
    {
        var ended = new ManualResetEvent(false);
        using var output = Start(new LogSpec { DateFormat = "[at]" }, onEnd: () => ended.Set());
        Fd.Write(output.WorkerEnd, "one\ndying wor"u8);
        output.WorkerEnd.Dispose();
        Eventually.Signalled(ended, "the stream ends");
        Holds("logs/web-out.log", "at: one\nat: dying wor\n");
        Assert.Equal(["one", "dying wor"], _pump.LastLines(new WorkerId(_worker)));
    }

    [Fact]
    public void A_line_that_does_not_end_is_cut_and_loses_nothing()
    {
        using var output = Start(new LogSpec { DateFormat = "[at]" });
        output.WorkerEnd.IsNonBlocking = true;
        var line = Encoding.ASCII.GetBytes(new string('x', 300_000));
        for (var written = 0; written < line.Length;)
        {
            var count = output.WorkerEnd.Write(line.AsSpan(written));
            written += count;
            if (count == 0)
                Thread.Yield();
        }

        Fd.Write(output.WorkerEnd, "\n"u8);
        Eventually.Equal(300_000, () => Text("logs/web-out.log").Count(c => c == 'x'), "every byte arrives");
        Assert.InRange(Text("logs/web-out.log").Split('\n').Length, 2, 40);
    }

    [Fact]
    public void Many_lines_at_once_all_arrive_in_order()
    {
        using var output = Start(new LogSpec { DateFormat = "[at]" });
        var lines = string.Concat(Enumerable.Range(0, 50_000).Select(number => $"line {number}\n"));
        var writer = new Thread(() =>
        {
            var bytes = Encoding.ASCII.GetBytes(lines);
            for (var at = 0; at < bytes.Length; at += 1000)
                Fd.Write(output.WorkerEnd, bytes.AsSpan(at, Math.Min(1000, bytes.Length - at)));
        });
        writer.Start();
        writer.Join();
        Holds("logs/web-out.log", string.Concat(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"at: {line}\n")));
    }

    [Fact]
    public void Json_lines_have_pm2s_members()
    {
        using var output = Start(new LogSpec { Json = true }, error: true);
        Fd.Write(output.WorkerEnd, "say \"hä\"\n"u8);
        Eventually.True(() => Text("logs/web-error.log").EndsWith('\n'), "the line arrives");
        using var line = JsonDocument.Parse(Text("logs/web-error.log"));
        Assert.Equal(["message", "timestamp", "type", "process_id", "app_name"], line.RootElement.EnumerateObject().Select(member => member.Name));
        Assert.Equal("say \"hä\"", line.RootElement.GetProperty("message").GetString());
        Assert.Equal("err", line.RootElement.GetProperty("type").GetString());
        Assert.Equal(7, line.RootElement.GetProperty("process_id").GetInt32());
    }

    [Fact]
    public void The_combined_file_has_both_streams_beside_their_own_files()
    {
        var log = new LogSpec { CombinedFile = _folder["deep/all.log"] };
        using var output = Start(log);
        using var error = Start(log, error: true);
        Fd.Write(output.WorkerEnd, "out\n"u8);
        Holds("deep/all.log", "out\n");
        Fd.Write(error.WorkerEnd, "err\n"u8);
        Holds("deep/all.log", "out\nerr\n");
        Holds("logs/web-out.log", "out\n");
        Holds("logs/web-error.log", "err\n");
    }

    [Fact]
    public void What_goes_nowhere_can_still_be_quoted()
    {
        using var output = Start(new LogSpec { Disabled = true });
        Fd.Write(output.WorkerEnd, "last words\n"u8);
        Eventually.Equal(0, () => output.BytesWaiting, "it is read away");
        Assert.Equal(["last words"], _pump.LastLines(new WorkerId(_worker)));
        Assert.False(Directory.Exists(_folder["logs"]));
    }

    [Fact]
    public void What_goes_into_a_FIFO_can_still_be_quoted()
    {
        Assert.Equal(0, Tool.Run("mkfifo", _folder["pipe"]).ExitCode);
        using var output = Start(new LogSpec { OutFile = _folder["pipe"] });
        Fd.Write(output.WorkerEnd, "last words\n"u8);
        Eventually.Equal(0, () => output.BytesWaiting, "it is taken");
        Eventually.True(() => _pump.LastLines(new WorkerId(_worker)) is ["last words"], "it can be quoted");
    }

    [Theory]
    [InlineData("/dev/stdout", "/dev/stdout")]
    [InlineData("/dev/stderr", "/dev/stderr")]
    [InlineData("/dev/fd/1", "/dev/stdout")]
    [InlineData("/dev/fd/2", "/dev/stderr")]
    [InlineData("/proc/self/fd/2", "/dev/stderr")]
    [InlineData("/dev/fd/7", "/dev/stdout")]
    [InlineData("/dev/fd/", null)]
    [InlineData("/dev/null", null)]
    [InlineData("/var/log/dev/stdout", null)]
    public void A_path_that_names_a_standard_stream_is_known(string path, string? stream) => Assert.Equal(stream, StreamPath.Of(path));

    [Fact]
    public void Standard_streams_go_to_the_daemons_log_and_to_followers_and_can_be_quoted()
    {
        using var output = Start(new LogSpec { OutFile = "/dev/stdout", ErrorFile = "/dev/fd/1" });
        using var error = Start(new LogSpec { OutFile = "/dev/stdout", ErrorFile = "/dev/fd/1" }, error: true);
        Fd.Write(output.WorkerEnd, "one\n"u8);
        Eventually.True(() => _daemonLines.Count == 1, "the first line arrives");
        Fd.Write(error.WorkerEnd, "two\n"u8);
        Eventually.True(() => _daemonLines.Count == 2, "the second line arrives");

        Assert.Equal(["web:7 | one", "web:7 | two"], _daemonLines);
        Assert.Equal(["two"], _pump.LastLines(new WorkerId(_worker)));
        Assert.False(Directory.Exists(_folder["logs"]));
    }

    [Fact]
    public void The_slots_of_an_app_share_a_standard_stream() =>
        Assert.Equal(("/dev/stdout", "/dev/stderr"), _paths.Of(Some.App(instances: 4) with { Log = new LogSpec { OutFile = "/dev/stdout", ErrorFile = "/proc/self/fd/2" } }, 3));

    [Fact]
    public void After_a_rotation_and_a_reopening_the_new_file_is_written()
    {
        using var output = Start(new LogSpec());
        Fd.Write(output.WorkerEnd, "old\n"u8);
        Holds("logs/web-out.log", "old\n");
        File.Move(_folder["logs/web-out.log"], _folder["logs/web-out.log.1"]);
        Assert.Empty(_files.ReopenAll());
        Fd.Write(output.WorkerEnd, "new\n"u8);
        Holds("logs/web-out.log", "new\n");
        Assert.Equal("old\n", Text("logs/web-out.log.1"));
    }

    [Fact]
    public void The_next_daemon_goes_on_in_the_middle_of_a_line()
    {
        using var output = Taken(new LogSpec(), "begun and ");
        Fd.Write(output.WorkerEnd, "ended\n"u8);
        Holds("logs/web-out.log", "begun and ended\n");
        Eventually.Equal("begun and ended", () => string.Join('|', _pump.LastLines(new WorkerId(_worker))), "it can be quoted, a moment after it is written");
    }

    [Fact]
    public void What_was_thrown_away_while_nobody_read_is_marked_on_a_line_of_its_own()
    {
        using var output = Taken(new LogSpec(), "begun and ", lost: 1234);
        Fd.Write(output.WorkerEnd, "ended\n"u8);
        Holds("logs/web-out.log", "begun and \nZD | … 1234 bytes of output were lost while no daemon was there\nended\n");
    }

    [Fact]
    public void A_rewritten_line_that_a_kill_has_torn_is_written_again_whole()
    {
        using var output = Taken(new LogSpec { DateFormat = "[at]" }, "at: one\nat: tw", waiting: "two\nthr");
        Holds("logs/web-out.log", "at: one\nat: tw\nat: two\n");
        Fd.Write(output.WorkerEnd, "ee\n"u8);
        Holds("logs/web-out.log", "at: one\nat: tw\nat: two\nat: three\n");
    }

    [Fact]
    public void In_a_file_of_JSON_lines_the_marker_is_one_too()
    {
        using var output = Taken(new LogSpec { Json = true }, "", lost: 5, waiting: "a\n");
        Eventually.True(() => Text("logs/web-out.log").Count(letter => letter == '\n') == 2, "both lines arrive", () => Text("logs/web-out.log"));
        Assert.All(Text("logs/web-out.log").TrimEnd().Split('\n'), line => JsonDocument.Parse(line).Dispose());
    }

    [Fact]
    public void A_stream_that_ended_while_nobody_read_is_read_to_its_end()
    {
        var ended = new ManualResetEvent(false);
        using var output = Taken(new LogSpec(), "", waiting: "last words", onEnd: () => ended.Set(), close: true);
        Eventually.Signalled(ended, "the stream ends");
        Holds("logs/web-out.log", "last words");
    }

    [Fact]
    public void Half_a_line_that_was_put_aside_goes_on_with_the_next_daemon()
    {
        File.WriteAllText(_folder[$"half-{_worker + 1}-out"], "be");
        using var output = Taken(new LogSpec { DateFormat = "[at]" }, "at: one\n", waiting: "gun");
        Eventually.Equal("begun", () => PutAside, "what comes stands behind it");
        Fd.Write(output.WorkerEnd, " and ended\n"u8);
        Holds("logs/web-out.log", "at: one\nat: begun and ended\n");
        Eventually.Equal("", () => PutAside, "nothing is left of it");
    }

    [Fact]
    public void What_another_worker_of_that_number_has_left_is_forgotten()
    {
        File.WriteAllText(_folder[$"half-{_worker + 1}-out"], "of another life");
        using var output = Start(new LogSpec { DateFormat = "[at]" });
        Fd.Write(output.WorkerEnd, "mine\n"u8);
        Holds("logs/web-out.log", "at: mine\n");
    }

    [Fact]
    public void Where_nothing_can_be_put_aside_nothing_hangs_and_nothing_is_lost()
    {
        Directory.CreateDirectory(_folder[$"half-{_worker + 1}-out"]);
        using var output = Start(new LogSpec { DateFormat = "[at]" });
        Fd.Write(output.WorkerEnd, "hal"u8);
        Eventually.Equal(0, () => output.BytesWaiting, "it is taken all the same");
        Fd.Write(output.WorkerEnd, "f\n"u8);
        Holds("logs/web-out.log", "at: half\n");
    }

    private string PutAside => Text($"half-{_worker}-out");

    /// <summary>A stream whose daemon was killed: this stands in its file already, and that waits in its FIFO.</summary>
    private OutputFifo Taken(LogSpec log, string written, string waiting = "", long lost = 0, Action? onEnd = null, bool close = false)
    {
        var order = new LaunchWorker(new WorkerId(++_worker), Some.App(instances: 1) with { Log = log }, 0, 7, 1);
        Directory.CreateDirectory(_folder["logs"]);
        File.WriteAllText(_folder["logs/web-out.log"], written);
        var output = OutputFifo.Create(_folder.Path);
        Fd.Write(output.WorkerEnd, Encoding.UTF8.GetBytes(waiting));
        if (close)
            output.WorkerEnd.Dispose();
        _pump.GoOn(order.Worker, OutputCourse.Of(order, _paths), error: false, output.ReadEnd, lost, onEnd ?? (() => { }));
        return output;
    }

    private OutputFifo Start(LogSpec log, bool error = false, Action? onEnd = null)
    {
        var spec = Some.App(instances: 1) with { Log = log };
        var output = OutputFifo.Create(_folder.Path);
        var order = new LaunchWorker(new WorkerId(++_worker), spec, 0, 7, 1);
        _pump.Read(order.Worker, OutputCourse.Of(order, _paths), error, output.ReadEnd, onEnd ?? (() => { }));
        return output;
    }

    private string Text(string name) => File.Exists(_folder[name]) ? File.ReadAllText(_folder[name]) : "";

    private void Holds(string name, string text) => Eventually.True(() => Text(name) == text, $"{name} holds what was printed", () => Text(name));
}
