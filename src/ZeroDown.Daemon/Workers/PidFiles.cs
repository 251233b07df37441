using System.Globalization;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// One file per slot with the pid of the worker that stands for it, for scripts that know no better; gone while there is none. During a
/// roll it names the old worker until the new one has taken over. Written beside the loop, one change after the other.
/// </summary>
internal sealed class PidFiles(string folder, DaemonLog log)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(AppName App, int PmId), (string Path, int Pid)> _written = [];
    private Dictionary<(AppName App, int PmId), (string Path, int Pid)> _wanted = [];
    private Task _work = Task.CompletedTask;

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
            Try(path, () => File.Delete(path));
        }

        foreach (var (key, file) in wanted)
        {
            if (_written.TryGetValue(key, out var known) && known == file)
                continue;
            _written[key] = file;
            Try(file.Path, () => Write(file.Path, file.Pid));
        }
    }

    /// <summary>Whole or not at all: a reader must not find half a number.</summary>
    private static void Write(string path, int pid)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var fresh = $"{path}.new";
        File.WriteAllText(fresh, pid.ToString(CultureInfo.InvariantCulture));
        File.Move(fresh, path, overwrite: true);
    }

    private void Try(string path, Action act)
    {
        try
        {
            act();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            log.PidFileFailed(path, problem.Message);
        }
    }
}
