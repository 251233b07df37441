using System.Text;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Survival;
using ZeroDown.Platform;
using ZeroDown.Protocol;
using ZeroDown.Tests.Platform;
using ZeroDown.Tests.Protocol;

namespace ZeroDown.Tests.Daemon;

/// <summary>Who follows can go on behind another daemon: every note says where in the file its lines end.</summary>
public sealed class LogDeskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DaemonLog _log = DaemonLog.Silent();
    private readonly LogDesk _desk;
    private readonly FleetState _fleet = new() { Apps = [new AppState { Spec = Some.App(instances: 1), Slots = [new SlotState { Slot = 0, PmId = 0 }] }] };

    public LogDeskTests() => _desk = new LogDesk(new LogPaths(_folder.Path), _folder["zd.log"], action => action());

    public void Dispose()
    {
        _log.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_note_says_where_its_lines_end_and_half_a_line_is_not_counted(bool rewritten)
    {
        using var fifo = OutputFifo.Create(_folder.Path);
        var course = new OutputCourse { App = "web", DateFormat = rewritten ? "HH:mm" : null };
        var log = _folder["web-out.log"];
        var file = new LogFiles(_log).Open(log);
        OutputWay way = rewritten ? new RewrittenWay(fifo.ReadEnd, new LineForm(course, error: false), [file], new HalfLine(_folder["half"])) : new SplicedWay(fifo.ReadEnd, file);
        var stream = new OutputStream(course, error: false, fifo.ReadEnd, way, _desk);
        using var leaving = new CancellationTokenSource();
        var notices = new RecordedNotices();
        var following = _desk.SendAsync(new LogsCommand { Follow = true, Lines = 0 }, _fleet, [], notices, leaving.Token);

        Fd.Write(fifo.WorkerEnd, "one\ntwo\nthr"u8);
        stream.ReadWhatIsThere();

        var note = notices.Logs.Last();
        Assert.Equal(2, note.Lines.Length);
        Assert.Equal(log, note.Source);
        Assert.EndsWith("two\n", Encoding.UTF8.GetString(File.ReadAllBytes(log).AsSpan(0, (int)note.End!.Value)), StringComparison.Ordinal);
        await leaving.CancelAsync();
        await following;
    }

    /// <summary>The attendant of `zd run` that is replaced asks once more before it goes; the next one gets what is printed behind the answer.</summary>
    [Fact]
    public async Task The_answer_to_a_request_behind_the_one_that_was_taken_back_means_that_later_lines_are_kept_for_the_next()
    {
        var waiting = new Queue<Action>();
        using var keepsakes = Keepsakes.Create();
        using var missed = new MissedLines(TimeProvider.System, keepsakes);
        var desk = new LogDesk(new LogPaths(_folder.Path), _folder["zd.log"], waiting.Enqueue, missed);
        using var leaving = new CancellationTokenSource();
        var (first, second) = (new RecordedNotices(), new RecordedNotices());
        var following = desk.SendAsync(new LogsCommand { Follow = true, Missed = true, Lines = 0 }, _fleet, [], first, leaving.Token);
        Run();
        Publish("one");

        leaving.Cancel();
        var asked = desk.SendAsync(new LogsCommand { Lines = 0, Out = false, Error = false }, _fleet, [], first, CancellationToken.None);
        Publish("two"); // the output thread has not come to either yet
        Run();
        await asked;
        await following;
        Publish("three");
        Assert.Equal(["one", "two"], first.Logs.SelectMany(note => note.Lines));

        using var end = new CancellationTokenSource();
        var next = desk.SendAsync(new LogsCommand { Follow = true, Missed = true, Lines = 0 }, _fleet, [], second, end.Token);
        Run();
        Eventually.True(() => !second.Logs.IsEmpty, "the next one is told");
        Assert.Equal(["three"], second.Logs.SelectMany(note => note.Lines));
        end.Cancel();
        Run();
        await next;

        void Publish(string line) => desk.Publish(new OutputCourse { App = "web" }, error: false, [line], null);

        void Run()
        {
            while (waiting.TryDequeue(out var action))
                action();
        }
    }

    [Fact]
    public async Task Whoever_goes_on_gets_what_stands_behind_and_nothing_twice()
    {
        File.WriteAllText(_folder["web-out.log"], "shown\nnew one\nnew two\n");
        File.WriteAllText(_folder["web-error.log"], "");

        var notices = await Ask(new LogsCommand { Targets = ["web"], Lines = 0, From = new() { [_folder["web-out.log"]] = 6, [_folder["web-error.log"]] = 0 } });

        var note = Assert.Single(notices.Logs, note => note.Lines.Length > 0);
        Assert.Equal(["new one", "new two"], note.Lines);
        Assert.Equal(22, note.End);
        Assert.Null(note.File);
    }

    [Fact]
    public async Task Whoever_follows_learns_where_a_file_ends_also_before_anything_is_written()
    {
        File.WriteAllText(_folder["web-out.log"], "old\n");
        using var leaving = new CancellationTokenSource();
        var notices = new RecordedNotices();

        var following = _desk.SendAsync(new LogsCommand { Follow = true, Lines = 0 }, _fleet, [new Target(new AppName("web"))], notices, leaving.Token);
        await leaving.CancelAsync();
        await following;

        Assert.Equal([(_folder["web-error.log"], 0L), (_folder["web-out.log"], 4L)], notices.Logs.Select(note => (note.Source!, note.End!.Value)).Order());
        Assert.All(notices.Logs, note => Assert.Empty(note.Lines));
    }

    [Fact]
    public async Task A_file_that_was_emptied_is_read_from_its_beginning() => Assert.Equal(["a"], (await Behind("a\n", 100)).Lines);

    [Fact]
    public async Task Half_a_line_is_shown_as_far_as_it_goes()
    {
        var (lines, end, _) = await Behind("shown\nhal", 6);

        Assert.Equal(["hal"], lines);
        Assert.Equal(9, end);
    }

    [Fact]
    public async Task Of_very_many_lines_the_last_come_and_the_others_are_counted()
    {
        const int all = 300_000;
        var (lines, _, leftOut) = await Behind(string.Concat(Enumerable.Range(0, all).Select(number => $"line {number:D6}\n")), 0);

        Assert.Equal($"line {all - 1:D6}", lines[^1]);
        Assert.InRange(lines.Length, 10_000, all - 1);
        // The line that the cut went through is half counted, half shown.
        Assert.InRange(lines.Length + leftOut, all, all + 1);
    }

    [Theory]
    [InlineData("one\ntwo\nthree\n", 2, new[] { "two", "three" })]
    [InlineData("one\ntwo\nthr", 2, new[] { "two", "thr" })]
    [InlineData("one\ntwo\n", 5, new[] { "one", "two" })]
    [InlineData("one\r\n\n", 2, new[] { "one", "" })]
    [InlineData("\n", 3, new[] { "" })]
    [InlineData("", 3, new string[0])]
    [InlineData("one\n", 0, new string[0])]
    public async Task The_last_lines_of_a_file_are_sent(string content, int asked, string[] expected)
    {
        File.WriteAllText(_folder["web-out.log"], content);

        var notices = await Ask(new LogsCommand { Targets = ["web"], Lines = asked });

        Assert.Equal(expected, notices.Logs.SelectMany(note => note.Lines));
        if (expected.Length > 0)
            Assert.Equal((_folder["web-out.log"], expected.Length), (notices.Logs.First().File, notices.Logs.First().Count));
    }

    [Fact]
    public async Task Many_lines_come_in_pieces_of_bounded_size_and_each_says_whether_more_follow()
    {
        var all = Enumerable.Range(0, 50_000).Select(number => $"line {number}").ToArray();
        File.WriteAllLines(_folder["web-out.log"], all);

        var notices = await Ask(new LogsCommand { Targets = ["web"], Lines = 1_000_000 });

        Assert.Equal(all, notices.Logs.SelectMany(note => note.Lines));
        Assert.All(notices.Logs, note => Assert.InRange(note.Weigh(), 1, 1024 * 1024));
        Assert.Equal([true, false], notices.Logs.Select(note => note.More).Distinct());
        Assert.Equal((50_000L, false), (notices.Logs.First().Count, notices.Logs.First().Cut));
        Assert.All(notices.Logs.Skip(1), note => Assert.Null(note.File));
    }

    [Fact]
    public async Task A_file_without_line_ends_is_not_read_as_a_whole_and_the_cut_is_said()
    {
        File.WriteAllText(_folder["web-out.log"], new string('x', 3_000_000) + "\nlast\n");

        var notices = await Ask(new LogsCommand { Targets = ["web"], Lines = 2 });

        Assert.True(notices.Logs.First().Cut);
        Assert.Equal(["last"], notices.Logs.SelectMany(note => note.Lines));
    }

    [Fact]
    public async Task New_lines_wait_until_the_last_lines_are_sent_and_then_come_in_order()
    {
        File.WriteAllLines(_folder["web-out.log"], Enumerable.Range(0, 10_000).Select(number => $"old {number}"));
        using var fifo = OutputFifo.Create(_folder.Path);
        var stream = new OutputStream(new OutputCourse { App = "web" }, error: false, fifo.ReadEnd, new SplicedWay(fifo.ReadEnd, new LogFiles(_log).Open(_folder["web-out.log"])), _desk);
        using var leaving = new CancellationTokenSource();
        var client = new SlowClient();
        var following = _desk.SendAsync(new LogsCommand { Follow = true, Lines = 1_000_000 }, _fleet, [new Target(new AppName("web"))], client, leaving.Token);
        Fd.Write(fifo.WorkerEnd, "new one\n"u8);
        stream.ReadWhatIsThere();
        Assert.Empty(client.Logs);

        client.Room.SetResult();

        Eventually.True(() => client.Logs.LastOrDefault()?.Lines is ["new one"], "the new line comes last");
        Assert.Equal(10_001, client.Logs.Sum(note => note.Lines.Length));
        await leaving.CancelAsync();
        await following;
    }

    [Fact]
    public async Task A_client_that_leaves_while_old_lines_are_sent_ends_the_sending()
    {
        File.WriteAllText(_folder["web-out.log"], "old\n");
        using var leaving = new CancellationTokenSource();
        var sending = _desk.SendAsync(new LogsCommand { Targets = ["web"] }, _fleet, [new Target(new AppName("web"))], new SlowClient(), leaving.Token);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        Assert.False(_desk.HasFollowers);
    }

    [Fact]
    public async Task What_is_not_a_regular_file_has_no_last_lines()
    {
        Assert.Equal(0, Tool.Run("mkfifo", _folder["web-out.log"]).ExitCode);

        Assert.Empty((await Ask(new LogsCommand { Targets = ["web"] })).Logs);
    }

    private async Task<(string[] Lines, long End, long LeftOut)> Behind(string content, long position)
    {
        File.WriteAllText(_folder["web-out.log"], content);
        var notices = (await Ask(new LogsCommand { Targets = ["web"], Lines = 0, From = new() { [_folder["web-out.log"]] = position } })).Logs;
        return ([.. notices.SelectMany(note => note.Lines)], notices.Last().End!.Value, notices.Sum(note => note.Dropped));
    }

    private async Task<RecordedNotices> Ask(LogsCommand command)
    {
        var notices = new RecordedNotices();
        await _desk.SendAsync(command, _fleet, [new Target(new AppName("web"))], notices, TestContext.Current.CancellationToken);
        return notices;
    }

    /// <summary>Has no room before the test says so.</summary>
    private sealed class SlowClient : IClientNotices
    {
        public TaskCompletionSource Room { get; } = new();

        public System.Collections.Concurrent.ConcurrentQueue<LogNote> Logs { get; } = [];

        public void Progress(ProgressNote note) => throw new InvalidOperationException("logs have no progress");

        public void Log(LogNote note) => Logs.Enqueue(note);

        public Task RoomAsync(CancellationToken cancellation) => Room.Task.WaitAsync(cancellation);
    }
}
