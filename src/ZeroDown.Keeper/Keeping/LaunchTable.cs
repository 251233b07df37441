using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>Every launch that the daemon has not forgotten. A repeated launch or signal id is answered from here, and a new daemon learns everything from here.</summary>
/// <param name="launcher">Starts trampolines.</param>
/// <param name="tell">Sends news to the daemon, or drops them when there is none: the table itself is what the next one gets.</param>
/// <param name="looks">Looks into workers.</param>
internal sealed class LaunchTable(WorkerLauncher launcher, Action<WireWriter> tell, Looks looks)
{
    private readonly List<KeptLaunch> _launches = [];

    /// <summary>What the keeper itself has told the living, see <see cref="End(int, SignalScope)"/>.</summary>
    private int _endsWith;

    /// <summary>What is left of groups whose leader has exited since the keeper told it to stop.</summary>
    internal LeftGroups LeftGroups { get; } = new();

    internal bool IsEmpty => _launches.Count == 0;

    internal bool HasLiving => _launches.Exists(launch => launch.IsAlive);

    internal void Launch(ref WireReader order, FdMessage message)
    {
        var launchId = order.I64();
        if (Find(launchId) is { } known)
        {
            TellState(known);
            return;
        }

        var launch = new KeptLaunch(launchId) { KillGroupOnExit = order.Flag(), Note = order.Bytes().ToArray() };
        if (message.LostFds)
        {
            // The daemon waits for an answer, and a later try may find room.
            launch.State = KeptState.Failed;
            launch.Failure = new StepFailure(LaunchStep.Spawn, Errno.EMFILE, "the keeper has too many open files; raise its limit (prlimit --nofile, LimitNOFILE=)");
            _launches.Add(launch);
            TellState(launch);
            return;
        }

        var count = order.Count(sizeof(int));
        if (count + 1 != message.FdCount)
        {
            throw new InvalidDataException($"launch {launchId} names {count} descriptors and brings {message.FdCount - 1}");
        }

        using var settings = message.Take(0);
        var fds = new List<(FdHandle Source, int Number)>(count + 5);
        for (var i = 0; i < count; i++)
        {
            fds.Add((message.Take(i + 1), order.I32()));
        }

        _launches.Add(launch);
        var own = fds.ToArray();
        launcher.Start(launch, settings, fds);
        foreach (var (source, _) in own)
        {
            source.Dispose();
        }

        TellState(launch);
    }

    /// <summary>Somebody may have ended whose end wakes nobody.</summary>
    internal bool MustLook => _launches.Exists(launch => launch is { IsAlive: true, Pinned.Handle: null });

    internal void Adopt(ref WireReader order, FdHandle? pidFd)
    {
        var (launchId, pid, startTime) = (order.I64(), order.I32(), order.I64());
        if (Find(launchId) is not null)
        {
            pidFd?.Dispose();
            return;
        }

        _launches.Add(new KeptLaunch(launchId)
        {
            State = KeptState.Started,
            Pid = pid,
            StartTime = startTime,
            Pinned = PinnedProcess.Adopt(pid, startTime, pidFd),
            KillGroupOnExit = order.Flag(),
            Note = order.Bytes().ToArray(),
        });
    }

    internal void OpenGate(long launchId)
    {
        if (Find(launchId) is { State: KeptState.AtGate, Gate: { } gate } launch)
        {
            launch.State = KeptState.Starting;
            gate.Unlock();
        }
    }

    internal void Signal(long signalId, long launchId, int signal, SignalScope scope)
    {
        var (answer, errno) = (SignalAnswer.Unknown, Errno.None);
        if (Find(launchId) is { } launch)
        {
            answer = launch.IsAlive ? SignalAnswer.Sent : SignalAnswer.Gone;
            if (launch.IsAlive && launch.IsNewSignal(signalId))
            {
                launch.KillGroupOnExit |= scope == SignalScope.Group && signal == Signals.Kill;
                errno = launch.Signal(signal, scope);
                answer = errno == Errno.None ? SignalAnswer.Sent : errno == Errno.ESRCH ? SignalAnswer.Gone : SignalAnswer.Refused;
            }
        }

        tell(New(News.Signalled).I64(signalId).I64(launchId).U8((byte)answer).I32(errno.Value));
    }

    /// <summary>Signals everybody who lives. On SIGKILL whoever leaves takes the rest of the group along; else the rest is asked too.</summary>
    /// <returns>How many there were.</returns>
    internal int End(int signal, SignalScope scope)
    {
        var living = _launches.FindAll(launch => launch.IsAlive);
        foreach (var launch in living)
        {
            launch.KillGroupOnExit |= signal == Signals.Kill;
            _endsWith = signal;
            _ = launch.Signal(signal, scope);
        }

        return living.Count;
    }

    internal void Forget(long launchId)
    {
        looks.Forget(launchId);
        if (Find(launchId) is { IsAlive: true } living)
        {
            living.ForgetOnExit = true;
        }
        else
        {
            _launches.RemoveAll(launch => launch.LaunchId == launchId);
        }
    }

    internal void Note(long launchId, ReadOnlySpan<byte> note)
    {
        if (Find(launchId) is { } launch)
        {
            launch.Note = note.ToArray();
        }
    }

    internal void Look(ref WireReader order)
    {
        var (lookId, launchId, inodes) = (order.I64(), order.I64(), new long[order.Count(sizeof(long))]);
        for (var i = 0; i < inodes.Length; i++)
        {
            inodes[i] = order.I64();
        }

        if (Find(launchId) is { IsAlive: true } launch)
        {
            looks.Ask(new Looks.Question(lookId, launchId, launch.Pid, inodes));
        }
        else
        {
            tell(New(News.Looked).I64(lookId).I64(launchId).I32(0));
        }
    }

    /// <summary>What was seen of workers since the last call.</summary>
    internal void TellSights() => looks.Tell((question, seen) =>
    {
        var answer = New(News.Looked).I64(question.LookId).I64(question.LaunchId).I32(question.Inodes.Length);
        foreach (var inode in question.Inodes)
        {
            answer.U8((byte)seen[inode]);
        }

        tell(answer);
    });

    internal void GiveBack()
    {
        foreach (var launch in _launches)
        {
            tell(New(News.Kept).Kept(launch.ToRecord()));
        }
    }

    /// <summary>Takes over what a keeper before us knew. Whoever lives of it must be pinned.</summary>
    internal void Inherit(IEnumerable<KeptLaunch> launches) => _launches.AddRange(launches);

    internal void Carry(CarriedTable table)
    {
        foreach (var launch in _launches)
        {
            table.Add(Carried.Launch, fields => fields
                .I32(table.Keep(launch.Pinned?.Handle))
                .I32(table.Keep(launch.Gate?.Handle))
                .Bytes(launch.Gate is { } gate ? gate.Report : [])
                .Kept(launch.ToRecord()));
        }
    }

    internal void Carry(ref WireReader fields)
    {
        var (pidFd, gate) = (CarriedTable.Find(fields.I32()), CarriedTable.Find(fields.I32()));
        var report = fields.Bytes();
        var launch = KeptLaunch.From(fields.Kept());
        launch.Pinned = pidFd is not null || IsOrphan(launch) ? PinnedProcess.Adopt(launch.Pid, launch.StartTime, pidFd) : null;
        launch.Gate = gate is null ? null : LaunchGate.Carried(gate, report);
        _launches.Add(launch);
    }

    internal void AddTo(PollList list)
    {
        foreach (var launch in _launches)
        {
            if (launch.Gate is { IsEnded: false } gate)
            {
                list.Add(gate.Handle, FdInterest.Read);
            }

            if (launch is { IsAlive: true, Pinned.Handle: { } handle })
            {
                list.Add(handle, FdInterest.Read);
            }
        }
    }

    /// <summary>Says goodbye to those that are no children of ours.</summary>
    internal void ConcludeOrphans()
    {
        foreach (var launch in _launches.FindAll(launch => launch is { IsAlive: true, Pinned.HasEnded: true }))
        {
            if (launch.KillGroupOnExit)
            {
                _ = launch.Pinned!.SignalGroup(Signals.Kill);
            }

            End(launch, launch.Pinned!.Exit());
        }
    }

    internal void ReadGates()
    {
        foreach (var launch in _launches)
        {
            if (launch.Gate is { IsEnded: false } gate)
            {
                gate.Read();
                NoteStart(launch, gate);
            }
        }
    }

    /// <summary>Says goodbye to a child that has ended but not been reaped: what is still to be done to its group, then its pid is given back.</summary>
    /// <returns>False if it is none of ours; then nothing was done.</returns>
    internal bool TryReap(int pid)
    {
        if (_launches.Find(launch => launch.Pid == pid && launch.IsAlive) is not { } launch)
        {
            return false;
        }

        if (launch.KillGroupOnExit)
        {
            _ = Interop.Kill(-pid, Signals.Kill);
        }
        else if (_endsWith != 0)
        {
            LeftGroups.Ask(pid, _endsWith);
        }

        End(launch, Reaper.Reap(pid));
        return true;
    }

    private void End(KeptLaunch launch, ChildExit exit)
    {
        var gate = launch.Gate;
        gate?.Read();
        if (gate is not null)
        {
            NoteStart(launch, gate);
        }

        Conclude(launch, exit, gate?.Failure);
        gate?.Dispose();
        launch.Gate = null;
        launch.Pinned?.Dispose();
        launch.Pinned = null;
        if (launch.ForgetOnExit)
        {
            _launches.Remove(launch);
        }
    }

    private void Conclude(KeptLaunch launch, ChildExit exit, StepFailure? failure)
    {
        if (launch.State == KeptState.Started)
        {
            launch.State = KeptState.Exited;
            launch.Exit = exit;
        }
        else
        {
            launch.Failure = failure ?? new StepFailure(LaunchStep.Trampoline, Errno.None, $"the process ended before it could start the program: {exit}");
            launch.State = KeptState.Failed;
        }

        TellState(launch);
    }

    private void NoteStart(KeptLaunch launch, LaunchGate gate)
    {
        if (gate.HasExecuted)
        {
            launch.State = KeptState.Started;
            launch.Gate = null;
            gate.Dispose();
            TellState(launch);
        }
    }

    private void TellState(KeptLaunch launch) => tell(launch.State switch
    {
        KeptState.Started => New(News.Started).I64(launch.LaunchId),
        KeptState.Exited => New(News.Exited).I64(launch.LaunchId).Exit(launch.Exit!),
        KeptState.Failed => New(News.LaunchFailed).I64(launch.LaunchId).Failure(launch.Failure!),
        _ => New(News.Spawned).I64(launch.LaunchId).I32(launch.Pid).I64(launch.StartTime),
    });

    /// <summary>No child of ours, though it came without a pidfd: there are none here.</summary>
    private static bool IsOrphan(KeptLaunch launch) => launch.IsAlive && ProcStat.Read(launch.Pid)?.ParentPid != Environment.ProcessId;

    private KeptLaunch? Find(long launchId) => _launches.Find(launch => launch.LaunchId == launchId);

    private static WireWriter New(News news) => new WireWriter().U8((byte)news);
}
