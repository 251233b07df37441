using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>Everything that the keeper and the trampoline need to turn into one worker. Nothing is resolved or inherited on the way: what is not here, the worker does not get.</summary>
public sealed record LaunchOrder
{
    /// <summary>The daemon's number for this launch, never used twice. A repeated one is answered with what became of the first, not executed again.</summary>
    public required long LaunchId { get; init; }

    /// <summary>Absolute path of the file to execute. There is no search in PATH and no shell.</summary>
    public required string Program { get; init; }

    /// <summary>argv[1] and on.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>argv[0] if it is not <see cref="Program"/>.</summary>
    public string? ArgumentZero { get; init; }

    /// <summary>Absolute. Entered after the change of user, so with that user's rights.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>The whole environment, in this order; names are unique.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; }

    /// <summary>Names that the trampoline adds with the worker's own pid as value: LISTEN_PID, SYSTEMD_EXEC_PID, WATCHDOG_PID.</summary>
    public required IReadOnlyList<string> PidVariables { get; init; }

    /// <summary>File mode creation mask (octal 022 is 18); null keeps the keeper's.</summary>
    public int? Umask { get; init; }

    /// <summary>-20 (first) to 19 (last); null keeps the keeper's. Below the keeper's own value needs rights.</summary>
    public int? Nice { get; init; }

    /// <summary>Numeric user; null keeps the keeper's. Anything but our own needs rights.</summary>
    public uint? UserId { get; init; }

    /// <summary>Numeric primary group; null keeps the keeper's.</summary>
    public uint? GroupId { get; init; }

    /// <summary>The complete list of supplementary groups; null keeps the keeper's, unless <see cref="UserId"/> is set: then there are none.</summary>
    public IReadOnlyList<uint>? Groups { get; init; }

    /// <summary>setrlimit, in this order. Without one for <see cref="LimitedResource.OpenFiles"/> the worker gets the soft limit that zd itself was started with.</summary>
    public IReadOnlyList<ProcessLimit> Limits { get; init; } = [];

    /// <summary>
    /// The worker's descriptors, exactly: those of 0, 1, 2 that are missing here lead to /dev/null, every other number is closed. The handles stay the caller's; the
    /// keeper gets duplicates.
    /// </summary>
    public required IReadOnlyList<FdMapping> Fds { get; init; }

    /// <summary>SIGKILL to the worker's whole group in the moment of its exit, before its pid is given back to the system. Only then is it certain to hit nobody else.</summary>
    public bool KillGroupOnExit { get; init; }

    /// <summary>The first note, see <see cref="KeeperClient.Note"/>.</summary>
    public ReadOnlyMemory<byte> Note { get; init; }
}

/// <summary>One descriptor of a worker: ours, and the number that it has over there.</summary>
/// <param name="Source">Stays the caller's.</param>
/// <param name="ChildNumber">0 to 199; each at most once in an order.</param>
public sealed record FdMapping(FdHandle Source, int ChildNumber);
