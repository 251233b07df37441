using Xunit;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Survival;

namespace ZeroDown.Tests.Daemon.Survival;

public sealed class StateKeepingTests
{
    [Fact]
    public void States_that_come_while_one_is_being_written_are_one_and_the_newest_wins()
    {
        using var disk = new SlowDisk();
        using (var keeping = new StateKeeping(disk.Write, TimeSpan.Zero, DaemonLog.Silent(), isHeir: false))
        {
            keeping.Keep(At(1));
            disk.WaitUntilBusy();
            for (var step = 2; step <= 100; step++)
                keeping.Keep(At(step));
            disk.LetGo(2);
            Eventually.Equal(2, () => disk.Written.Length, "both states are on the disk");
        }

        Assert.Equal([1, 100], disk.Written);
    }

    [Fact]
    public void The_last_state_is_on_the_disk_when_it_ends_however_long_the_pause()
    {
        using var disk = new SlowDisk();
        disk.LetGo(100);
        using (var keeping = new StateKeeping(disk.Write, TimeSpan.FromHours(1), DaemonLog.Silent(), isHeir: false))
        {
            keeping.Keep(At(1));
            Eventually.Equal(1, () => disk.Written.Length, "the first is written at once");
            keeping.Keep(At(2));
            keeping.Keep(At(3));
            Assert.Equal([1], disk.Written);
        }

        Assert.Equal([1, 3], disk.Written);
    }

    [Fact]
    public void A_disk_that_is_full_is_a_problem_until_it_takes_a_state_again()
    {
        using var disk = new SlowDisk { Problem = "No space left on device (ENOSPC)" };
        disk.LetGo(100);
        using var keeping = new StateKeeping(disk.Write, TimeSpan.Zero, DaemonLog.Silent(), isHeir: false);
        keeping.Keep(At(1));
        Eventually.Equal("No space left on device (ENOSPC)", () => keeping.Problem, "the problem is known");

        disk.Problem = null;
        keeping.Keep(At(2));

        Eventually.Equal(null, () => keeping.Problem, "the problem is over");
        Assert.Equal([2], disk.Written);
    }

    [Fact]
    public void A_daemon_that_never_had_an_app_does_not_write_over_what_the_last_one_left()
    {
        using var disk = new SlowDisk();
        disk.LetGo(100);
        using (var keeping = new StateKeeping(disk.Write, TimeSpan.Zero, DaemonLog.Silent(), isHeir: false))
        {
            keeping.Keep(new Remembered(FleetState.Empty, DeskBook.Empty));
            keeping.Keep(new Remembered(FleetState.Empty with { Ended = true }, DeskBook.Empty));
        }

        Assert.Empty(disk.Written);
    }

    [Fact]
    public void An_end_that_does_not_reach_the_disk_is_said_with_what_comes_of_it()
    {
        using var disk = new SlowDisk { Problem = "No space left on device (ENOSPC)" };
        disk.LetGo(100);
        List<string> said = [];
        using var log = DaemonLog.Silent();
        log.Followers = said.Add;
        using (var keeping = new StateKeeping(disk.Write, TimeSpan.Zero, log, isHeir: true))
        {
            keeping.Keep(At(1));
            Eventually.True(() => keeping.Problem is not null, "the disk is known to be full");
            keeping.Keep(new Remembered(FleetState.Empty with { Ended = true }, DeskBook.Empty));
        }

        Assert.Contains("the next daemon starts it again, unless state.json is moved away", said[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void That_the_last_app_is_gone_is_written()
    {
        using var disk = new SlowDisk();
        disk.LetGo(100);
        using (var keeping = new StateKeeping(disk.Write, TimeSpan.Zero, DaemonLog.Silent(), isHeir: false))
        {
            keeping.Keep(At(1));
            keeping.Keep(new Remembered(FleetState.Empty with { NextWorker = 2 }, DeskBook.Empty));
        }

        Assert.Equal(2, disk.Written[^1]);
    }

    [Fact]
    public void An_heir_writes_that_the_last_app_was_deleted_before_it_came()
    {
        using var disk = new SlowDisk();
        disk.LetGo(100);
        using (var keeping = new StateKeeping(disk.Write, TimeSpan.Zero, DaemonLog.Silent(), isHeir: true))
            keeping.Keep(new Remembered(FleetState.Empty with { NextWorker = 2 }, DeskBook.Empty));

        Assert.Equal([2], disk.Written);
    }

    private static Remembered At(int step) => new(FleetCodecTests.Running(Some.App()) with { NextWorker = step }, DeskBook.Empty);

    /// <summary>Takes a state for each time that it is let go.</summary>
    private sealed class SlowDisk : IDisposable
    {
        private readonly List<long> _written = [];
        private readonly SemaphoreSlim _busy = new(0);
        private readonly SemaphoreSlim _free = new(0);

        public volatile string? Problem;

        public long[] Written
        {
            get
            {
                lock (_written)
                    return [.. _written];
            }
        }

        public void WaitUntilBusy() => Assert.True(_busy.Wait(Eventually.Deadline));

        public void LetGo(int times) => _free.Release(times);

        public void Write(Remembered state)
        {
            _busy.Release();
            if (!_free.Wait(Eventually.Deadline))
                throw new InvalidOperationException("the test did not let the disk go");
            if (Problem is { } problem)
                throw new IOException(problem);
            lock (_written)
                _written.Add(state.Fleet.NextWorker);
        }

        public void Dispose()
        {
            _busy.Dispose();
            _free.Dispose();
        }
    }
}
