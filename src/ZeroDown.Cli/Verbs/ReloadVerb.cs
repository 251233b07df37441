using System.CommandLine;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd reload</c>: the rolling replacement. If the new generation fails, the old one serves on and the exit code is 7.</summary>
internal sealed class ReloadVerb : ReplaceVerb
{
    public override string Name => "reload";

    public override string[] OldSpellings => ["gracefulReload", "graceful-reload"];

    public override string Summary => "replaces the workers, one generation by the next; exit 7 if the new one fails";

    public override string[] Examples =>
    [
        "zd reload api                  new workers beside the old ones, then the old ones drain",
        "zd reload all                  app by app; a failure ends the run",
        "zd reload ecosystem.yaml       with the file's new settings; projects are built first",
        "zd reload api --update-env     with the variables of this shell",
        "zd reload api --wait-drained   answers when the last old worker is gone",
    ];

    public override void Declare(Command command)
    {
        base.Declare(command);
        command.Options.Add(new Option<bool>("--wait-drained") { Description = "wait until the last old worker is gone" });
    }

    protected override Task<CommandReply> AskAsync(IDaemonService daemon, Invocation call, FleetCommand command) =>
        daemon.ReloadAsync(command with { WaitDrained = call.Parsed.GetValue<bool>("--wait-drained") }, call.Cancellation);
}
