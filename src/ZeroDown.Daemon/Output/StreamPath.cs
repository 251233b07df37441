namespace ZeroDown.Daemon.Output;

/// <summary>
/// Log files that name a standard stream (<c>/dev/stdout</c>, <c>/dev/fd/2</c>, <c>/proc/self/fd/1</c>): in <c>zd run</c> the streams of the container, beside a resident
/// daemon its log. They are never opened: in the daemon these paths lead to descriptors of the daemon's own.
/// </summary>
internal static class StreamPath
{
    public const string Out = "/dev/stdout";
    public const string Error = "/dev/stderr";

    private static readonly string[] DescriptorFolders = ["/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"];

    /// <returns><see cref="Out"/>, <see cref="Error"/>, or null when the path names a file.</returns>
    public static string? Of(string path)
    {
        if (path is Out or Error)
            return path;
        foreach (var folder in DescriptorFolders)
        {
            // Descriptors other than 2 mean nothing in another process.
            if (path.StartsWith(folder, StringComparison.Ordinal) && int.TryParse(path.AsSpan(folder.Length), System.Globalization.NumberStyles.None, null, out var number))
                return number == 2 ? Error : Out;
        }

        return null;
    }
}
