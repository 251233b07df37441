namespace ZeroDown.Platform;

/// <summary>Whose file it is, which .NET does not tell.</summary>
public static class FileOwner
{
    /// <summary>Of the name itself, not of what a symbolic link points at. Null if it is not there, and on macOS.</summary>
    public static int? UidOf(string path) => FileStatus.Of(path) is { } status ? (int)status.Uid : null;

    /// <summary>Of what a symbolic link points at, and otherwise the same.</summary>
    public static int? UidBehind(string path) => FileStatus.Behind(path) is { } status ? (int)status.Uid : null;
}
