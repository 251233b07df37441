using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd restart</c>: stop, then start. The listener stays open, so clients wait and none is refused.</summary>
internal class RestartVerb : ReplaceVerb
{
    public override string Name => "restart";

    public override string Summary => "stops, then starts; clients wait at the open socket";

    public override string[] Examples =>
    [
        "zd restart api                 a gap of one start, without a refused connection",
        "zd restart ecosystem.yaml      with the file's new settings",
        "zd restart all --update-env    with the variables of this shell",
        "zd restart api --watch         and changed files replace its workers from now on, or no longer",
    ];

    protected override bool TogglesWatch => true;

    protected override Task<CommandReply> AskAsync(IDaemonService daemon, Invocation call, FleetCommand command) =>
        daemon.RestartAsync(command, call.Cancellation);
}
