using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>The keeper's one loop: what the daemon orders, what becomes of the children, and that there is a daemon. Everything happens on this thread.</summary>
internal sealed class KeeperLoop
{
    /// <summary>While a newcomer holds starting.lock for a moment, or workers' output has to be relieved.</summary>
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(50);

    /// <summary>For workers of a dead daemon, when its successor ends: between the request to stop and the end of patience.</summary>
    private static readonly TimeSpan LastGrace = TimeSpan.FromSeconds(5);

    private readonly KeeperOptions _options;
    private readonly InheritedTraits _traits;
    private readonly StartingLock _starting;
    private readonly ReadyPipe _cli;
    private readonly WakePipe _wake;
    private readonly Foreground? _foreground;
    private readonly PollList _list = new();
    private readonly HeldFds _held = new();
    private readonly OutputRelief _relief = new();
    private readonly DaemonSchedule _schedule = new();
    private readonly ChildWatch _children;
    private readonly LaunchTable _launches;
    private readonly InstanceLock _single;
    private DaemonProcess? _daemon;
    private Update? _update;

    /// <summary>Whose program the daemons are of since an update that the keeper could not follow; null: of our own.</summary>
    private Update? _daemonOnly;
    private TimeSpan _daemonlessSince;
    private bool _wasEverReady;
    private bool _isAfterSuccession;
    private bool _isEnding;
    private bool _isKilled;
    private TimeSpan _killLeftoversAt = TimeSpan.MaxValue;
    private bool _endRequestTold;
    private int? _exitCode;
    private volatile bool _endRequested;

    internal KeeperLoop(KeeperOptions options, InheritedTraits traits, (InstanceLock Single, StartingLock Starting) locks, ReadyPipe cli, WakePipe wake, Foreground? foreground)
    {
        (_options, _traits, _cli, _wake, _foreground) = (options, traits, cli, wake, foreground);
        (_single, _starting) = locks;
        _children = new ChildWatch(_wake);
        _launches = new LaunchTable(new WorkerLauncher(traits), Tell);
        _daemonlessSince = Now;
    }

    private static TimeSpan Now => MonotonicClock.Now;

    /// <summary>Asks the daemon to drain everything and end. From any thread.</summary>
    internal void RequestEnd()
    {
        _endRequested = true;
        _wake.Ring();
    }

    /// <summary>Begins where a keeper before us was killed.</summary>
    internal void Inherit(Inheritance left)
    {
        foreach (var (key, held) in left.Held)
        {
            _held.Hold(key, held.Kind, held.Fd, held.DiscardedBytes);
        }

        _launches.Inherit(left.Launches);
        // The daemon that outlived it has left in good order: no death, but a predecessor.
        _schedule.Inherit(left.Keeper.Predecessors + 1, left.Keeper.QuickDeaths);
        _wasEverReady = true;
        _isAfterSuccession = true;
    }

    /// <summary>Begins where an earlier image of this very process became us.</summary>
    internal void Carry(FdHandle table)
    {
        CarriedTable.Read(table, (Carried what, ref WireReader fields) =>
        {
            switch (what)
            {
                case Carried.Held:
                    var fd = CarriedTable.Find(fields.I32())!;
                    _held.Hold(fields.Text(), (HoldKind)fields.U8(), fd, fields.I64());
                    break;
                case Carried.Launch:
                    _launches.Carry(ref fields);
                    break;
                case Carried.Daemon:
                    _daemon = DaemonProcess.Carried(ref fields, CarriedTable.Find(fields.I32())!, Now, _options.Patience);
                    break;
                case Carried.Update:
                    _update = new Update(fields.Text(), fields.Text(), fields.Texts());
                    _update.Succeeded();
                    break;
                case Carried.Foreground:
                    _foreground?.Carry(attendantIsDone: fields.Flag());
                    break;
                case Carried.Keeper:
                    var before = KeeperFields.Read(ref fields);
                    _schedule.Inherit(before.Predecessors, before.QuickDeaths);
                    _endRequested = fields.Flag();
                    break;
            }
        });
        _wasEverReady = true;
        TellUpdate();
    }

    /// <returns>The keeper's exit code.</returns>
    internal int Run()
    {
        _children.Start();
        while (_exitCode is null)
        {
            StartDaemonIfDue();
            Wait();
            ObeyDaemon();
            _launches.ReadGates();
            _launches.ConcludeOrphans();
            if (_children.TakeFound())
            {
                ReapAll();
            }

            WatchDaemon();
            BecomeNewIfDue();
            AttendForeground();
            PassOnEndRequest();
            RelieveOutput();
            _daemon?.Outbox.Flush();
            EndIfDone();
        }

        return _exitCode.Value;
    }

    private void Wait()
    {
        _list.Clear();
        var wake = _list.Add(_wake.ReadEnd, FdInterest.Read);
        if (_daemon is { IsClosed: false } daemon)
        {
            _list.Add(daemon.Handle, daemon.Outbox.HasWaiting ? FdInterest.Read | FdInterest.Write : FdInterest.Read);
        }

        _launches.AddTo(_list);
        _foreground?.AddTo(_list);
        var deadline = Min(NextDeadline(), _foreground?.NextDeadline ?? TimeSpan.MaxValue);
        deadline = _launches.MustLook ? Min(deadline, Now + PinnedProcess.LookEvery) : deadline;
        _list.Wait(deadline == TimeSpan.MaxValue ? null : deadline - Now);
        if (_list.Happened(wake) != FdEvents.None)
        {
            _wake.Hush();
        }
    }

    private TimeSpan NextDeadline()
    {
        if (_daemon is null)
        {
            return _isEnding ? Min(_killLeftoversAt, _foreground is null ? TimeSpan.MaxValue : Now + ShortWait) : Min(_schedule.NextStart, NextRelief());
        }

        var next = _daemon.NextDeadline;
        next = _daemon.IsAttached ? next : Min(next, NextRelief());
        return _daemon.IsReady && !_isEnding || _starting.IsHeld ? next : Min(next, Now + ShortWait);
    }

    private TimeSpan NextRelief() =>
        !_held.HasOutput ? TimeSpan.MaxValue : Max(_daemonlessSince + _options.ReliefAfter, Now + ShortWait);

    private void StartDaemonIfDue()
    {
        if (_daemon is not null || _isEnding || Now < _schedule.NextStart)
        {
            return;
        }

        var update = _update is { IsUnderway: true } ? _update : null;
        try
        {
            _daemon = DaemonProcess.Start(_options, (update ?? _daemonOnly)?.Program, update, Now);
            _children.Resume();
        }
        catch (SystemCallException e) when (update is not null)
        {
            ReturnFromUpdate($"it cannot be started: {e.Message}");
        }
        catch (SystemCallException e) when (_daemonOnly is not null && IsOfTheFile(e.Errno))
        {
            KeeperLog.Say($"the daemon of {_daemonOnly.Version} cannot be started any more ({e.Message}); from now on it is that of {SelfImage.Version}, as this keeper is");
            _daemonOnly = null;
        }
        catch (SystemCallException e)
        {
            KeeperLog.Say($"cannot start the daemon: {e.Message}");
            AfterDaemon(startedAt: Now, $"the daemon cannot be started: {e.Message}");
        }
    }

    /// <summary>Trying again would not help, unlike where processes or memory are short.</summary>
    private static bool IsOfTheFile(Errno errno) => errno == Errno.ENOENT || errno == Errno.EACCES || errno == Errno.ENOEXEC;

    private void ObeyDaemon()
    {
        while (_daemon?.Receive() is { } message)
        {
            using (message)
            {
                try
                {
                    Obey(_daemon, message);
                }
                catch (Exception e) when (e is InvalidDataException or SystemCallException)
                {
                    KeeperLog.Say($"cannot follow an order of the daemon: {e.Message}");
                }
            }
        }
    }

    private void Obey(DaemonProcess daemon, FdMessage message)
    {
        if (message.LostFds)
        {
            KeeperLog.Say("too many open files: what the daemon sent with its last order is lost");
        }

        var fields = new WireReader(message.Body.Span);
        switch ((Order)fields.U8())
        {
            case Order.Hello:
                Attach(daemon, fields.I32());
                break;
            case Order.Ready:
                BecomeReady(daemon, tookOver: fields.IsAtEnd || fields.Flag());
                break;
            case Order.CannotStart:
                daemon.LastWords = fields.Text();
                daemon.OnlyLacked = !fields.IsAtEnd && fields.Flag();
                break;
            case Order.Launch:
                _launches.Launch(ref fields, message);
                _children.Resume();
                break;
            case Order.Adopt:
                _launches.Adopt(ref fields, message.FdCount == 1 ? message.Take(0) : null);
                break;
            case Order.OpenGate:
                _launches.OpenGate(fields.I64());
                break;
            case Order.Signal:
                _launches.Signal(fields.I64(), fields.I64(), fields.I32(), (SignalScope)fields.U8());
                break;
            case Order.Forget:
                _launches.Forget(fields.I64());
                break;
            case Order.Hold when message.FdCount == 1:
                _held.Hold(fields.Text(), (HoldKind)fields.U8(), message.Take(0));
                break;
            case Order.Release:
                _held.Release(fields.Text());
                break;
            case Order.Note:
                _launches.Note(fields.I64(), fields.Bytes());
                break;
            case Order.Look:
                _launches.Look(ref fields);
                break;
            case Order.Beat:
                daemon.Beat();
                break;
            case Order.Update when !_isEnding:
                _update = new Update(fields.Text(), fields.Text(), fields.Texts());
                daemon.ExpectEnd(Now);
                _ = _starting.TryTake();
                KeeperLog.Say($"update to {_update.Version} ({string.Join(' ', _update.Program)})");
                break;
            case Order.Shutdown:
                _isEnding = true;
                _ = _starting.TryTake();
                EndLeftovers();
                break;
        }
    }

    private void Attach(DaemonProcess daemon, int version)
    {
        if (version < Contract.OldestVersion)
        {
            var why = $"it speaks version {version} of the contract, this keeper {Contract.OldestVersion} to {KeeperClient.ContractVersion}";
            daemon.LastWords = $"the daemon does not fit to the keeper that runs: {why}";
            Tell(new WireWriter().U8((byte)News.Refused).Text(why));
            return;
        }

        daemon.IsAttached = true;
        Tell(Describe().Write(new WireWriter().U8((byte)News.Welcome)).Flag(_isAfterSuccession));
        foreach (var entry in _held.All)
        {
            daemon.Outbox.Post(new WireWriter().U8((byte)News.Held).Text(entry.Key).U8((byte)entry.Kind).I64(entry.Discarded), entry.Fd);
        }

        _launches.GiveBack();
        TellUpdate();
        Tell(new WireWriter().U8((byte)News.EndOfGiveBack));
        _endRequestTold = false;
    }

    private KeeperFields Describe() => new(KeeperClient.ContractVersion, Environment.ProcessId, _schedule.Predecessors, _schedule.QuickDeaths)
    {
        AloneSince = _daemonlessSince,
        OpenFiles = _traits.OpenFiles,
        OomScoreAdjust = _traits.OomScoreAdjust,
        Version = SelfImage.Version,
        Failures = _schedule.Failures,
    };

    private void BecomeReady(DaemonProcess daemon, bool tookOver)
    {
        daemon.BecomeReady(Now);
        if (IsProofOf(_update, daemon))
        {
            _update?.DaemonIsReady();
        }

        _isAfterSuccession &= !tookOver;
        _held.ForgetDiscarded();
        _wasEverReady = true;
        _starting.Release();
        _cli.SayReady();
    }

    private void ReapAll()
    {
        while (Reaper.TryFindEnded(out var pid))
        {
            if (pid == _daemon?.Pid)
            {
                // What it ordered before it died counts; what is told to it from here on does not reach anybody.
                ObeyDaemon();
                var (daemon, exit) = (_daemon, Reaper.Reap(pid));
                _daemon = null;
                daemon.Dispose();
                if (_update is { IsUnderway: true } && !_isEnding)
                {
                    AfterDaemonOfUpdate(daemon, exit);
                }
                else if (!_isEnding)
                {
                    KeeperLog.Say($"the daemon (pid {pid}) ended: {daemon.LastWords ?? exit.ToString()}");
                    AfterDaemon(daemon.StartedAt, daemon.LastWords ?? $"the daemon ended before it listened: {exit}; {_options.Home}/keeper.log may say why",
                        failed: daemon.WasOverdue || (exit.Signal != Signals.Kill && !daemon.OnlyLacked));
                }
            }
            else if (!_launches.TryReap(pid) && _foreground?.TryReap(pid, Now) != true)
            {
                // An orphan of a worker that came to us as subreaper or pid 1.
                Reaper.Reap(pid);
            }
        }

        _children.Resume();
    }

    /// <summary>A daemon that was started for an earlier update proves nothing for this one.</summary>
    private static bool IsProofOf(Update? update, DaemonProcess daemon) => update is not null && ReferenceEquals(update, daemon.Update);

    /// <summary>The old one has made room, or the new one has not proved itself.</summary>
    private void AfterDaemonOfUpdate(DaemonProcess daemon, ChildExit exit)
    {
        _daemonlessSince = Now;
        _schedule.Left(Now);
        if (IsProofOf(_update, daemon))
        {
            ReturnFromUpdate(daemon.LastWords ?? (daemon.WasOverdue ? "it did not listen in time" : $"it ended before it listened: {exit}"));
        }
    }

    private void ReturnFromUpdate(string why)
    {
        KeeperLog.Say($"the daemon of {_update!.Version} does not start ({why}); one of the program before is started again");
        _update.DaemonFailed(why);
    }

    /// <summary>The new daemon works: we become the new program too. What was told to the daemon must be on its way before.</summary>
    private void BecomeNewIfDue()
    {
        if (_update is not { IsKeepersTurn: true } update || _daemon is not { IsReady: true } daemon || _isEnding)
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
            KeeperLog.Say($"goes on as {SelfImage.Version}: {e.Message}");
            update.KeeperStays(e.Message);
            _daemonOnly = update;
            TellUpdate();
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
        table.Add(Carried.Keeper, fields => Describe().Write(fields).Flag(_endRequested));
        foreach (var entry in _held.All)
        {
            table.Add(Carried.Held, fields => fields.I32(table.Keep(entry.Fd)).Text(entry.Key).U8((byte)entry.Kind).I64(entry.Discarded));
        }

        _launches.Carry(table);
        table.Add(Carried.Daemon, fields => daemon.Carry(fields.I32(table.Keep(daemon.Handle))));
        table.Add(Carried.Update, fields => fields.Text(update.Token).Text(update.Version).Texts(update.Program));
        if (_foreground is not null)
        {
            table.Add(Carried.Foreground, fields => fields.Flag(_foreground.AttendantIsDone));
        }

        var locks = $"{table.Keep(_single.Handle)},{table.Keep(_starting.Handle)},{(_starting.IsHeld ? 1 : 0)}";
        table.Exec(number => [.. update.Program, "keeper", .. _options.Carry(_traits, number, locks)]);
    }

    private void TellUpdate()
    {
        if (_update is not null)
        {
            Tell(_update.Write(new WireWriter().U8((byte)News.Updated)));
        }
    }

    private void AfterDaemon(TimeSpan startedAt, string why, bool failed = false)
    {
        _daemonlessSince = Now;
        _schedule.Ended(startedAt, Now, failed);
        if (!_wasEverReady && _launches.IsEmpty && _held.IsEmpty)
        {
            // The first one could not start and there is nothing to keep: whoever started us should know, not wait.
            _cli.SayFailed(why);
            _exitCode = 1;
            if (_foreground is not null)
            {
                Foreground.SayToUser(why);
            }
        }
    }

    private void WatchDaemon()
    {
        if (_daemon is not { } daemon)
        {
            _ = _exitCode is not null || _starting.TryTake();
            return;
        }

        if (!daemon.IsReady || _isEnding)
        {
            _ = _starting.TryTake();
        }

        if (daemon.IsOverdue(Now))
        {
            KeeperLog.Say($"the daemon (pid {daemon.Pid}) does not answer; it is killed and replaced");
            _ = Interop.Kill(daemon.Pid, Signals.Kill);
            daemon.WasOverdue = true;
            daemon.GiveUp();
        }
        else
        {
            daemon.AskIfDue(Now);
        }
    }

    private void AttendForeground()
    {
        if (_foreground is null)
        {
            return;
        }

        if (_foreground.Attend(_daemon is { IsReady: true } && !_isEnding, Now))
        {
            _children.Resume();
        }

        _endRequested |= _foreground.WantsEnd;
        if (_foreground.WantsKill && !_isKilled)
        {
            KeeperLog.Say("asked to end for the second time: everything is killed");
            _isKilled = _isEnding = true;
            _ = _launches.End(Signals.Kill, SignalScope.Group);
            if (_daemon is { } daemon)
            {
                _ = Interop.Kill(daemon.Pid, Signals.Kill);
                daemon.GiveUp();
            }
        }
    }

    private void PassOnEndRequest()
    {
        if (!_endRequested)
        {
            return;
        }

        if (_daemon is { IsAttached: true } && !_endRequestTold)
        {
            _endRequestTold = true;
            Tell(new WireWriter().U8((byte)News.ShutdownRequested));
        }
        else if (_daemon is null && !_launches.HasLiving)
        {
            _isEnding = true;
        }
    }

    private void RelieveOutput()
    {
        if (_daemon is not { IsAttached: true } && Now - _daemonlessSince >= _options.ReliefAfter)
        {
            _relief.Relieve(_held);
        }
    }

    /// <summary>
    /// A daemon ends when its workers have. What still lives belongs to one that died before it, and nobody else would ever end it: we would stay with it, in a home
    /// where no other keeper can start.
    /// </summary>
    private void EndLeftovers()
    {
        if (_launches.End(Signals.Terminate, SignalScope.Process) is > 0 and var left)
        {
            KeeperLog.Say($"{left} workers of a daemon that died are told to stop");
            _killLeftoversAt = Now + LastGrace;
        }
    }

    private void EndIfDone()
    {
        if (Now >= _killLeftoversAt)
        {
            _killLeftoversAt = TimeSpan.MaxValue;
            _ = _launches.End(Signals.Kill, SignalScope.Group);
        }

        if (_isEnding && _daemon is null && !_launches.HasLiving && _foreground?.IsOver(Now) != false)
        {
            _exitCode = _foreground?.ExitCode ?? 0;
        }
    }

    private void Tell(WireWriter news)
    {
        if (_daemon is { IsAttached: true } or { LastWords: not null })
        {
            _daemon.Outbox.Post(news);
        }
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
