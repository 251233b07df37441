using Xunit;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Survival;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Daemon;

/// <summary>What the attendant of `zd run` finds when it comes back.</summary>
public sealed class MissedLinesTests : IDisposable
{
    private readonly HandTime _time = new();
    private readonly Keepsakes _keepsakes = Keepsakes.Create();
    private readonly List<string> _got = [];
    private long _gotDropped;

    public void Dispose() => _keepsakes.Dispose();

    [Fact]
    public void A_daemon_to_whom_nobody_attended_leaves_nothing_to_keep_for_the_next()
    {
        using var missed = new MissedLines(_time, _keepsakes);

        Print(missed, "line");

        Assert.False(missed.IsOpen);
        Assert.Empty(_time.Timers);
    }

    [Fact]
    public void The_next_daemon_keeps_lines_for_who_attended_to_the_last()
    {
        using (var last = new MissedLines(_time, _keepsakes))
            last.Attend(Take);
        using var next = new MissedLines(_time, _keepsakes);

        Print(next, "while he is away");
        next.Attend(Take);
        Print(next, "he hears this himself");

        Assert.Equal(["while he is away"], _got);
        Assert.False(next.IsOpen);
    }

    [Fact]
    public void When_nobody_comes_back_what_is_kept_goes_without_another_line_and_the_next_daemon_keeps_nothing()
    {
        using var missed = new MissedLines(_time, _keepsakes);
        missed.Attend(Take);
        missed.Leave();
        Print(missed, "line");

        _time.PatienceEnds();

        Assert.False(missed.IsOpen);
        Assert.False(_keepsakes.IsAttended);
        missed.Attend(Take);
        Assert.Empty(_got);
    }

    [Fact]
    public void As_long_as_another_one_attends_nothing_is_kept_and_nothing_runs_out()
    {
        using var missed = new MissedLines(_time, _keepsakes);
        missed.Attend(Take);
        missed.Attend(Take);

        missed.Leave();

        Assert.False(missed.IsOpen);
        Assert.True(_keepsakes.IsAttended);
    }

    [Fact]
    public void A_patience_that_ends_late_does_not_end_the_next_one()
    {
        using var missed = new MissedLines(_time, _keepsakes);
        missed.Attend(Take);
        missed.Leave();
        var late = _time.Timers.Single();
        missed.Attend(Take);
        missed.Leave();

        late.Fire();

        Assert.True(missed.IsOpen);
    }

    [Fact]
    public void Beyond_its_room_lines_are_counted_and_said_behind_those_that_are_kept()
    {
        using var missed = new MissedLines(_time, _keepsakes);
        missed.Attend(Take);
        missed.Leave();
        var large = new string('x', 1024 * 1024);
        const int all = 1000;

        for (var line = 0; line < all; line++)
            Print(missed, large);
        Print(missed, "short, and later than what is missing");
        missed.Attend(Take);

        Assert.InRange(_got.Sum(line => 2L * line.Length), 1, MissedLines.Room);
        Assert.All(_got, line => Assert.Same(large, line));
        Assert.Equal(all + 1, _got.Count + _gotDropped);
    }

    private static void Print(MissedLines missed, string line) => missed.Keep(() => (new LogNote { App = "web", Stream = "out", Lines = [line] }, 0));

    private void Take(LogNote note, int slot)
    {
        _got.AddRange(note.Lines);
        _gotDropped += note.Dropped;
    }

    /// <summary>Timers go off when the test says so.</summary>
    private sealed class HandTime : TimeProvider
    {
        public List<HandTimer> Timers { get; } = [];

        public void PatienceEnds() => Timers.Where(timer => !timer.IsDisposed).ToList().ForEach(timer => timer.Fire());

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new HandTimer(() => callback(state));
            Timers.Add(timer);
            return timer;
        }
    }

    private sealed class HandTimer(Action fire) : ITimer
    {
        public bool IsDisposed { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => IsDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
