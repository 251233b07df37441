using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>That there is a daemon: the next one is started when the seat is empty, and who sits there has to answer, or is replaced.</summary>
internal sealed class DaemonSeat(KeeperOptions options, InheritedTraits traits, StartingLock starting, ReadyPipe cli, Renewal renewal, ChildWatch children)
{
    private readonly DaemonSchedule _schedule = new();
    private bool _wasEverReady;
    private bool _isAfterSuccession;

    internal DaemonProcess? Daemon { get; private set; }

    /// <summary>From which moment on there was none. One that never became ready has done nothing for anybody, so the time before it goes on.</summary>
    internal TimeSpan EmptySince { get; private set; } = Now;

    private static TimeSpan Now => MonotonicClock.Now;

    /// <summary>Goes on where a keeper before us was killed.</summary>
    internal void Inherit(KeeperFields dead)
    {
        _schedule.Inherit(dead);
        _schedule.HandedOver(dead.AloneSince, Now);
        _wasEverReady = true;
        _isAfterSuccession = true;
    }

    internal void Carry(CarriedTable to, DaemonProcess daemon) => to.Add(Carried.Daemon, fields => daemon.Carry(fields.I32(to.Keep(daemon.Handle))));

    /// <summary>Goes on where an earlier image of this very process stood.</summary>
    internal void Carry(KeeperFields before)
    {
        _schedule.Inherit(before);
        _wasEverReady = true;
    }

    /// <summary>The daemon that it had.</summary>
    internal void Carry(ref WireReader fields) => Daemon = DaemonProcess.Carried(ref fields, CarriedTable.Find(fields.I32())!, Now, options.Patience);

    internal KeeperFields Describe() => new(KeeperClient.ContractVersion, Environment.ProcessId, _schedule.Predecessors, _schedule.QuickDeaths)
    {
        AloneSince = EmptySince,
        OpenFiles = traits.OpenFiles,
        OomScoreAdjust = traits.OomScoreAdjust,
        Version = SelfImage.Version,
        Failures = _schedule.Failures,
    };

    internal void Welcome(DaemonProcess daemon) =>
        daemon.Tell(Describe().Write(new WireWriter().U8((byte)News.Welcome)).Flag(_isAfterSuccession));

    /// <summary>When <see cref="StartIfDue"/> or <see cref="Watch"/> want to be called next.</summary>
    internal TimeSpan NextDeadline(bool isEnding)
    {
        if (Daemon is null)
        {
            return _schedule.NextStart;
        }

        var retry = Daemon.IsReady && !isEnding || starting.IsHeld ? TimeSpan.MaxValue : Now + StartingLock.RetryAfter;
        return Daemon.NextDeadline < retry ? Daemon.NextDeadline : retry;
    }

    /// <returns>Why it cannot be started, if none was ever ready: then somebody may wait for it in vain.</returns>
    internal string? StartIfDue()
    {
        if (Daemon is not null || Now < _schedule.NextStart)
        {
            return null;
        }

        try
        {
            Daemon = DaemonProcess.Start(options, renewal.Program, renewal.Underway, Now);
            children.Resume();
            return null;
        }
        catch (SystemCallException e)
        {
            if (renewal.CannotStart(e))
            {
                return null;
            }

            KeeperLog.Say($"cannot start the daemon: {e.Message}");
            return NextAfter(startedAt: Now, $"the daemon cannot be started: {e.Message}");
        }
    }

    internal void BecomeReady(DaemonProcess daemon, bool tookOver)
    {
        daemon.BecomeReady(Now);
        renewal.DaemonIsReady(daemon);
        _isAfterSuccession &= !tookOver;
        _wasEverReady = true;
        starting.Release();
        cli.SayReady();
    }

    /// <summary>It is going to leave for one of another program.</summary>
    internal void MakeRoom(DaemonProcess daemon)
    {
        daemon.ExpectEnd(Now);
        LockOutOthers();
    }

    /// <summary>Who starts a keeper now waits to see what becomes of this one.</summary>
    internal void LockOutOthers() => _ = starting.TryTake();

    internal void Watch(bool isEnding)
    {
        if (Daemon is not { IsReady: true } || isEnding)
        {
            LockOutOthers();
        }

        if (Daemon is not { } daemon)
        {
            return;
        }

        if (daemon.IsOverdue(Now))
        {
            KeeperLog.Say($"the daemon (pid {daemon.Pid}) does not answer; it is killed and replaced");
            daemon.WasOverdue = true;
            daemon.Kill();
        }
        else
        {
            daemon.AskIfDue(Now);
        }
    }

    /// <returns>Who sat here and is reaped: what is told from here on does not reach anybody.</returns>
    internal DaemonProcess Vacate()
    {
        var left = Daemon!;
        Daemon = null;
        left.Dispose();
        return left;
    }

    /// <summary>It has ended, and another one is to follow.</summary>
    /// <returns>Why it ended, if none was ever ready: then somebody may wait for it in vain.</returns>
    internal string? Ended(DaemonProcess daemon, ChildExit exit)
    {
        if (daemon.IsReady)
        {
            EmptySince = Now;
        }

        if (renewal.Underway is not null)
        {
            _schedule.Left(Now);
            renewal.DaemonEnded(daemon, exit);
            return null;
        }

        KeeperLog.Say($"the daemon (pid {daemon.Pid}) ended: {daemon.LastWords ?? exit.ToString()}");
        return NextAfter(
            daemon.StartedAt,
            daemon.LastWords ?? $"the daemon ended before it listened: {exit}; {options.Home}/keeper.log may say why",
            isItsOwnFault: daemon.WasOverdue || (exit.Signal != Signals.Kill && !daemon.OnlyLacked));
    }

    private string? NextAfter(TimeSpan startedAt, string why, bool isItsOwnFault = false)
    {
        _schedule.Ended(startedAt, Now, isItsOwnFault);
        return _wasEverReady ? null : why;
    }
}
