namespace ZeroDown.Platform;

/// <summary>Which file a name leads to: another file under the same name has another identity.</summary>
public readonly record struct FileIdentity(ulong Device, ulong Inode)
{
    /// <returns>Null when nothing has that name, and where the system cannot say (macOS). A symbolic link is not followed.</returns>
    public static FileIdentity? Of(string path) => FileStatus.Of(path) is { } status ? new FileIdentity(status.Device, status.Inode) : null;
}
