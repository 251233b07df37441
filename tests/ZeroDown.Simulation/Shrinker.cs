namespace ZeroDown.Simulation;

/// <summary>
/// Makes a failing story short: leaves out the user's acts, makes workers healthy, programs plain, one thing at a time, as long
/// as the same rule stays broken.
/// </summary>
internal static class Shrinker
{
    /// <param name="story">One that breaks the rule.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="core">Whose judgement; null: the real one.</param>
    public static Story Shrink(Story story, string rule, World.Core? core = null)
    {
        bool progress;
        do
        {
            progress = false;
            foreach (var shorter in Shorter(story))
            {
                if (World.Play(shorter, core: core).Rule != rule)
                    continue;
                story = shorter;
                progress = true;
                break;
            }
        }
        while (progress);
        return story;
    }

    private static IEnumerable<Story> Shorter(Story story)
    {
        if (story.Acts.Length > 3)
            yield return story with { Acts = story.Acts[..(story.Acts.Length / 2)] };
        if (story.Fates.Any(fate => fate != Fate.Healthy))
            yield return story with { Fates = [] };
        for (var act = story.Acts.Length - 1; act >= 0; act--)
            yield return story with { Acts = story.Acts.RemoveAt(act) };
        for (var crash = story.Crashes.Length - 1; crash >= 0; crash--)
            yield return story with { Crashes = story.Crashes.RemoveAt(crash) };
        if (story.Echoes)
            yield return story with { Echoes = false };
        if (!story.ListenerFails.IsEmpty)
            yield return story with { ListenerFails = [] };
        for (var fate = story.Fates.Length - 1; fate >= 0; fate--)
        {
            if (story.Fates[fate] != Fate.Healthy)
                yield return story with { Fates = fate == story.Fates.Length - 1 ? story.Fates.RemoveAt(fate) : story.Fates.SetItem(fate, Fate.Healthy) };
        }

        if (story.Fates.Length > 0 && story.Fates[^1] == Fate.Healthy)
            yield return story with { Fates = story.Fates.RemoveAt(story.Fates.Length - 1) };
        for (var crash = 0; crash < story.Crashes.Length; crash++)
        {
            foreach (var plainer in Plainer(story.Crashes[crash]))
                yield return story with { Crashes = story.Crashes.SetItem(crash, plainer) };
        }

        for (var act = 0; act < story.Acts.Length; act++)
        {
            foreach (var plainer in Plainer(story.Acts[act]))
                yield return story with { Acts = story.Acts.SetItem(act, plainer) };
        }

        for (var program = 0; program < story.Programs.Length; program++)
        {
            foreach (var plainer in Plainer(story.Programs[program]))
                yield return story with { Programs = story.Programs.SetItem(program, plainer) };
        }
    }

    private static IEnumerable<Crash> Plainer(Crash crash)
    {
        if (crash.Victim != Victim.Daemon)
            yield return crash with { Victim = Victim.Daemon };
        if (crash.OutageMs > 0)
            yield return crash with { OutageMs = 0 };
        if (crash.Orders > 0)
            yield return crash with { Orders = 0 };
        if (crash is { Near: not null, Step: > 0 })
            yield return crash with { Step = 0 };
    }

    private static IEnumerable<Act> Plainer(Act act)
    {
        if (act.Variant is not null)
            yield return act with { Variant = null };
        if (act.Slot is not null)
            yield return act with { Slot = null };
        if (act.Room is not null)
            yield return act with { Room = null };
        if (act.WaitDrained)
            yield return act with { WaitDrained = false };
    }

    private static IEnumerable<Service> Plainer(Service service)
    {
        if (service.Instances > 1)
            yield return service with { Instances = service.Instances - 1 };
        if (service.Shared)
            yield return service with { Shared = false };
        if (service.BackoffMs > 0)
            yield return service with { BackoffMs = 0 };
        if (service.DelayMs > 0)
            yield return service with { DelayMs = 0 };
        if (service.Overlap is not null)
            yield return service with { Overlap = null };
        if (service.Surge is not null)
            yield return service with { Surge = null };
        if (service.BindsOwnPort)
            yield return service with { BindsOwnPort = false };
        if (!service.Autorestart)
            yield return service with { Autorestart = true };
    }
}
