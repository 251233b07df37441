using System.Collections.Immutable;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Simulation;

/// <summary>Makes the request that the user's act is, given what the fleet knows at that moment (names are resolved by the CLI).</summary>
internal static class UserRequests
{
    public static Requested? Event(Act act, Story story, FleetState fleet, RequestId id)
    {
        var targets = Targets(act, story, fleet);
        return act.Deed switch
        {
            Deed.Start => new StartRequested(id, targets),
            Deed.Reload => new ReloadRequested(id, targets, act.WaitDrained),
            Deed.Restart => new RestartRequested(id, targets),
            Deed.Stop => new StopRequested(id, targets),
            Deed.Delete => new DeleteRequested(id, targets),
            Deed.Scale when targets.IsEmpty => null,
            Deed.Scale => new ScaleRequested(id, targets[0].App, act.Amount, act.Relative),
            Deed.Reset => new ResetRequested(id, targets),
            Deed.Watch => new WatchRequested(id, targets, act.Amount switch { > 2 => true, < 0 => false, _ => null }),
            Deed.Shutdown => new ShutdownRequested(id),
            Deed.Cron or Deed.Change => null,
            _ => throw new ArgumentOutOfRangeException(nameof(act)),
        };
    }

    /// <summary>What comes from outside and is no request: it waits for no answer.</summary>
    public static IEnumerable<SupervisorEvent> Occasions(Act act, Story story)
    {
        var memory = act.Room is { } room ? new MemoryFacts(room * 100, 100) : null;
        foreach (var program in story.Programs.Where(program => act.Program < 0 || act.Program == program.Number))
        {
            if (act.Deed == Deed.Cron)
                yield return new CronCame(program.Name, act.Variant == 0 ? "* * * * *" : Service.Cron, memory);
            else if (act.Deed == Deed.Change)
                yield return new FilesChanged(program.Name, "/srv/app", memory);
        }
    }

    private static ImmutableArray<Target> Targets(Act act, Story story, FleetState fleet)
    {
        var targets = ImmutableArray.CreateBuilder<Target>();
        foreach (var program in story.Programs)
        {
            if (act.Program >= 0 && act.Program != program.Number)
                continue;
            var known = fleet.Find(program.Name) is not null;
            if (act.Program < 0 && !known && act.Deed != Deed.Start)
                continue;
            var starts = act.Deed == Deed.Start && !known;
            var withSpec = act.Deed is Deed.Start or Deed.Reload or Deed.Restart && act.Variant is not null;
            targets.Add(new Target(
                program.Name,
                act.Slot is { } slot && act.Program >= 0 ? [slot] : null,
                starts || withSpec ? program.Spec(act.Variant ?? 0) : null)
            {
                Memory = act.Room is { } room ? new MemoryFacts(room * 100, 100) : null,
            });
        }

        return targets.ToImmutable();
    }
}
