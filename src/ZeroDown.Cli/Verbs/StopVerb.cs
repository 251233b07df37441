using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd stop</c>: drains and stops; the app stays in the list.</summary>
internal sealed class StopVerb : NamedVerb
{
    public override string Name => "stop";

    public override string Summary => "lets workers finish what they hold, and stops them";

    public override string[] Examples =>
    [
        "zd stop api          api stays in the list; zd start api starts it again",
        "zd stop all",
        "zd stop /^worker-/   all whose names match",
    ];

    protected override Task<CommandReply> AskAsync(IDaemonService daemon, FleetCommand command, CancellationToken cancellation) =>
        daemon.StopAsync(command, cancellation);
}
