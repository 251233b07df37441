using System.Globalization;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// One file per slot with the pid of the worker that stands for it, for scripts that know no better; gone while there is none. During a
/// roll it names the old worker until the new one has taken over. Written beside the loop, one change after the other.
/// </summary>
internal sealed class PidFiles(string folder, DaemonLog log, TimeProvider? time = null)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Why the last try failed, by path.</summary>
    private readonly Dictionary<string, string> _failed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unwanted = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly Dictionary<(AppName App, int PmId), (string Path, int Pid)> _written = [];
    private Dictionary<(AppName App, int PmId), (string Path, int Pid)> _wanted = [];
    private Task _work = Task.CompletedTask;
    private TimeSpan _pause = FirstPause;
    private ITimer? _retry;

    /// <summary>By pm2's rule the id stands before the ending: <c>api-0.pid</c>.</summary>
    public string PathOf(AppSpec spec, int pmId)
    {
        var id = pmId.ToString(CultureInfo.InvariantCulture);
        if (spec.Log.PidFile is not { } path)
            return Path.Combine(folder, $"{LogPaths.FileName(spec.Name)}-{id}.pid");
        return path.EndsWith(".pid", StringComparison.Ordinal) ? $"{path[..^4]}-{id}.pid" : $"{path}-{id}";
    }

    /// <summary>Before the first <see cref="Follow"/>: what a daemon before us may have written, and did not come to remove.</summary>
    public void TakeOver(FleetState remembered)
    {
        foreach (var app in remembered.Apps)
        {
            foreach (var slot in app.Slots)
                _written[(app.Spec.Name, slot.PmId)] = (PathOf(Current(app, slot)?.Spec ?? app.Spec, slot.PmId), 0);
        }

        _wanted = new(_written);
    }

    /// <summary>On the loop's thread.</summary>
    public void Follow(FleetState fleet)
    {
        var wanted = new Dictionary<(AppName, int), (string, int)>();
        foreach (var app in fleet.Apps)
        {
            foreach (var slot in app.Slots)
            {
                if (Current(app, slot) is { Pid: > 0 } worker)
                    wanted[(app.Spec.Name, slot.PmId)] = (PathOf(worker.Spec, slot.PmId), worker.Pid);
            }
        }

        lock (_lock)
        {
            if (wanted.Count == _wanted.Count && wanted.All(one => _wanted.TryGetValue(one.Key, out var known) && known == one.Value))
                return;
            _wanted = wanted;
            _work = _work.ContinueWith(_ => Apply(), TaskScheduler.Default);
        }
    }

    /// <summary>Waits until the files say what was last told.</summary>
    public void Settle() => _work.Wait(TimeSpan.FromSeconds(5));

    private static Worker? Current(AppState app, SlotState slot) => slot.Current is { } id ? app.Workers.GetValueOrDefault(id.Number) : null;

    private void Apply()
    {
        Dictionary<(AppName, int), (string Path, int Pid)> wanted;
        lock (_lock)
            wanted = _wanted;
        foreach (var (key, (path, _)) in _written.Where(one => !wanted.TryGetValue(one.Key, out var still) || still.Path != one.Value.Path).ToList())
        {
            _written.Remove(key);
            _unwanted.Add(path);
        }

        _unwanted.ExceptWith(wanted.Values.Select(file => file.Path));
        _unwanted.RemoveWhere(path => Try(path, () => Delete(path)));
        var failed = _unwanted.Count > 0;

        foreach (var (key, file) in wanted)
        {
            if (_written.TryGetValue(key, out var known) && known == file)
                continue;
            if (Try(file.Path, () => Write(file.Path, file.Pid)))
                _written[key] = file;
            else
                failed = true;
        }

        Plan(failed);
    }

    /// <summary>What is in the way (a full disk, a missing permission) passes, and nothing tells of it.</summary>
    private void Plan(bool again)
    {
        lock (_lock)
        {
            _retry?.Dispose();
            _retry = null;
            if (!again)
            {
                _pause = FirstPause;
                return;
            }

            _retry = _time.CreateTimer(_ => Again(), null, _pause, Timeout.InfiniteTimeSpan);
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
    }

    private void Again()
    {
        lock (_lock)
            _work = _work.ContinueWith(_ => Apply(), TaskScheduler.Default);
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(Path.GetDirectoryName(path)))
            File.Delete(path);
    }

    /// <summary>Whole or not at all: a reader must not find half a number.</summary>
    private static void Write(string path, int pid)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var fresh = $"{path}.new";
        File.WriteAllText(fresh, pid.ToString(CultureInfo.InvariantCulture));
        File.Move(fresh, path, overwrite: true);
    }

    private bool Try(string path, Action act)
    {
        try
        {
            act();
            _failed.Remove(path);
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            if (!_failed.TryGetValue(path, out var said) || said != problem.Message)
                log.PidFileFailed(path, problem.Message);
            _failed[path] = problem.Message;
            return false;
        }
    }
}
