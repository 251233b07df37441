using ZeroDown.Cli.Views;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd jlist</c>: pm2's JSON and nothing else on stdout.</summary>
internal class JlistVerb : Verb
{
    public override string Name => "jlist";

    public override string Summary => "the list as JSON, in pm2's shape";

    public override string[] Examples => ["zd jlist | jq '.[].pm2_env.status'"];

    public override bool Waits => false;

    protected virtual string Text(FleetSnapshot fleet, string user) => Jlist.Of(fleet, user);

    public override async Task<int> RunAsync(Invocation call)
    {
        var fleet = await ListVerb.FindFleetAsync(call) ?? ListVerb.Nothing;
        call.Shell.Screen.Out.WriteLine(Text(fleet, call.Shell.User));
        return ExitCode.Done;
    }
}

/// <summary><c>zd prettylist</c>: the same in JavaScript's notation, as pm2 prints it, because scripts search it.</summary>
internal sealed class PrettylistVerb : JlistVerb
{
    public override string Name => "prettylist";

    public override string Summary => "the same in JavaScript's notation, as pm2's";

    public override string[] Examples => ["zd prettylist | grep status:"];

    protected override string Text(FleetSnapshot fleet, string user) => Jlist.Pretty(fleet, user);
}
