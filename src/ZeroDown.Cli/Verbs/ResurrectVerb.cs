using System.CommandLine;
using ZeroDown.Cli.Asking;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd resurrect</c>: starts what was saved and is not there. It is also what a boot unit runs, as the attendant of a keeper that is the unit's main process.</summary>
internal sealed class ResurrectVerb : FleetVerb
{
    public override string Name => "resurrect";

    public override string Summary => "starts the saved apps that are not there; what runs is left alone";

    public override string[] Examples => ["zd resurrect"];

    public override void Declare(Command command) => command.Options.Add(new Option<bool>("--service") { Hidden = true });

    public override async Task<int> RunAsync(Invocation call)
    {
        if (call.Parsed.GetValue<bool>("--service") && !call.Shell.IsAttendant)
            return BecomeService(call);
        await using var connection = await call.Door.EnterAsync(Board(call), call.Cancellation);
        return await FinishAsync(await connection.Daemon.ResurrectAsync(new ResurrectCommand(), call.Cancellation), connection, call);
    }

    /// <summary>For an init system: this process becomes the keeper, and runs <c>zd resurrect</c> beside the daemon.</summary>
    private static int BecomeService(Invocation call)
    {
        call.Shell.Home.Prepare();
        return call.Shell.BecomeKeeper(call.Shell.Home, true, ["resurrect"]) is var problem && problem.Length > 0
            ? throw new CommandException(ExitCode.Failed, $"zd could not become the keeper: {Terminal.Screen.Safe(problem)}")
            : ExitCode.Done;
    }
}
