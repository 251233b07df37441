namespace ZeroDown.Config;

/// <summary>For a path that does not exist: the names beside it that look like it.</summary>
internal static class NearestFiles
{
    private const int MostLookedAt = 2000;

    /// <summary>The name of the first project in a folder, or null.</summary>
    public static string? ProjectIn(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder, "*.*proj").Take(MostLookedAt).Select(Path.GetFileName).Order(StringComparer.Ordinal).FirstOrDefault();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary><c>did you mean 'server.js'?</c>; or that the folder itself is missing; or null.</summary>
    public static string? Hint(string path)
    {
        var folder = Path.GetDirectoryName(path);
        if (folder is null)
            return null;
        if (!Directory.Exists(folder))
            return $"the folder {folder} does not exist";
        try
        {
            var names = Directory.EnumerateFileSystemEntries(folder).Take(MostLookedAt).Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal).ToList();
            var stem = Path.GetFileNameWithoutExtension(path);
            var near = Nearest.Find(Path.GetFileName(path), names)
                ?? names.Find(n => Path.GetFileNameWithoutExtension(n).Equals(stem, StringComparison.OrdinalIgnoreCase));
            return near is null ? null : $"did you mean '{near}'?";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
