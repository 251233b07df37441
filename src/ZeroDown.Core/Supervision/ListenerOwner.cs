using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// Whose a listener is: it belongs to the user of the app that declared it, or whose worker asked for it first, for as long as somebody uses it. Apps of one user share it; an app of
/// another user would read that one's traffic.
/// </summary>
public static class ListenerOwner
{
    /// <summary>The app's user; null: root, or the daemon's own.</summary>
    public static uint? Of(AppSpec spec) => spec.Launch.RunAs is { UserId: not 0 } user ? user.UserId : null;

    /// <summary>Who uses a listener that is there.</summary>
    /// <returns>The user, null for the daemon's own, and whether an app's file names the address.</returns>
    public static (RunAs? User, bool Declared) In(FleetState fleet, ListenerAddress address)
    {
        foreach (var app in fleet.Apps)
        {
            if (ListenerUse.Names(app.Spec, address) || app.Workers.Values.Any(worker => ListenerUse.Names(worker.Spec, address)))
                return (app.Spec.Launch.RunAs, true);
            if (ListenerUse.IsAskedFor(app, address, next: true))
                return (app.Spec.Launch.RunAs, false);
        }

        return (null, false);
    }

    /// <summary>An app of another user that has the address; null when nobody has it, or one of the same user.</summary>
    /// <param name="app">Who wants it.</param>
    /// <param name="spec">With which spec.</param>
    /// <param name="address">What it wants.</param>
    internal static AppDraft? Another(AppDraft app, AppSpec spec, ListenerAddress address)
    {
        if (!app.Turn.Listeners.ContainsKey(address))
            return null;
        foreach (var other in app.Turn.Apps)
        {
            if (!ReferenceEquals(other, app) && Of(other.Spec) != Of(spec) && ListenerUse.IsUsedBy(app.Turn, other, address))
                return other;
        }

        return null;
    }

    /// <summary>Why the app cannot be launched with this spec; null when none of its listeners is another user's.</summary>
    internal static FailureCause.NoListener? InTheWay(AppDraft app, AppSpec spec)
    {
        foreach (var wanted in spec.Listen)
        {
            if (Another(app, spec, wanted.Address) is { } other)
                return new FailureCause.NoListener(wanted.Address, $"{other.Name} has it, which runs as {other.Spec.Launch.RunAs?.Name ?? "the daemon's user"}; apps of different users do not share a socket");
        }

        return null;
    }
}
