namespace ZeroDown.Platform;

/// <summary>Reading /proc, where everything may vanish between two reads: an answer is null instead of an exception.</summary>
internal static class ProcFs
{
    /// <summary>Null when the file is gone or may not be read.</summary>
    internal static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // ESRCH (the process ended while we read) arrives as an IOException too.
            return null;
        }
    }

    internal static string? ReadLink(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
