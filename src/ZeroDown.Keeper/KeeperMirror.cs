using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>
/// What the keeper holds and knows, as its daemon has ordered and heard it, so that the daemon can give all of it to another keeper should this one be killed. The
/// descriptors are the daemon's own; no second copies. Not thread-safe.
/// </summary>
internal sealed class KeeperMirror
{
    private readonly Dictionary<string, (HoldKind Kind, FdHandle Fd)> _held = [];
    private readonly List<KeptLaunch> _launches = [];
    private bool _keeperIsGone;

    internal KeeperMirror(GiveBack given, IReadOnlyList<KeptRecord> launches)
    {
        foreach (var (key, held) in given.Held)
        {
            _held[key] = (held.Kind, held.Fd);
        }

        _launches.AddRange(launches.Select(KeptLaunch.From));
    }

    /// <summary>
    /// Those that run and are pinned, see <see cref="LoseKeeper"/>. A trampoline ends with its keeper: that is no exit of a worker, but a launch that has not happened.
    /// </summary>
    internal IEnumerable<KeptLaunch> Orphans => _launches.Where(launch => launch is { State: KeptState.Started, Pinned: not null });

    internal void Hold(string key, HoldKind kind, FdHandle fd) => _held[key] = (kind, fd);

    internal void Release(string key) => _held.Remove(key);

    /// <exception cref="SystemCallException">There is no keeper. To the next one this launch has not happened, and its daemon orders it again.</exception>
    internal void Launch(LaunchOrder order)
    {
        if (_keeperIsGone)
        {
            throw new SystemCallException("launch without a keeper", Errno.EAGAIN);
        }

        if (Find(order.LaunchId) is null)
        {
            _launches.Add(new KeptLaunch(order.LaunchId) { Note = order.Note, KillGroupOnExit = order.KillGroupOnExit });
        }
    }

    internal void Adopt(long launchId, ProcessIdentity process, bool killGroupOnExit, ReadOnlyMemory<byte> note)
    {
        if (Find(launchId) is null)
        {
            _launches.Add(new KeptLaunch(launchId)
            {
                State = KeptState.Started,
                Pid = process.Pid,
                StartTime = process.StartTime,
                Note = note,
                KillGroupOnExit = killGroupOnExit,
            });
        }
    }

    /// <summary>The order may have arrived or not, and so may the byte that it makes the keeper send.</summary>
    internal void OpenGate(long launchId)
    {
        if (Find(launchId) is { State: KeptState.AtGate } launch)
        {
            launch.State = KeptState.Starting;
        }
    }

    internal void Signal(long launchId, int signal, SignalScope scope)
    {
        if (Find(launchId) is { } launch)
        {
            launch.KillGroupOnExit |= scope == SignalScope.Group && signal == Signals.Kill;
        }
    }

    /// <summary>While there is no keeper we can at least do this ourselves: the living are pinned.</summary>
    /// <returns>Null if there is a keeper to do it.</returns>
    internal Errno? SignalOrphan(long launchId, int signal, SignalScope scope) =>
        !_keeperIsGone ? null
        : Find(launchId) is { IsAlive: true, Pinned: not null } launch ? launch.Signal(signal, scope)
        : Errno.ESRCH;

    internal void Note(long launchId, ReadOnlyMemory<byte> note)
    {
        if (Find(launchId) is { } launch)
        {
            launch.Note = note;
        }
    }

    internal void Forget(long launchId)
    {
        if (Find(launchId) is { IsAlive: true } living)
        {
            living.ForgetOnExit = true;
        }
        else
        {
            _launches.RemoveAll(launch => launch.LaunchId == launchId);
        }
    }

    internal void Hear(KeeperEvent news)
    {
        switch (news)
        {
            case KeeperEvent.Spawned spawned when Find(spawned.LaunchId) is { } launch:
                (launch.Pid, launch.StartTime) = (spawned.Pid, spawned.StartTime);
                break;
            case KeeperEvent.Started started when Find(started.LaunchId) is { } launch:
                launch.State = KeptState.Started;
                break;
            case KeeperEvent.LaunchFailed failed when Find(failed.LaunchId) is { } launch:
                launch.Failure = new StepFailure(failed.Step, failed.Errno, failed.Text);
                End(launch, KeptState.Failed);
                break;
            case KeeperEvent.Exited exited when Find(exited.LaunchId) is { } launch:
                launch.Exit = exited.Exit;
                End(launch, KeptState.Exited);
                break;
            case KeeperEvent.Signalled { Answer: SignalAnswer.Sent } signalled when Find(signalled.LaunchId) is { } launch:
                _ = launch.IsNewSignal(signalled.SignalId);
                break;
        }
    }

    /// <summary>How those of <see cref="Orphans"/> ended that have.</summary>
    internal IReadOnlyList<(long LaunchId, ChildExit Exit)> Exits() =>
        [.. Orphans.Where(orphan => orphan.Pinned!.HasEnded).Select(orphan => (orphan.LaunchId, orphan.Pinned!.Exit()))];

    private KeptLaunch? Find(long launchId) => _launches.Find(launch => launch.LaunchId == launchId);

    /// <summary>
    /// The keeper is gone: whoever reaps its children now, their numbers are free from then on. Pinned at once, each of them stays what it is, and its exit can still be
    /// told. What has ended already is written down as ended, nobody knows how.
    /// </summary>
    internal void LoseKeeper()
    {
        _keeperIsGone = true;
        foreach (var launch in _launches.FindAll(launch => launch is { IsAlive: true, Pinned: null }))
        {
            var identity = new ProcessIdentity(launch.Pid, launch.StartTime, Machine.BootId);
            launch.Pinned = PinnedProcess.Pin(identity);
            if (launch is { Pinned: null, State: KeptState.Started })
            {
                launch.Exit = PinnedProcess.ExitOf(identity);
                End(launch, KeptState.Exited);
            }
        }
    }

    /// <summary>What goes to another keeper. A launch that never became a process, or never got beyond its gate, is left out: it has not happened, and is ordered again.</summary>
    internal Estate Leave() => new(
        [.. _held.Where(held => !held.Value.Fd.IsClosed).Select(held => (held.Key, held.Value.Kind, held.Value.Fd))],
        [.. _launches.Where(launch => launch.IsAlive ? launch.State != KeptState.AtGate : launch.State is KeptState.Exited or KeptState.Failed)
            .Select(launch => (launch.ToRecord(), launch.Pinned))]);

    private void End(KeptLaunch launch, KeptState state)
    {
        launch.State = state;
        launch.Pinned?.Dispose();
        launch.Pinned = null;
        if (launch.ForgetOnExit)
        {
            _launches.Remove(launch);
        }
    }
}
