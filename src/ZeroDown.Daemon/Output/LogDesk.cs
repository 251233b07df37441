using System.Collections.Immutable;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// Who reads along: sends the last lines of files, then every new line to whoever follows. Files are the truth; a follower
/// who does not keep up loses lines on the wire (marked there), never a worker its pace.
/// </summary>
/// <remarks>Last lines are read and a follower is added on the output thread, where new lines are published too, so no line is missed or told twice.</remarks>
internal sealed class LogDesk(LogPaths paths, string daemonLog, Action<Action> onOutputThread, MissedLines? missed = null)
{
    private ImmutableArray<Follower> _followers = [];

    /// <summary>True when bytes are worth splitting into lines.</summary>
    public bool HasFollowers => !_followers.IsEmpty || missed is { IsOpen: true };

    /// <summary>Sends what was asked for; when following, returns only once the client has left.</summary>
    public async Task SendAsync(
        LogsCommand command, FleetState fleet, ImmutableArray<Target> targets, IClientNotices client, CancellationToken cancellation)
    {
        var everything = command.Targets.Length == 0;
        var follower = new Follower(command, everything ? null : [.. targets.Select(target => (target.App, target.Slots))], client);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        onOutputThread(() =>
        {
            try
            {
                SendLastLines(command, fleet, targets, everything, client);
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
        if (!command.Follow)
            return;

        try
        {
            await Task.Delay(Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            // The client has left: the ordinary end of following.
        }
        finally
        {
            // On the output thread, where lines are published: none is both told and kept, or neither.
            onOutputThread(() =>
            {
                ImmutableInterlocked.Update(ref _followers, list => list.Remove(follower));
                if (command.Missed)
                    missed?.Leave();
            });
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
            follower.Client.Log(note ??= Note());
        }

        missed?.Keep(() => (note ?? Note(), course.Slot));

        LogNote Note() => new()
        {
            App = course.AppName.Value,
            PmId = course.PmId,
            Stream = error ? "err" : "out",
            Lines = lines,
            AtMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
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
                follower.Client.Log(note);
        }

        missed?.Keep(() => (note, 0));
    }

    private void SendLastLines(
        LogsCommand command, FleetState fleet, ImmutableArray<Target> targets, bool everything, IClientNotices client)
    {
        if (everything && command is { Lines: > 0, Out: true })
            Send(client, new LogNote { Stream = "daemon", Lines = LastLines.Of(daemonLog, command.Lines), File = daemonLog });

        var told = new HashSet<string>(StringComparer.Ordinal) { LogPaths.Nowhere };
        foreach (var target in targets)
        {
            if (fleet.Find(target.App) is not { } app)
                continue;
            foreach (var slot in app.Slots.Where(slot => target.Slots?.Contains(slot.Slot) ?? true))
            {
                var (outFile, errorFile) = paths.Of(app.Spec, slot.PmId);
                if (command.Error && told.Add(errorFile))
                    Send(client, Note(app, slot, "err", errorFile));
                if (command.Out && told.Add(outFile))
                    Send(client, Note(app, slot, "out", outFile));
            }
        }

        LogNote Note(AppState app, SlotState slot, string stream, string file)
        {
            var note = new LogNote { App = app.Spec.Name.Value, PmId = slot.PmId, Stream = stream };
            if (command.From?.TryGetValue(file, out var position) == true)
            {
                var (lines, end, skipped) = LastLines.Behind(file, position);
                return note with { Lines = lines, Source = file, End = end, Dropped = skipped };
            }

            // Whoever follows learns where each file ends, so that it can go on from there behind another daemon.
            note = command.Follow ? note with { Source = file, End = LastLines.EndOf(file) } : note;
            return command.From is null ? note with { Lines = LastLines.Of(file, command.Lines), File = file } : note;
        }
    }

    private static void Send(IClientNotices client, LogNote note)
    {
        if (note.Lines.Length > 0 || note.End is not null)
            client.Log(note.Lines.Length > 0 ? note : note with { File = null });
    }

    private sealed class Follower(LogsCommand command, ImmutableArray<(AppName App, ImmutableArray<int>? Slots)>? targets, IClientNotices client)
    {
        public IClientNotices Client => client;

        public void Take(LogNote note, int slot)
        {
            if (note.App is { } app ? Wants(new AppName(app), slot, note.Stream == "err") : WantsDaemon)
                client.Log(note);
        }

        public bool WantsDaemon => targets is null && command.Out;

        public bool Wants(AppName app, int slot, bool error) =>
            (error ? command.Error : command.Out)
            && (targets is not { } some || some.Any(target => target.App == app && (target.Slots?.Contains(slot) ?? true)));
    }
}

/// <summary>A place in a log file.</summary>
internal readonly record struct LogPlace(string Path, long End);
