using System.CommandLine;
using System.Globalization;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd pid</c>: one pid per line, 0 for a worker that does not run.</summary>
internal sealed class PidVerb : Verb
{
    public override string Name => "pid";

    public override string Summary => "the pids of an app's workers, one per line";

    public override string[] Examples => ["zd pid api", "kill -USR2 $(zd pid api)", "zd pid          of all"];

    public override bool Waits => false;

    public override void Declare(Command command) => command.Arguments.Add(TargetArgument.Optional("all"));

    public override async Task<int> RunAsync(Invocation call)
    {
        var fleet = await KnownWorkers.FindAsync(call, call.Parsed.GetValue<string[]>("target") ?? []);
        foreach (var slot in fleet.Slots())
            call.Shell.Screen.Answer((slot.Worker?.Pid ?? 0).ToString(CultureInfo.InvariantCulture));
        return ExitCode.Done;
    }
}
