using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Views;
using ZeroDown.Daemon.Survival;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd kill</c>: every app stopped, daemon and keeper gone when it returns. With nobody there it has nothing to do, and that is no error.</summary>
internal sealed class KillVerb : FleetVerb
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public override string Name => "kill";

    public override string Summary => "stops every app and ends the daemon";

    public override string[] Examples => ["zd kill"];

    public override async Task<int> RunAsync(Invocation call)
    {
        var screen = call.Shell.Screen;
        if (KeeperOfHome.Pid(call.Shell.Home) is null && LeftAlone.Problem(call.Shell.Home) is not null)
            return await EndUnknownAsync(call, screen);
        await using var connection = await call.Door.FindAsync(Board(call), call.Cancellation);
        if (connection is null)
        {
            screen.Answer($"no daemon is running in {Screen.Safe(call.Shell.Home.Path)}");
            return ExitCode.Done;
        }

        var daemon = await connection.Daemon.PingAsync(new PingCommand(), call.Cancellation);
        (string Who, ProcessIdentity? Process)[] ours = [("daemon", ProcessIdentity.Of(daemon.Pid)), ("keeper", ProcessIdentity.Of(daemon.KeeperPid))];
        CommandReply reply;
        try
        {
            reply = await connection.Daemon.KillAsync(new KillCommand(), call.Cancellation);
        }
        catch (CommandException) when (ours.All(our => our.Process?.IsAlive() != true))
        {
            // The connection broke before the answer, and nobody is left who could give it: that is what was asked for.
            screen.Answer("the zd daemon has ended");
            return ExitCode.Done;
        }

        ReplyText.Write(reply, screen);
        if (reply.ExitCode != 0)
            return reply.ExitCode;

        // The answer comes before the end, since nobody can answer after it.
        var until = call.Shell.Now() + Patience;
        while (ours.Any(our => our.Process?.IsAlive() == true) && call.Shell.Now() < until)
            await Task.Delay(5, call.Cancellation);
        if (ours.Where(our => our.Process?.IsAlive() == true).Select(our => $"{our.Who} (pid {our.Process!.Pid})").ToList() is { Count: > 0 } left)
        {
            screen.Fail($"every app is stopped, but after {Patience.TotalSeconds:0} s there still live: {string.Join(", ", left)}; {Screen.Safe(call.Shell.Home.DaemonLog)} and keeper.log beside it may say why");
            return ExitCode.Failed;
        }

        screen.Answer("the zd daemon has ended");
        return ExitCode.Done;
    }

    /// <summary>Keeper and daemon are gone, the workers are not, and what they are cannot be read: their stop signals are unknown, so all of them get SIGTERM.</summary>
    private static async Task<int> EndUnknownAsync(Invocation call, Screen screen)
    {
        var home = call.Shell.Home;
        var asked = LeftAlone.Unknown(home).Select(stray => (stray, Process: ProcessIdentity.Of(stray.Pid))).Where(one => one.Process is not null).ToList();
        foreach (var (stray, process) in asked)
        {
            screen.Say($"SIGTERM to {Screen.Safe(stray.CommandLine)} (pid {stray.Pid})");
            process!.Signal(Signals.Terminate);
        }

        var until = call.Shell.Now() + Patience;
        while (LeftAlone.Unknown(home).Count > 0 && call.Shell.Now() < until)
            await Task.Delay(50, call.Cancellation);
        foreach (var stray in LeftAlone.Unknown(home))
        {
            screen.Say($"SIGKILL to {Screen.Safe(stray.CommandLine)} (pid {stray.Pid}), which has not ended within {Patience.TotalSeconds:0} s");
            ProcessIdentity.Of(stray.Pid)?.Signal(Signals.Kill);
        }

        until = call.Shell.Now() + Patience;
        while (LeftAlone.Unknown(home).Count > 0 && call.Shell.Now() < until)
            await Task.Delay(50, call.Cancellation);
        if (LeftAlone.Unknown(home) is { Count: > 0 } left)
            throw new CommandException(ExitCode.Failed, $"after SIGKILL there still live: {string.Join(", ", left.Select(stray => $"{Screen.Safe(stray.CommandLine)} (pid {stray.Pid})"))}");
        foreach (var line in LeftAlone.SetAside(home))
            screen.Warn(Screen.Safe(line));
        screen.Answer($"{asked.Count} processes of workers that nobody knew have ended; no daemon was running");
        return ExitCode.Done;
    }
}
