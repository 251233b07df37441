using System.Collections.Concurrent;
using ZeroDown.Daemon.Survival;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Living workers that the keeper gives back and that no record speaks of. Nobody wants them, and nobody else would ever end them: they are asked to, and after
/// a while they are made to.
/// </summary>
internal sealed class Strangers(KeeperClient keeper, HomeFolder home, DaemonLog log) : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<long, Stranger> _living = new();

    /// <param name="kept">As the keeper knows it.</param>
    /// <param name="note">What its own daemon wrote of it.</param>
    /// <param name="bequest">Where its descriptors are: they stay open, so that it can end in peace.</param>
    public void End(KeptWorker kept, WorkerNote? note, Bequest bequest)
    {
        var id = kept.LaunchId;
        log.StrangerEnded(note?.Name ?? "a worker", kept.Pid);
        FdHandle[] fds = [.. HoldKeys.WithWorker.Select(what => bequest.Take(HoldKeys.Of(id, what))?.Fd).OfType<FdHandle>()];
        var signal = note is not null && Signals.TryParse(note.StopSignal, out var stop) ? stop : Signals.Terminate;
        _living[id] = new Stranger(fds, new Timer(_ => Kill(id), null, Grace, Timeout.InfiniteTimeSpan), TreeOf(kept, signal));
        Signal(id, signal, SignalScope.Process);
    }

    /// <summary>News from the keeper about a worker that nobody else knows.</summary>
    public void OnKeeper(KeeperEvent news)
    {
        if (news is KeeperEvent.Exited exited)
            _living.GetValueOrDefault(exited.LaunchId)?.Tree.Look(); // what it has left behind is ended too
        else if (news is KeeperEvent.LaunchFailed failed)
            Forget(failed.LaunchId);
    }

    public void Dispose()
    {
        foreach (var stranger in _living.Values)
            stranger.Dispose();
    }

    private void Forget(long id)
    {
        if (!_living.TryRemove(id, out var stranger))
            return;
        stranger.Dispose();
        keeper.Forget(id);
        foreach (var what in HoldKeys.WithWorker)
            keeper.Release(HoldKeys.Of(id, what));
    }

    private TreeWatch TreeOf(KeptWorker kept, int signal)
    {
        var tree = WorkerTree.Of(kept.Pid, kept.StartTime, NotifySocketOf(kept.LaunchId), keeper.GiveBack.KeeperPid);
        return new TreeWatch(() => tree.Rest(_ => false), before: null, new TreeWatchNews(
            unasked => _living.GetValueOrDefault(kept.LaunchId)?.Tree.Signal(unasked, signal),
            _ => Forget(kept.LaunchId),
            _ => { }));
    }

    /// <summary>Of one that ran as another user it may lie elsewhere; then its session alone tells what it has started.</summary>
    private string NotifySocketOf(long id) => Path.Combine(home.Run, $"{id}.notify");

    private void Kill(long id)
    {
        Signal(id, Signals.Kill, SignalScope.Group);
        _living.GetValueOrDefault(id)?.Tree.Kill();
    }

    private void Signal(long id, int signal, SignalScope scope) => keeper.Signal(SignalIds.Of(signal, scope), id, signal, scope);

    private sealed record Stranger(FdHandle[] Fds, Timer Patience, TreeWatch Tree) : IDisposable
    {
        public void Dispose()
        {
            Patience.Dispose();
            Tree.Dispose();
            foreach (var fd in Fds)
                fd.Dispose();
        }
    }
}
