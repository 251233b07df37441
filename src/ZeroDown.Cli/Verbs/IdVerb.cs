using System.CommandLine;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd id</c>: the ids of an app's workers, written as pm2 writes them.</summary>
internal sealed class IdVerb : Verb
{
    public override string Name => "id";

    public override string Summary => "the ids of an app's workers";

    public override string[] Examples => ["zd id api     [ 0, 1 ]"];

    public override bool Waits => false;

    public override void Declare(Command command) => command.Arguments.Add(TargetArgument.Required());

    public override async Task<int> RunAsync(Invocation call)
    {
        try
        {
            var fleet = await KnownWorkers.FindAsync(call, call.Parsed.GetValue<string[]>("target")!);
            call.Shell.Screen.Answer($"[ {string.Join(", ", fleet.Slots().Select(slot => slot.PmId))} ]");
            return ExitCode.Done;
        }
        catch (CommandException unknown) when (unknown.ExitCode == ExitCode.Failed)
        {
            // Whoever captures the output gets an empty list, as from pm2; the exit code says why.
            call.Shell.Screen.Answer("[]");
            throw;
        }
    }
}
