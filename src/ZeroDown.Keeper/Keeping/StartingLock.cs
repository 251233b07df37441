using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>Held by a keeper whenever no daemon of its is ready. Who comes second waits for it in the kernel, and when he has it, the race is decided.</summary>
/// <remarks>
/// Every new keeper takes this one first (waiting), then tries keeper.lock. Has it both, it is the keeper. Has somebody else keeper.lock, that one's daemon is
/// ready, for otherwise he would have this one too. Whoever dies lets go of both.
/// </remarks>
internal sealed class StartingLock
{
    /// <summary>For <see cref="TryTake"/>, while a newcomer holds it for a moment.</summary>
    internal static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);

    private const int OwnerOnly = 0x180; // 0600

    private readonly string _path;
    private readonly FdHandle _file;

    internal StartingLock(string path)
        : this(path, FdHandle.Open(path, Constants.O_RDWR | Constants.O_CREAT, OwnerOnly), isHeld: false)
    {
    }

    /// <summary>The one of an earlier image of this very process.</summary>
    internal StartingLock(string path, FdHandle file, bool isHeld) => (_path, _file, IsHeld) = (path, file, isHeld);

    internal FdHandle Handle => _file;

    internal bool IsHeld { get; private set; }

    /// <summary>Waits until it is free.</summary>
    internal void Take() => IsHeld = Lock(Constants.LOCK_EX);

    /// <summary>A newcomer may have it for the moment in which he finds out that he is second; then try again a little later.</summary>
    internal bool TryTake() => IsHeld = IsHeld || Lock(Constants.LOCK_EX | Constants.LOCK_NB);

    internal void Release()
    {
        IsHeld = false;
        _ = Lock(LaunchConstants.LOCK_UN);
    }

    private bool Lock(int operation)
    {
        int result;
        while ((result = Interop.Flock(_file, operation)) != 0 && Errno.Last == Errno.EINTR)
        {
        }

        return result == 0 || (Errno.Last == Errno.EAGAIN ? false : throw SystemCallException.FromLast($"flock {_path}"));
    }
}
