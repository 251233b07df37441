using System.CommandLine;
using System.Globalization;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Views;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd env</c>: the variables that a worker was started with.</summary>
internal sealed class EnvVerb : Verb
{
    public override string Name => "env";

    public override string Summary => "shows the environment of a worker";

    public override string[] Examples => ["zd env 0", "zd env api     of its first worker"];

    public override bool Waits => false;

    public override void Declare(Command command) =>
        command.Arguments.Add(new Argument<string>("id") { Description = "a worker's id, or the name of an app" });

    public override async Task<int> RunAsync(Invocation call)
    {
        var fleet = await KnownWorkers.FindAsync(call, [call.Parsed.GetValue<string>("id")!]);
        var (app, slot) = fleet.Apps.SelectMany(app => app.Slots.Select(slot => (app, slot))).First();
        var variables = SlotEnvironment.Of(app.Definition, slot.Slot);
        variables["pm_id"] = slot.PmId.ToString(CultureInfo.InvariantCulture);
        variables["name"] = app.Definition.Name;
        foreach (var (name, value) in variables)
            call.Shell.Screen.Answer($"{Screen.Safe(name)}: {Screen.Safe(value)}");
        return ExitCode.Done;
    }
}
