using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd ping</c>: is somebody there? Unlike pm2's it starts nobody.</summary>
internal sealed class PingVerb : Verb
{
    public override string Name => "ping";

    public override string Summary => "asks whether the daemon is there; exit 6 if not";

    public override string[] Examples => ["zd ping && echo alive"];

    public override bool Waits => false;

    public override async Task<int> RunAsync(Invocation call)
    {
        await using var connection = await call.Door.RequireAsync("ping", new ProgressBoard(call.Shell.Screen), call.Cancellation);
        var daemon = await connection.Daemon.PingAsync(new PingCommand(), call.Cancellation);
        call.Shell.Screen.Answer("pong");
        call.Shell.Screen.Say($"zd {Screen.Safe(daemon.Version)}, pid {daemon.Pid}, keeper {daemon.KeeperPid}, in {Screen.Safe(daemon.Home)}");
        return ExitCode.Done;
    }
}
