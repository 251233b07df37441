using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd reset</c>: restart counters back to zero.</summary>
internal sealed class ResetVerb : NamedVerb
{
    public override string Name => "reset";

    public override string Summary => "sets restart counters to zero";

    public override string[] Examples => ["zd reset api", "zd reset all"];

    protected override Task<CommandReply> AskAsync(IDaemonService daemon, FleetCommand command, CancellationToken cancellation) =>
        daemon.ResetAsync(command, cancellation);
}
