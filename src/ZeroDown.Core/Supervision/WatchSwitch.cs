using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>Files of an app are watched, or not any more.</summary>
public static class WatchSwitch
{
    /// <summary>Without a wish it is switched, and switched on for an app that is stopped: pm2's stop has switched it off.</summary>
    /// <param name="app">What it is now.</param>
    /// <param name="spec">What it is to become; what it watches stands here.</param>
    /// <param name="on">Null: the other of what it is now.</param>
    public static AppSpec Apply(AppState app, AppSpec spec, bool? on)
    {
        var was = app.Spec.Upkeep.Watch is { Enabled: true };
        var wanted = on ?? (!was || !app.Slots.Any(slot => slot.Wanted));
        if (spec.Upkeep.Watch is null && !wanted)
            return spec;
        var rule = spec.Upkeep.Watch ?? new WatchRule { Paths = [spec.Launch.WorkingDirectory] };
        return rule.Enabled == wanted && spec.Upkeep.Watch is not null ? spec : spec with { Upkeep = spec.Upkeep with { Watch = rule with { Enabled = wanted } } };
    }
}
