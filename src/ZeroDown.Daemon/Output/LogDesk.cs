using System.Collections.Immutable;
using ZeroDown.Core.Supervision;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// Who reads along: sends the last lines of files, then every new line to whoever follows. Files are the truth; a follower
/// who does not keep up loses lines on the wire (marked there), never a worker its pace.
/// </summary>
/// <remarks>
/// The ends of the files are looked up and a follower is added on the output thread, where new lines are published too, so no line is missed or told twice.
/// The last lines are read elsewhere: that may take long, and nobody's output waits for it.
/// </remarks>
internal sealed class LogDesk(LogPaths paths, string daemonLog, Action<Action> onOutputThread, MissedLines? missed = null)
{
    private ImmutableArray<LogFollower> _followers = [];

    public bool HasFollowers => !_followers.IsEmpty || missed is { IsOpen: true };

    /// <summary>Takes lines for the daemon's own log; from the output thread.</summary>
    public Action<string>? WriteToDaemonLog { get; init; }

    /// <summary>True when bytes are worth splitting into lines.</summary>
    public bool Wants(OutputCourse course, bool error) => HasFollowers || IsForDaemonLog(course, error);

    /// <summary>Sends what was asked for; when following, returns only once the client has left.</summary>
    public async Task SendAsync(
        LogsCommand command, FleetState fleet, ImmutableArray<Target> targets, IClientNotices client, CancellationToken cancellation)
    {
        var everything = command.Targets.Length == 0;
        var follower = new LogFollower(command, everything ? null : [.. targets.Select(target => (target.App, target.Slots))], client);
        var files = Files(command, fleet, targets, everything);
        var begun = BeginAsync(command, files, follower);
        // In the call that takes the request back, so what this client asks for afterwards is looked at behind the end.
        using var leaving = command.Follow ? cancellation.Register(Leave) : default;
        try
        {
            await begun;
            foreach (var file in files)
                await SendAsync(file, command, client, cancellation);
            follower.GoOn();
            if (command.Follow)
                await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException) when (command.Follow)
        {
            // The client has left: the ordinary end of following.
        }
        finally
        {
            if (command.Follow)
                Leave();
        }

        void Leave()
        {
            if (follower.Leaves())
                End(command, follower);
        }
    }

    /// <summary>New lines of a worker; on the output thread.</summary>
    public void Publish(OutputCourse course, bool error, string[] lines, LogPlace? place)
    {
        if (lines.Length == 0)
            return;
        LogNote? note = null;
        foreach (var follower in _followers)
        {
            if (!follower.Wants(course.AppName, course.Slot, error))
                continue;
            follower.Send(note ??= Note());
        }

        missed?.Keep(() => (note ?? Note(), course.Slot));
        if (IsForDaemonLog(course, error))
        {
            foreach (var line in lines)
                WriteToDaemonLog!($"{course.App}:{course.PmId} | {line}");
        }

        LogNote Note() => new()
        {
            App = course.AppName.Value,
            PmId = course.PmId,
            Stream = error ? "err" : "out",
            Lines = lines,
            AtMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
            To = course.Stream(error) switch { StreamPath.Out => "stdout", StreamPath.Error => "stderr", _ => null },
            Source = place?.Path,
            End = place?.End,
        };
    }

    /// <summary>A line of the daemon's own; from any thread.</summary>
    public void PublishDaemonLine(string line)
    {
        var note = new LogNote { Stream = "daemon", Lines = [line], AtMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() };
        foreach (var follower in _followers)
        {
            if (follower.WantsDaemon)
                follower.Send(note);
        }

        missed?.Keep(() => (note, 0));
    }

    /// <summary>A standard stream is the one of `zd run`; without it, it is the daemon's log.</summary>
    private bool IsForDaemonLog(OutputCourse course, bool error) =>
        course.Stream(error) is not null && WriteToDaemonLog is not null && missed is not { IsAttended: true };

    /// <summary>On the output thread, where new lines are published: what stands in the files now is history, and what comes later is told.</summary>
    private async Task BeginAsync(LogsCommand command, List<AskedFile> files, LogFollower follower)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        onOutputThread(() =>
        {
            try
            {
                foreach (var file in files)
                    file.End = LastLines.EndOf(file.Path);
                follower.HasBegun = true;
                if (command is { Missed: true, Follow: true })
                    missed?.Attend(follower.Take);
                if (command.Follow)
                    ImmutableInterlocked.Update(ref _followers, list => list.Add(follower));
                begun.SetResult();
            }
            catch (Exception problem)
            {
                begun.SetException(problem);
            }
        });
        await begun.Task;
    }

    /// <summary>On the output thread too: no line is both told and kept, or neither. What still waits for the last lines is told.</summary>
    private void End(LogsCommand command, LogFollower follower) => onOutputThread(() =>
    {
        if (!follower.HasBegun)
            return;
        follower.GoOn();
        ImmutableInterlocked.Update(ref _followers, list => list.Remove(follower));
        if (command.Missed)
            missed?.Leave();
    });

    private List<AskedFile> Files(LogsCommand command, FleetState fleet, ImmutableArray<Target> targets, bool everything)
    {
        var files = new List<AskedFile>();
        if (everything && command is { Lines: > 0, Out: true })
            files.Add(new AskedFile(daemonLog, new LogNote { Stream = "daemon" }));
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var target in targets)
        {
            if (fleet.Find(target.App) is not { } app)
                continue;
            foreach (var slot in app.Slots.Where(slot => target.Slots?.Contains(slot.Slot) ?? true))
            {
                var (outFile, errorFile) = paths.Of(app.Spec, slot.PmId);
                if (command.Error && LogPaths.IsFile(errorFile) && named.Add(errorFile))
                    files.Add(new AskedFile(errorFile, Note(app, slot, "err")));
                if (command.Out && LogPaths.IsFile(outFile) && named.Add(outFile))
                    files.Add(new AskedFile(outFile, Note(app, slot, "out")));
            }
        }

        return files;

        static LogNote Note(AppState app, SlotState slot, string stream) => new() { App = app.Spec.Name.Value, PmId = slot.PmId, Stream = stream };
    }

    /// <summary>One piece at a time, and no faster than the client reads: a file may be larger than our memory.</summary>
    private static async Task SendAsync(AskedFile file, LogsCommand command, IClientNotices client, CancellationToken cancellation)
    {
        var goesOn = command.From?.TryGetValue(file.Path, out var shown) == true ? shown : (long?)null;
        using var excerpt = goesOn is { } position ? LogExcerpt.Behind(file.Path, position, file.End)
            : command.From is null ? LogExcerpt.Last(file.Path, file.End, command.Lines)
            : null;
        // A follower learns where each file ends, so that it can go on from there behind another daemon.
        var tellsPlace = goesOn is not null || (command.Follow && file.Note.App is not null);
        LogNote? next = null;
        foreach (var (lines, end) in excerpt?.Pieces() ?? [])
        {
            if (next is not null)
                await SendAsync(next with { More = true });
            var piece = file.Note with { Lines = lines, Source = tellsPlace ? file.Path : null, End = tellsPlace ? end : null };
            next = next is not null ? piece
                : goesOn is not null ? piece with { Dropped = excerpt!.LeftOut }
                : piece with { File = file.Path, Count = excerpt!.Lines, Cut = excerpt.IsCut };
        }

        if (next is not null)
            await SendAsync(next);
        else if (tellsPlace)
            await SendAsync(file.Note with { Source = file.Path, End = goesOn is { } from && excerpt is null ? from : file.End });

        async Task SendAsync(LogNote note)
        {
            await client.RoomAsync(cancellation);
            cancellation.ThrowIfCancellationRequested();
            client.Log(note);
        }
    }

    private sealed class AskedFile(string path, LogNote note)
    {
        public string Path => path;

        /// <summary>Whose lines it has.</summary>
        public LogNote Note => note;

        /// <summary>What is written behind this position is told as new.</summary>
        public long End { get; set; }
    }
}

/// <summary>A place in a log file.</summary>
internal readonly record struct LogPlace(string Path, long End);
