using Serilog;
using Serilog.Core;
using Serilog.Formatting.Compact;
using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon;

/// <summary>
/// Every line that the daemon can log, as a named method. Scalars only: under Native AOT Serilog's <c>{@x}</c> silently
/// becomes <c>ToString()</c>. What is news to users also goes to whoever follows <c>zd logs</c>. Names, paths and words of workers are in the lines: each line stays one line.
/// </summary>
internal sealed class DaemonLog : IDisposable
{
    private const long FileLimit = 10 * 1024 * 1024;
    private readonly Logger _log;

    private DaemonLog(Logger log) => _log = log;

    /// <summary>Set once at start: whoever follows the daemon's lines. Must not block.</summary>
    public Action<string>? Followers { get; set; }

    /// <param name="path">The log file; rolls at 10 MiB, five old ones stay.</param>
    /// <param name="json">One compact JSON object per line instead of text.</param>
    public static DaemonLog Open(string path, bool json)
    {
        var configuration = new LoggerConfiguration().MinimumLevel.Debug();
        configuration = json
            ? configuration.WriteTo.File(new CompactJsonFormatter(), path,
                fileSizeLimitBytes: FileLimit, rollOnFileSizeLimit: true, retainedFileCountLimit: 5)
            : configuration.WriteTo.File(path,
                outputTemplate: "{Timestamp:yyyy-MM-ddTHH:mm:ss.fff}: ZD {Level:u3}: {Message:l}{NewLine}{Exception}",
                formatProvider: System.Globalization.CultureInfo.InvariantCulture,
                fileSizeLimitBytes: FileLimit, rollOnFileSizeLimit: true, retainedFileCountLimit: 5);
        return new DaemonLog(configuration.CreateLogger());
    }

    /// <summary>A log that writes nowhere, for tests of what is not the log.</summary>
    public static DaemonLog Silent() => new(new LoggerConfiguration().CreateLogger());

    public void Started(string version, int pid, int keeperPid, string home) =>
        Say($"ZeroDown {version} daemon started, pid {pid}, keeper {keeperPid}, home {home}");

    public void TookOver(int workers, int sockets) =>
        Say($"The daemon before this one is gone: took over {workers} workers and {sockets} sockets from the keeper");

    public void StrangerEnded(string worker, int pid) =>
        Warn($"{worker} (pid {pid}) was launched by a daemon that died and stands in no record; it is asked to end, and killed after 10 s");

    public void ProcessesSpared(string worker, string processes) =>
        Say($"{worker} has ended; these processes that it started are not ended with it (zd commands and keepers, or another user's): {processes}");

    public void TreeNotSignalled(string worker, string why) => Warn($"cannot signal a process that {worker} started: {why}");

    public void LeftoversClosed(int count) => Debug($"Closed {count} descriptors that the keeper still held for workers that are gone");

    public void News(FleetNews news) => Say(NewsText.Line(news));

    public void ListenerKilled(string address, string? culprit) =>
        Warn($"Somebody shut down the listening socket {address}{(culprit is null ? "" : $" (exiting just then: {culprit})")}; it listens again");

    public void ListenerReplaced(string address, string? culprit) =>
        Warn($"Somebody shut down the listening socket {address}{(culprit is null ? "" : $" (exiting just then: {culprit})")}; a new one took its place, reload the app to hand it to the workers");

    public void ListenerNotHealed(string address, string problem) => Warn($"The listening socket {address} is dead and could not be revived: {problem}. It is tried again and again; `zd stop` and `zd start` of its apps bind it anew");

    public void ListenerFileVanished(string path) => Warn($"The socket file {path} vanished; it is bound again");

    public void ListenerPutBack(string address, string what, string? leaving) =>
        Debug($"A worker had changed the shared listening socket {address} ({what}); it is as it was{(leaving is null ? "" : $"; {leaving} has just left")}");

    public void ListenerSteered(string address, string to, bool taken)
    {
        if (taken)
            Debug($"Two sockets stand on {address}; new connections go to: {to}");
        else
            Warn($"Two sockets stand on {address}, and the kernel does not take the order where new connections go ({to}); some may be lost when the old workers leave");
    }

    public void OutputDropped(string file, string problem) =>
        Warn($"Output cannot be written to {file} ({problem}); the worker goes on, what it prints is dropped and counted until there is room");

    public void OutputWrittenAgain(string file, long lines, long bytes) =>
        Warn($"{file} can be written again; {lines} lines ({bytes} bytes) were dropped in between");

    public void PidFileFailed(string path, string problem) => Warn($"The pid file {path} cannot be written or removed, and it is tried again: {problem}");

    public void LogsReopened(string[] problems) =>
        Say(problems.Length == 0 ? "Log files are opened anew" : $"Log files are opened anew, but: {string.Join("; ", problems)}");

    public void OutputLost(string file, long lines, long bytes, string problem) =>
        Warn($"{lines} lines ({bytes} bytes) for {file} were dropped ({problem}), and nobody writes to it any more");

    public void OutputFileFailed(string file, string problem) => Warn($"Cannot open the log file {file}: {problem}; the worker's output is dropped, and it is tried again");

    public void PipeMadeAnew(string path) => Warn($"{path} was removed or replaced; the daemon has made it anew");

    public void HomeMadeAnew(string sentence) => Warn(char.ToUpperInvariant(sentence[0]) + sentence[1..]);

    public void PipeNotMadeAnew(string path, string problem) => Warn($"{path} was removed or replaced and cannot be made anew: {problem}; it is tried again");

    public void PipeNotWatched(string problem) => Warn($"The pipe is not watched, so a pipe that is removed is not made anew: {problem}");

    /// <summary>Output of an app whose log file is a standard stream. Followers hear it as the app's.</summary>
    public void WorkerLine(string line) => _log.Information("{Line:l}", OneLine.Of(line));

    public void OutputFileOpened(string file) => Say($"The log file {file} can be opened again");

    public void CronRegistered(string app, string pattern, DateTimeOffset next) =>
        Say($"[WORKER] Registering a cron job on: {app} ({pattern}), next on {next:yyyy-MM-dd HH:mm:ss zzz}");

    public void CronRemoved(string app) => Say($"[WORKER] Deregistering a cron job on: {app}");

    public void WatchStarted(string app, int folders) => Say($"[Watch] Start watching {app} ({folders} folders)");

    public void WatchStopped(string app) => Say($"[Watch] Stop watching {app}");

    public void WatchFailed(string app, string problem) => Warn($"[Watch] App {app}: {problem}");

    public void WorkerStatus(string worker, string text) => Debug($"{worker} says: {text}");

    public void ListenRefused(string worker, string what, string problem) => Debug($"{worker} does not get {what}: {problem}");

    public void ChannelMisused(string worker, string problem) => Say($"The channel of {worker}: {problem} (said once per worker)");

    public void NotInjected(string app, string why) => Debug($"App {app}: our drain library is not injected: {why}");

    public void ListeningNotVisible(string worker, string why) => Say($"{worker} counts as listening although the system does not let us look: {why}");

    public void ClientGone(string verb) => Debug($"The client of {verb} left before its answer; the command went on");

    public void ClientFailed(string problem) => Debug($"A client misbehaved: {problem}");

    public void KeeperLost() => Warn("The keeper is gone; another one is started and gets everything");

    public void KeeperReplaced() => Say("Another keeper has everything; this daemon makes room for the one that it starts");

    public void KeeperNotReplaced(string problem, TimeSpan pause) => Alarm(
        $"THE KEEPER IS GONE and no other can be started: {problem}. The workers serve on, but none can be launched; the next attempt is in {pause.TotalSeconds:0.#} s");

    public void StateNotRecorded(string problem) =>
        Warn($"The state cannot be written down ({problem}): were this daemon to die now, the next one would go on from an older state");

    public void StateNotOnDisk(string problem) =>
        Warn($"The state is kept in memory only, the disk does not take it ({problem}): everything goes on, but were keeper and daemon to end now, the next ones would begin from an older state");

    public void StateFileUnreadable(string sentence) => Warn(char.ToUpperInvariant(sentence[0]) + sentence[1..]);

    public void LastStateNotKept(string problem) =>
        Warn($"What last ran could not be kept apart ({problem}): as soon as an app is started, `zd resurrect` no longer finds it");

    public void StateOnDiskAgain() => Warn("The state is on the disk again");

    public void StateRecordedAgain() => Warn("The state is written down again");

    public void MakesRoomForUpdate(string version, string program) => Say($"Update to zd {version} ({program}): this daemon makes room, the workers serve on");

    public void SafeMode(string what) => Alarm(what);

    public void EndNotOnDisk(string problem) =>
        Warn($"The state file still says that everything runs ({problem}): the next daemon starts it again, unless state.json is moved away before");

    public void SafeModeOver(bool isEnd) => Say(isEnd ? "Safe mode ends with everything else: zd kill" : "Safe mode is over; the next daemon tries again to do its whole work");

    public void Remains(string line) => Warn($"Recovery: {line}");

    public void Ending(string why) => Say($"ZeroDown daemon ends: {why}");

    public void Crashed(Exception problem) => Fatal("The daemon met a defect of its own and ends; workers serve on, and the keeper starts the next daemon. What follows belongs into a report of the defect (`zd report`)", problem);

    public void CallbackFailed(Exception problem) => _log.Error(problem, "A task of the daemon's own failed, and it goes on without it. What follows belongs into a report of the defect (`zd report`)");

    public void Dispose() => _log.Dispose();

    private void Say(string line)
    {
        line = OneLine.Of(line);
        _log.Information("{Line:l}", line);
        Followers?.Invoke(line);
    }

    private void Warn(string line)
    {
        line = OneLine.Of(line);
        _log.Warning("{Line:l}", line);
        Followers?.Invoke(line);
    }

    private void Alarm(string line)
    {
        line = OneLine.Of(line);
        _log.Error("{Line:l}", line);
        Followers?.Invoke(line);
    }

    private void Debug(string line) => _log.Debug("{Line:l}", OneLine.Of(line));

    private void Fatal(string line, Exception? problem) => _log.Fatal(problem, "{Line:l}", OneLine.Of(line));
}
