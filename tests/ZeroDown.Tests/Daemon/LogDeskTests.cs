using System.Text;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Output;
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
        OutputWay way = rewritten ? new RewrittenWay(fifo.ReadEnd, new LineForm(course, error: false), [file]) : new SplicedWay(fifo.ReadEnd, file);
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
    public void A_file_that_was_emptied_is_read_from_its_beginning() => Assert.Equal(["a"], Behind("a\n", 100).Lines);

    [Fact]
    public void Half_a_line_is_shown_as_far_as_it_goes()
    {
        var (lines, end, _) = Behind("shown\nhal", 6);

        Assert.Equal(["hal"], lines);
        Assert.Equal(9, end);
    }

    [Fact]
    public void Of_very_many_lines_the_last_come_and_the_others_are_counted()
    {
        const int all = 300_000;
        var (lines, _, leftOut) = Behind(string.Concat(Enumerable.Range(0, all).Select(number => $"line {number:D6}\n")), 0);

        Assert.Equal($"line {all - 1:D6}", lines[^1]);
        Assert.InRange(lines.Length, 10_000, all - 1);
        // The line that the cut went through is half counted, half shown.
        Assert.InRange(lines.Length + leftOut, all, all + 1);
    }

    private (string[] Lines, long End, long LeftOut) Behind(string content, long position)
    {
        File.WriteAllText(_folder["file"], content);
        return LastLines.Behind(_folder["file"], position);
    }

    private async Task<RecordedNotices> Ask(LogsCommand command)
    {
        var notices = new RecordedNotices();
        await _desk.SendAsync(command, _fleet, [new Target(new AppName("web"))], notices, TestContext.Current.CancellationToken);
        return notices;
    }
}
