using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>The two locks that make one keeper of a home the only one; <see cref="StartingLock"/> says why there are two.</summary>
internal sealed record KeeperLocks(InstanceLock Single, StartingLock Starting) : IDisposable
{
    /// <returns>Null if another keeper is at work.</returns>
    internal static KeeperLocks? Take(KeeperOptions options, out int holder)
    {
        holder = 0;
        return options.CarriedFd is null ? TryTake(options.Home, out holder) : Carried(options.Home, options.CarriedLocks);
    }

    /// <returns>What to tell the next image of this very process, see <see cref="KeeperOptions.CarriedLocks"/>.</returns>
    internal string Carry(CarriedTable to) => $"{to.Keep(Single.Handle)},{to.Keep(Starting.Handle)},{(Starting.IsHeld ? 1 : 0)}";

    public void Dispose() => Single.Dispose();

    private static KeeperLocks? TryTake(string home, out int holder)
    {
        var starting = new StartingLock(StartingIn(home));
        starting.Take();
        return InstanceLock.TryTake(SingleIn(home), out holder) is { } single ? new KeeperLocks(single, starting) : null;
    }

    private static KeeperLocks Carried(string home, (int Single, int Starting, bool IsHeld) carried) => new(
        InstanceLock.Adopt(SingleIn(home), FdHandle.Adopt(carried.Single)),
        new StartingLock(StartingIn(home), FdHandle.Adopt(carried.Starting), carried.IsHeld));

    private static string StartingIn(string home) => Path.Combine(home, "starting.lock");

    private static string SingleIn(string home) => Path.Combine(home, "keeper.lock");
}
