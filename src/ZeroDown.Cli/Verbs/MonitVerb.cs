namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd monit</c>: the list and the last words of every worker, drawn again and again.</summary>
internal sealed class MonitVerb : Verb
{
    public override string Name => "monit";

    public override string[] Aliases => ["dash"];

    public override string[] OldSpellings => ["dashboard", "imonit"];

    public override string Summary => "the list and the last log lines, kept up to date";

    public override string[] Examples => ["zd monit     Ctrl-C leaves"];

    public override Task<int> RunAsync(Invocation call) => new FleetWatch(call).RunAsync(showLogs: true);
}
