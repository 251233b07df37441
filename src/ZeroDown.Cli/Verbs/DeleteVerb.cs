using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd delete</c>: as stop, then the app is forgotten.</summary>
internal sealed class DeleteVerb : NamedVerb
{
    public override string Name => "delete";

    public override string[] Aliases => ["del", "rm"];

    public override string Summary => "stops apps and forgets them";

    public override string[] Examples => ["zd delete api", "zd delete all"];

    protected override Task<CommandReply> AskAsync(IDaemonService daemon, FleetCommand command, CancellationToken cancellation) =>
        daemon.DeleteAsync(command, cancellation);
}
