namespace ZeroDown.Platform;

/// <summary>A folder that others may look into, and that nobody but root and us can put something into or something else in the place of.</summary>
public static class OwnedFolder
{
    private const UnixFileMode Traversable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Why a folder is not ours alone: each one from the root on is looked at, because whoever may write in one of them can put another in the place of the next.</summary>
    /// <param name="path">Absolute, without symbolic links.</param>
    /// <returns>A sentence; null when it is ours. On macOS always null: there it is not known.</returns>
    public static string? Problem(string path) => Problem(path, mayBeSticky: false);

    /// <summary>True where a folder that we make stays ours: others may at most make some of their own beside it.</summary>
    /// <param name="path">Absolute, without symbolic links.</param>
    public static bool CanHold(string path) => Problem(path, mayBeSticky: true) is null;

    /// <summary>Makes it (0711) if need be; the one above it must be there.</summary>
    /// <exception cref="IOException">It is not ours alone, or cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("ZeroDown runs on Linux and macOS.");
        }

        Directory.CreateDirectory(path, Traversable);
        if (Problem(path) is { } problem)
        {
            throw new IOException($"{path} is not ours alone: {problem}");
        }

        if (File.GetUnixFileMode(path) != Traversable)
        {
            File.SetUnixFileMode(path, Traversable); // the umask took something away
        }
    }

    /// <summary>True where a user can put nothing into any folder on the way to a file, so that what lies there was put there by somebody whom we trust.</summary>
    /// <param name="path">Of the file, absolute. Folders that are not there yet are made by us; a symbolic link on the way counts as his.</param>
    /// <param name="user">Who.</param>
    public static bool IsClosedTo(string path, FileUser user)
    {
        const uint group = 0x10, others = 0x2;
        var isThere = false;
        for (var at = Path.GetDirectoryName(path); OperatingSystem.IsLinux() && at is not null; at = Path.GetDirectoryName(at))
        {
            if (FileStatus.Of(at) is not { } status)
            {
                isThere = false;
                continue;
            }

            var bits = status.Gid == user.Gid || user.Groups.Contains(status.Gid) ? group | others : others;
            // In a sticky folder he can do nothing to the next one, which is there and not his.
            var isOpen = (status.Mode & bits) != 0 && !(isThere && (status.Mode & Constants.S_ISVTX) != 0);
            if (!status.IsFolder || status.Uid == user.Uid || isOpen || ((status.Mode & group) != 0 && HasAccessList(at)))
            {
                return false;
            }

            isThere = true;
        }

        return OperatingSystem.IsLinux();
    }

    /// <summary>With whose rights a file is opened, written or removed by its path.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="user">Whose app it is for; null: for one of our own.</param>
    /// <returns>Null: with our own, since nobody else can have laid anything there.</returns>
    public static FileUser? RightsFor(string path, FileUser? user) => user is null || IsClosedTo(path, user) ? null : user;

    /// <summary>Its mode does not say who may write: the group's bits are the mask of a list (acl(5)) that may name anybody.</summary>
    private static bool HasAccessList(string path) => Interop.LGetXAttr(path, "system.posix_acl_access", 0, 0) > 0;

    private static string? Problem(string path, bool mayBeSticky)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        for (var at = path; ; at = Path.GetDirectoryName(at)!)
        {
            if (FileStatus.Of(at) is not { } status)
            {
                return $"{at} is not there";
            }

            if (!status.IsFolder)
            {
                return $"{at} is no folder";
            }

            if (status.Uid != 0 && status.Uid != CurrentUser.Uid)
            {
                return $"{at} belongs to uid {status.Uid}";
            }

            // In a sticky folder (/tmp) others may put something of their own, and touch nothing of ours.
            var isSticky = (status.Mode & Constants.S_ISVTX) != 0;
            if ((status.Mode & Constants.WritableByOthers) != 0 && !(isSticky && (mayBeSticky || at != path)))
            {
                return $"others may write in {at}";
            }

            if (at == "/")
            {
                return null;
            }
        }
    }
}
