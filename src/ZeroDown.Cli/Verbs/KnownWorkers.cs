using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary>For verbs that only look: what the targets name, or the end of the command.</summary>
internal static class KnownWorkers
{
    /// <param name="call">The call, whose verb is named when there is no daemon.</param>
    /// <param name="targets">As typed; none: everything.</param>
    /// <exception cref="CommandException">Exit 1: one of them names nothing. Exit 6: there is no daemon.</exception>
    public static async Task<FleetSnapshot> FindAsync(Invocation call, string[] targets)
    {
        await using var connection = await call.Door.RequireAsync(call.Verb, new ProgressBoard(call.Shell.Screen), call.Cancellation);
        var words = await KnownWords.OfAsync(call, connection.Daemon, targets);
        var fleet = await connection.Daemon.ListAsync(new ListCommand { Targets = words }, call.Cancellation);
        return fleet.Errors.Length == 0 ? fleet : throw new CommandException(ExitCode.Failed, Screen.Safe(string.Join("; ", fleet.Errors)));
    }

    public static IEnumerable<SlotView> Slots(this FleetSnapshot fleet) =>
        fleet.Apps.SelectMany(app => app.Slots).OrderBy(slot => slot.PmId);
}
