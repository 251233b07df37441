using ZeroDown.Cli.Views;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd jlist</c>: pm2's JSON and nothing else on stdout.</summary>
internal class JlistVerb : Verb
{
    public override string Name => "jlist";

    public override string Summary => "the list as JSON, in pm2's shape";

    public override string[] Examples => ["zd jlist | jq '.[].pm2_env.status'"];

    public override bool Waits => false;

    protected virtual bool Indented => false;

    public override async Task<int> RunAsync(Invocation call)
    {
        var fleet = await ListVerb.FindFleetAsync(call) ?? ListVerb.Nothing;
        call.Shell.Screen.Out.WriteLine(Jlist.Of(fleet, call.Shell.User, Indented));
        return ExitCode.Done;
    }
}

/// <summary><c>zd prettylist</c>: the same for eyes. Unlike pm2's it is JSON too.</summary>
internal sealed class PrettylistVerb : JlistVerb
{
    public override string Name => "prettylist";

    public override string Summary => "the same, indented";

    public override string[] Examples => ["zd prettylist"];

    protected override bool Indented => true;
}
