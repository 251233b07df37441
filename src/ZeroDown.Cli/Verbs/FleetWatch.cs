using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary>
/// The fleet again and again: on a terminal in place, anywhere else (and without escape sequences) one list after the other. A daemon that goes away is shown as
/// an empty fleet, and one that comes back is found. Ctrl-C ends it; that is no failure.
/// </summary>
internal sealed class FleetWatch(Invocation caller)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(900);
    private const int LogLines = 12;

    public async Task<int> RunAsync(bool showLogs)
    {
        using var leaving = caller.UntilReaderGone();
        var call = caller with { Cancellation = leaving.Token };
        var screen = call.Shell.Screen;
        var place = screen.OutIsDrawn;
        if (place)
            screen.Out.Write(Ansi.OtherScreen);
        try
        {
            while (true)
            {
                await ShowAsync(call, showLogs, place);
                await Task.Delay(Pause, call.Cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Done;
        }
        finally
        {
            if (place)
                screen.Out.Write(Ansi.OwnScreen);
        }
    }

    private static async Task ShowAsync(Invocation call, bool showLogs, bool place)
    {
        var screen = call.Shell.Screen;
        var logs = new List<string>();
        await using var connection = await call.Door.FindAsync(new Tail(logs), call.Cancellation);
        var fleet = connection is null ? ListVerb.Nothing : await connection.Daemon.ListAsync(new ListCommand(), call.Cancellation);
        if (connection is not null && showLogs)
            await connection.Daemon.LogsAsync(new LogsCommand { Lines = LogLines }, call.Cancellation);
        if (place)
            screen.Out.Write(Ansi.HomeAndClear);
        ListVerb.Write(fleet, call);
        if (connection is null)
            screen.Out.WriteLine($"no daemon is running in {Screen.Safe(call.Shell.Home.Path)}");
        var width = place && screen.Width > 1 ? screen.Width - 1 : int.MaxValue;
        foreach (var line in logs.TakeLast(LogLines))
            screen.Out.WriteLine(line.Length > width ? line[..width] : line);
        screen.Out.Flush();
    }

    /// <summary>The last line of each file, so that every worker has its say.</summary>
    private sealed class Tail(List<string> lines) : IClientNotices
    {
        public void Progress(ProgressNote note)
        {
            // A list has no steps.
        }

        public void Log(LogNote note)
        {
            if (note is { More: false, Lines: [.., var last] })
                lines.Add($"{(note.App is { } app ? $"{note.PmId}|{Screen.Safe(app)}" : "ZD")} | {WorkerText.Safe(last)}");
        }
    }
}
