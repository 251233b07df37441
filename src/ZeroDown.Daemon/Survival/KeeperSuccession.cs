using ZeroDown.Keeper;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// What the daemon does when its keeper was killed: it starts another one, gives it everything and leaves, and the next daemon takes over. All on the loop's thread, so
/// that nothing is decided between the giving and the leaving. Without a new keeper (out of descriptors, processes, memory) the daemon goes on and tries again.
/// </summary>
internal sealed class KeeperSuccession(KeeperClient keeper, HomeFolder home, SupervisorLoop loop, DaemonLog log) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private TimeSpan _pause = FirstPause;
    private Timer? _retry;

    /// <summary>From any thread.</summary>
    public void Begin() => loop.Post(null, Attempt);

    public void Dispose() => _retry?.Dispose();

    private void Attempt()
    {
        var problem = keeper.StartSuccessor(home.Path);
        if (problem is null)
        {
            log.KeeperReplaced();
            // No orderly end: the pipe's file must stay, so that clients see that somebody is coming, and the workers must not hear of it.
            Environment.Exit(0);
        }

        log.KeeperNotReplaced(problem!, _pause);
        _retry?.Dispose();
        _retry = new Timer(_ => Begin(), null, _pause, Timeout.InfiniteTimeSpan);
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
    }
}
