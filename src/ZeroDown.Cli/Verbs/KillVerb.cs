using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Views;
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
}
