using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// One open file per path, shared by every stream that writes there: two workers of one slot during a roll, or a whole app
/// with merged logs. Two files open on one path would write over each other, as each keeps its own position.
/// </summary>
/// <remarks>Opened on the loop's thread, left on the output thread, emptied on a client's: hence the lock.</remarks>
internal sealed class LogFiles(DaemonLog log)
{
    private readonly Dictionary<string, Shared> _open = new(StringComparer.Ordinal);

    /// <summary>The file behind a path; one that cannot be opened now is tried again with later output.</summary>
    public SharedLog Open(string path)
    {
        lock (_open)
        {
            if (!_open.TryGetValue(path, out var shared))
                _open[path] = shared = new Shared(new SharedLog(path, log, () => Leave(path)));
            shared.Users++;
            return shared.Log;
        }
    }

    /// <summary>Empties a file, whether it is open now or not.</summary>
    /// <returns>Null, or why not.</returns>
    public string? Truncate(string path)
    {
        if (path == LogPaths.Nowhere)
            return null;
        try
        {
            lock (_open)
            {
                if (_open.TryGetValue(path, out var shared))
                    shared.Log.Truncate();
                else if (File.Exists(path))
                    File.Open(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite).Dispose();
            }

            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SystemCallException)
        {
            return $"{path}: {problem.Message}";
        }
    }

    /// <summary>Opens the path anew for those who write there: a rotation has moved the old file away.</summary>
    /// <returns>Null, or why not.</returns>
    public string? Reopen(string path)
    {
        try
        {
            lock (_open)
            {
                if (path != LogPaths.Nowhere && _open.TryGetValue(path, out var shared))
                    shared.Log.Reopen();
            }

            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SystemCallException)
        {
            return $"{path}: {problem.Message}";
        }
    }

    private void Leave(string path)
    {
        lock (_open)
        {
            if (_open.TryGetValue(path, out var shared) && --shared.Users == 0)
            {
                _open.Remove(path);
                shared.Log.Close();
            }
        }
    }

    /// <summary>Opens every file anew: somebody has moved the old ones away.</summary>
    /// <returns>One sentence per file that could not be opened.</returns>
    public string[] ReopenAll()
    {
        string[] paths;
        lock (_open)
            paths = [.. _open.Keys];
        return [.. paths.Select(Reopen).OfType<string>()];
    }

    private sealed class Shared(SharedLog log)
    {
        public int Users { get; set; }

        public SharedLog Log => log;
    }
}
