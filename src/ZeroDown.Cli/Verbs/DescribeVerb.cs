using System.CommandLine;
using ZeroDown.Cli.Views;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd describe</c>: all that is known of an app.</summary>
internal sealed class DescribeVerb : Verb
{
    public override string Name => "describe";

    public override string[] Aliases => ["desc", "show", "info"];

    public override string Summary => "shows all that is known of an app";

    public override string[] Examples => ["zd describe api", "zd describe 0      one worker by its id"];

    public override bool Waits => false;

    public override void Declare(Command command) => command.Arguments.Add(TargetArgument.Required());

    public override async Task<int> RunAsync(Invocation call)
    {
        var fleet = await KnownWorkers.FindAsync(call, call.Parsed.GetValue<string[]>("target") ?? []);
        new DescribeView(call.Shell.Screen, call.Shell.Now(), call.Shell.User, call.Shell.Context().Environment, ProcessTree.Describe).Write(fleet);
        ListVerb.Warn(fleet, call);
        return ExitCode.Done;
    }
}
