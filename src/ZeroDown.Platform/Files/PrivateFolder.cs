namespace ZeroDown.Platform;

/// <summary>A folder that is ours alone: nobody else looks into it, and nobody else lays something there for us to find.</summary>
/// <remarks>
/// chmod(2) is no proof of that: it refuses an ordinary user on somebody else's folder, but root's succeeds on anybody's. So whose it is comes first, also because root's chmod must
/// not go where a stranger's symbolic link leads.
/// </remarks>
public static class PrivateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes it if need be, with the folders above it, and closes it to everybody else (0700).</summary>
    /// <exception cref="StrangersFolderException">It is there, and somebody else's; nothing was touched.</exception>
    /// <exception cref="IOException">It cannot be made, or written to.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("ZeroDown runs on Linux and macOS.");
        }

        Directory.CreateDirectory(path, OwnerOnly);
        if (StrangerAt(path) is { } uid)
        {
            throw new StrangersFolderException(path, uid);
        }

        if (File.GetUnixFileMode(path) != OwnerOnly)
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }

        // A folder that is ours may still lie on a file system that is read-only.
        if (Interop.Access(path, Constants.W_OK | Constants.X_OK) != 0)
        {
            throw new IOException($"nothing can be written in it ({Errno.Last}).");
        }
    }

    /// <summary>Who else decides what lies in a folder: the owner of it, or of a symbolic link in its place (root's are as good as our own).</summary>
    /// <returns>Null when nobody else does or nothing is there; and on macOS, where it is not known.</returns>
    public static int? StrangerAt(string path) =>
        FileOwner.UidOf(path) is { } owner && owner != 0 && owner != CurrentUser.Uid ? owner
        : FileOwner.UidBehind(path) is { } behind && behind != CurrentUser.Uid ? behind
        : null;
}

/// <summary>A folder that should be ours belongs to somebody else.</summary>
public sealed class StrangersFolderException(string path, int uid) : IOException($"{path} belongs to uid {uid}, and this is uid {CurrentUser.Uid}")
{
    public int Uid { get; } = uid;
}
