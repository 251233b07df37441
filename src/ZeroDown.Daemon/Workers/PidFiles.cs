using System.Globalization;
using System.Text;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// One file per slot with the pid of the worker that stands for it, for scripts that know no better; gone while there is none. During a
/// roll it names the old worker until the new one has taken over. Written beside the loop, one change after the other.
/// </summary>
/// <remarks>
/// A file that the app's own file names may lie in a folder of the app's user: where he can write on the way, it is written and removed with his rights, so a link that he has laid
/// leads us nowhere.
/// </remarks>
internal sealed class PidFiles(string folder, DaemonLog log, TimeProvider? time = null)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Why the last try failed, by path.</summary>
    private readonly Dictionary<string, string> _failed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileUser?> _unwanted = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly Dictionary<(AppName App, int PmId), Entry> _written = [];
    private Dictionary<(AppName App, int PmId), Entry> _wanted = [];
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
            {
                var spec = Current(app, slot)?.Spec ?? app.Spec;
                _written[(app.Spec.Name, slot.PmId)] = new Entry(PathOf(spec, slot.PmId), 0, RightsFor(spec));
            }
        }

        _wanted = new(_written);
    }

    /// <summary>On the loop's thread.</summary>
    public void Follow(FleetState fleet)
    {
        var wanted = new Dictionary<(AppName, int), Entry>();
        foreach (var app in fleet.Apps)
        {
            foreach (var slot in app.Slots)
            {
                if (Current(app, slot) is { Pid: > 0 } worker)
                    wanted[(app.Spec.Name, slot.PmId)] = new Entry(PathOf(worker.Spec, slot.PmId), worker.Pid, RightsFor(worker.Spec));
            }
        }

        lock (_lock)
        {
            if (wanted.Count == _wanted.Count && wanted.All(one => _wanted.TryGetValue(one.Key, out var known) && known.IsSame(one.Value)))
                return;
            _wanted = wanted;
            _work = _work.ContinueWith(_ => Apply(), TaskScheduler.Default);
        }
    }

    /// <summary>Waits until the files say what was last told.</summary>
    public void Settle() => _work.Wait(TimeSpan.FromSeconds(5));

    private static Worker? Current(AppState app, SlotState slot) => slot.Current is { } id ? app.Workers.GetValueOrDefault(id.Number) : null;

    /// <summary>Our own folder is closed to everybody else.</summary>
    private static FileUser? RightsFor(AppSpec spec) => spec.Log.PidFile is null ? null : WorkerUser.RightsOf(spec);

    private void Apply()
    {
        Dictionary<(AppName, int), Entry> wanted;
        lock (_lock)
            wanted = _wanted;
        foreach (var (key, written) in _written.Where(one => !wanted.TryGetValue(one.Key, out var still) || still.Path != one.Value.Path).ToList())
        {
            _written.Remove(key);
            _unwanted[written.Path] = written.Rights;
        }

        foreach (var file in wanted.Values)
            _unwanted.Remove(file.Path);
        foreach (var (path, rights) in _unwanted.ToList())
        {
            if (Try(path, rights, () => Delete(path)))
                _unwanted.Remove(path);
        }

        var failed = _unwanted.Count > 0;
        foreach (var (key, file) in wanted)
        {
            if (_written.TryGetValue(key, out var known) && known.IsSame(file))
                continue;
            if (Try(file.Path, file.Rights, () => Write(file.Path, file.Pid)))
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

    /// <summary>Whole or not at all: a reader must not find half a number. Under a name that is made new: what somebody has laid there is neither followed nor waited for.</summary>
    private static void Write(string path, int pid)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var fresh = $"{path}.new";
        File.Delete(fresh);
        using (var file = new FileStream(fresh, FileMode.CreateNew, FileAccess.Write))
            file.Write(Encoding.ASCII.GetBytes(pid.ToString(CultureInfo.InvariantCulture)));
        File.Move(fresh, path, overwrite: true);
    }

    private bool Try(string path, FileUser? rights, Action act)
    {
        try
        {
            Impersonation.Run(OwnedFolder.RightsFor(path, rights), act);
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

    /// <param name="Path">Where.</param>
    /// <param name="Pid">0: of somebody before us.</param>
    /// <param name="Rights">With whose rights; null: with our own.</param>
    private sealed record Entry(string Path, int Pid, FileUser? Rights)
    {
        public bool IsSame(Entry other) => Path == other.Path && Pid == other.Pid && Rights?.Uid == other.Rights?.Uid;
    }
}
