using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// One open file per path, shared by every stream that writes there: two workers of one slot during a roll, or a whole app
/// with merged logs. Two files open on one path would write over each other, as each keeps its own position.
/// </summary>
/// <remarks>Opened on the loop's thread, left on the output thread, emptied on a client's: hence the lock.</remarks>
internal sealed class LogFiles(DaemonLog log, Func<TimeSpan>? clock = null)
{
    private const int MostProblems = 5;

    private readonly Func<TimeSpan> _now = clock ?? (() => MonotonicClock.Now);
    private readonly Dictionary<string, Shared> _open = new(StringComparer.Ordinal);

    /// <summary>The file behind a path; one that cannot be opened now is tried again with later output.</summary>
    /// <param name="path">Which.</param>
    /// <param name="user">Whose app prints there, see <see cref="LogFile.Open"/>; null: our own.</param>
    public SharedLog Open(string path, FileUser? user = null)
    {
        lock (_open)
        {
            if (!_open.TryGetValue(path, out var shared))
                _open[path] = shared = new Shared(new SharedLog(path, user, log, () => Leave(path), _now));
            shared.Users++;
            return shared.Log;
        }
    }

    /// <summary>Empties a file, whether it is open now or not.</summary>
    /// <returns>Null, or why not.</returns>
    public string? Truncate(string path, FileUser? user = null)
    {
        if (!LogPaths.IsFile(path))
            return null;
        try
        {
            lock (_open)
            {
                if (_open.TryGetValue(path, out var shared))
                    shared.Log.Truncate();
                else if (File.Exists(path))
                    EmptyClosed(path, user);
            }

            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SystemCallException)
        {
            return $"{path}: {problem.Message}";
        }
    }

    private static void EmptyClosed(string path, FileUser? user)
    {
        using var file = LogFile.Open(path, user);
        file.Truncate();
    }

    /// <summary>Opens the path anew for those who write there: a rotation has moved the old file away.</summary>
    /// <returns>Null, or why not.</returns>
    public string? Reopen(string path)
    {
        try
        {
            lock (_open)
            {
                if (LogPaths.IsFile(path) && _open.TryGetValue(path, out var shared))
                    shared.Log.Reopen();
            }

            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SystemCallException)
        {
            return $"{path}: {problem.Message}";
        }
    }

    /// <summary>One sentence per file that cannot be opened or written now.</summary>
    public string[] Problems()
    {
        SharedLog[] open;
        lock (_open)
            open = [.. _open.Values.Select(shared => shared.Log)];
        string[] problems = [.. open.Select(log => log.Problem()).OfType<string>()];
        return problems.Length > MostProblems ? [.. problems[..MostProblems], $"{problems.Length - MostProblems} more log files cannot be opened or written"] : problems;
    }

    /// <inheritdoc cref="Problems"/>
    public string? ProblemOf(string path)
    {
        SharedLog? log;
        lock (_open)
            log = _open.GetValueOrDefault(path)?.Log;
        return log?.Problem();
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
