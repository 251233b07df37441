using System.Collections.Concurrent;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// One open file per path, shared by every stream that writes there: two workers of one slot during a roll, or a whole app
/// with merged logs. Used on the output thread.
/// </summary>
internal sealed class LogFiles(DaemonLog log)
{
    private readonly ConcurrentDictionary<string, Shared> _open = new(StringComparer.Ordinal);

    /// <summary>The file behind a path; one that cannot be opened now is tried again with later output.</summary>
    public SharedLog Open(string path)
    {
        var shared = _open.GetOrAdd(path, _ => new Shared());
        lock (shared)
        {
            shared.Users++;
            return shared.Log ??= new SharedLog(path, log, () => Close(path, shared));
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
            if (_open.TryGetValue(path, out var shared) && shared.Log is { } open)
                open.Truncate();
            else if (File.Exists(path))
                using (File.Open(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite))
                {
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
            if (path != LogPaths.Nowhere && _open.TryGetValue(path, out var shared))
                shared.Log?.Reopen();
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SystemCallException)
        {
            return $"{path}: {problem.Message}";
        }
    }

    private void Close(string path, Shared shared)
    {
        lock (shared)
        {
            if (--shared.Users > 0)
                return;
            _open.TryRemove(path, out _);
            shared.Log?.Close();
            shared.Log = null;
        }
    }

    /// <summary>Opens every file anew: somebody has moved the old ones away.</summary>
    /// <returns>One sentence per file that could not be opened.</returns>
    public string[] ReopenAll() => [.. _open.Keys.Select(Reopen).OfType<string>()];

    private sealed class Shared
    {
        public int Users { get; set; }

        public SharedLog? Log { get; set; }
    }
}
