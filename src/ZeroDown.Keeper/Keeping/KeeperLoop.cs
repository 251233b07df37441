using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>The keeper's one loop: what the daemon orders, what becomes of the children, and that there is a daemon. Everything happens on this thread.</summary>
internal sealed class KeeperLoop
{
    private readonly KeeperOptions _options;
    private readonly InheritedTraits _traits;
    private readonly KeeperLocks _locks;
    private readonly WakePipe _wake;
    private readonly Foreground? _foreground;
    private readonly PollList _list = new();
    private readonly Renewal _renewal = new();
    private readonly ChildWatch _children;
    private readonly DaemonSeat _seat;
    private readonly Holdings _holdings;
    private readonly OutputRelief _relief;
    private readonly Ending _ending;
    private readonly DaemonOrders _orders;

    internal KeeperLoop(KeeperOptions options, InheritedTraits traits, KeeperLocks locks, ReadyPipe cli, WakePipe wake, Foreground? foreground)
    {
        (_options, _traits, _locks, _wake, _foreground) = (options, traits, locks, wake, foreground);
        _children = new ChildWatch(wake);
        _seat = new DaemonSeat(options, traits, locks.Starting, cli, _renewal, _children);
        _holdings = new Holdings(new LaunchTable(new WorkerLauncher(traits), news => _seat.Daemon?.Tell(news), new Looks(wake)));
        _relief = new OutputRelief(_holdings.Fds, options.ReliefAfter);
        _ending = new Ending(_holdings, cli, foreground, 3 * options.Patience);
        _orders = new DaemonOrders(_seat, _holdings, _renewal, _ending, _children);
    }

    private static TimeSpan Now => MonotonicClock.Now;

    /// <summary>Asks the daemon to drain everything and end. From any thread.</summary>
    internal void RequestEnd()
    {
        _ending.Request();
        _wake.Ring();
    }

    /// <summary>Begins where a keeper before us was killed.</summary>
    internal void Inherit(Inheritance left)
    {
        _holdings.Inherit(left);
        _seat.Inherit(left.Keeper);
    }

    /// <summary>Begins where an earlier image of this very process became us, see <see cref="BecomeNew"/>.</summary>
    internal void Carry(FdHandle table)
    {
        CarriedTable.Read(table, Carry);
        _renewal.TellTo(_seat.Daemon);
    }

    /// <returns>The keeper's exit code.</returns>
    internal int Run()
    {
        _children.Start();
        while (_ending.ExitCode is null)
        {
            FillSeat();
            Wait();
            _orders.Obey();
            _holdings.Launches.TellSights();
            _holdings.Launches.ReadGates();
            _holdings.Launches.ConcludeOrphans();
            if (_children.TakeFound())
            {
                ReapAll();
            }

            _seat.Watch(_ending.IsUnderway);
            BecomeNewIfDue();
            AttendForeground();
            _ending.PassOnRequest(_seat.Daemon);
            RelieveOutput();
            _seat.Daemon?.Outbox.Flush();
            _ending.Conclude(daemonIsGone: _seat.Daemon is null);
        }

        return _ending.ExitCode.Value;
    }

    private void FillSeat()
    {
        if (!_ending.IsUnderway && _seat.StartIfDue() is { } why)
        {
            _ending.GiveUp(why);
        }
    }

    private void Wait()
    {
        _list.Clear();
        var wake = _list.Add(_wake.ReadEnd, FdInterest.Read);
        if (_seat.Daemon is { IsClosed: false } daemon)
        {
            _list.Add(daemon.Handle, daemon.Outbox.HasWaiting ? FdInterest.Read | FdInterest.Write : FdInterest.Read);
        }

        _holdings.Launches.AddTo(_list);
        _foreground?.AddTo(_list);
        var deadline = Min(NextDeadline(), _foreground?.NextDeadline ?? TimeSpan.MaxValue);
        deadline = _holdings.Launches.MustLook ? Min(deadline, Now + PinnedProcess.LookEvery) : deadline;
        _list.Wait(deadline == TimeSpan.MaxValue ? null : deadline - Now);
        if (_list.Happened(wake) != FdEvents.None)
        {
            _wake.Hush();
        }
    }

    private TimeSpan NextDeadline()
    {
        var ending = _ending.NextDeadline(daemonIsGone: _seat.Daemon is null);
        if (_seat.Daemon is null && _ending.IsUnderway)
        {
            return ending;
        }

        var next = Min(_seat.NextDeadline(_ending.IsUnderway), ending);
        return _seat.Daemon is { IsAttached: true } ? next : Min(next, _relief.NextDeadline(_seat.EmptySince, Now));
    }

    private void ReapAll()
    {
        while (Reaper.TryFindEnded(out var pid))
        {
            if (pid == _seat.Daemon?.Pid)
            {
                ReapDaemon(pid);
            }
            else if (!_holdings.Launches.TryReap(pid) && _foreground?.TryReap(pid, Now) != true)
            {
                // An orphan of a worker that came to us as subreaper or pid 1.
                Reaper.Reap(pid);
            }
        }

        _children.Resume();
    }

    private void ReapDaemon(int pid)
    {
        // What it ordered before it died counts.
        _orders.Obey();
        var exit = Reaper.Reap(pid);
        var daemon = _seat.Vacate();
        if (!_ending.IsUnderway && _seat.Ended(daemon, exit) is { } why)
        {
            _ending.GiveUp(why);
        }
    }

    private void AttendForeground()
    {
        if (_foreground?.Attend(_seat.Daemon is { IsReady: true } && !_ending.IsUnderway, Now) == true)
        {
            _children.Resume();
        }

        _ending.ObeyForeground(_seat.Daemon);
    }

    private void RelieveOutput()
    {
        if (_seat.Daemon is not { IsAttached: true })
        {
            _relief.RelieveIfDue(_seat.EmptySince, Now);
        }
    }

    /// <summary>The daemon of an update works: we become the new program too. What was told to the daemon must be on its way before.</summary>
    private void BecomeNewIfDue()
    {
        if (_renewal.AtKeepersTurn is not { } update || _seat.Daemon is not { IsReady: true } daemon || _ending.IsUnderway)
        {
            return;
        }

        daemon.Outbox.Flush();
        if (daemon.Outbox.HasWaiting)
        {
            return;
        }

        try
        {
            KeeperLog.Say($"becoming {update.Version} ({string.Join(' ', update.Program)})");
            BecomeNew(update, daemon);
        }
        catch (Exception e) when (e is SystemCallException or PlatformNotSupportedException)
        {
            _renewal.KeeperStays(update, e.Message);
            _renewal.TellTo(daemon);
        }
    }

    /// <returns>Never; it throws why it did not work.</returns>
    private void BecomeNew(Update update, DaemonProcess daemon)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("only on Linux can a keeper become another program");
        }

        var table = new CarriedTable();
        table.Add(Carried.Keeper, fields => _seat.Describe().Write(fields).Flag(_ending.IsRequested));
        _holdings.Carry(table);
        _seat.Carry(table, daemon);
        _renewal.Carry(table, update);
        _foreground?.Carry(table);
        var locks = _locks.Carry(table);
        table.Exec(number => [.. update.Program, "keeper", .. _options.Carry(_traits, number, locks)]);
    }

    private void Carry(Carried what, ref WireReader fields)
    {
        switch (what)
        {
            case Carried.Held:
                _holdings.Fds.Carry(ref fields);
                break;
            case Carried.Launch:
                _holdings.Launches.Carry(ref fields);
                break;
            case Carried.Daemon:
                _seat.Carry(ref fields);
                break;
            case Carried.Update:
                _renewal.Carry(ref fields);
                break;
            case Carried.Spared:
                _holdings.Spared.Add(ref fields);
                break;
            case Carried.Foreground:
                _foreground?.Carry(ref fields);
                break;
            case Carried.Keeper:
                _seat.Carry(KeeperFields.Read(ref fields));
                if (fields.Flag())
                {
                    _ending.Request();
                }

                break;
        }
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
