using ZeroDown.Core.Apps;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// What differs for a worker that runs as somebody else: our home folder is closed to it, so what it must reach (its notify socket, our
/// libraries) lies in a folder of root's that it can traverse (<see cref="RunFolders"/>), and what it must open (its socket, its FIFOs) is its own.
/// </summary>
internal sealed class WorkerUser
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly HomeFolder _home;

    /// <summary>Null for a worker of our own.</summary>
    private readonly string? _folder;

    private WorkerUser(HomeFolder home, string? folder, int? ownerUid) => (_home, _folder, OwnerUid) = (home, folder, ownerUid);

    /// <summary>Whose its FIFOs and its socket are; null: ours.</summary>
    public int? OwnerUid { get; }

    /// <summary>Whose a worker's FIFOs and socket are; null: ours.</summary>
    public static int? OwnerOf(AppSpec spec) => spec.Launch.RunAs is { } user && user.UserId != CurrentUser.Uid ? (int)user.UserId : null;

    /// <summary>With whose rights we follow a path that the worker's user has a say in; null: with our own, also where a thread cannot take those of others (macOS).</summary>
    public static FileUser? RightsOf(AppSpec spec) =>
        OwnerOf(spec) is null || !OperatingSystem.IsLinux() ? null : new FileUser(spec.Launch.RunAs!.UserId, spec.Launch.RunAs.GroupId, spec.Launch.RunAs.Groups);

    /// <exception cref="IOException">The folder that it needs cannot be made, or is not ours alone.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static WorkerUser Of(AppSpec spec, HomeFolder home)
    {
        if (OwnerOf(spec) is not { } owner)
            return new WorkerUser(home, null, null);
        return new WorkerUser(home, RunFolders.MakeForOthers(home), owner);
    }

    /// <summary>Where it speaks to us.</summary>
    public string NotifySocket(long worker) => NotifySocketIn(_folder, _home, worker);

    /// <summary>The same, whether its folder can be made or not.</summary>
    public static string NotifySocketOf(AppSpec spec, HomeFolder home, long worker) => NotifySocketIn(OwnerOf(spec) is null ? null : RunFolders.OfOthers(home), home, worker);

    /// <summary>A copy of a library of ours that the worker can read; ourselves read the original.</summary>
    public string? Reach(string? library)
    {
        if (library is null || _folder is null || OperatingSystem.IsWindows())
            return library;
        var folder = Path.Combine(_folder, Path.GetFileName(Path.GetDirectoryName(library)!));
        var copy = Path.Combine(folder, Path.GetFileName(library));
        if (File.Exists(copy))
            return copy; // the folder is named after the content, and nobody else can write in it
        OwnedFolder.Make(folder);
        var aside = $"{copy}.{Environment.ProcessId}";
        File.Copy(library, aside, overwrite: true);
        File.SetUnixFileMode(aside, Readable);
        File.Move(aside, copy, overwrite: true);
        return copy;
    }

    private static string NotifySocketIn(string? folder, HomeFolder home, long worker)
    {
        var own = home.NotifySocket(worker);
        return folder is null ? own : Path.Combine(folder, Path.GetFileName(own));
    }
}
