using System.Reflection;
using ZeroDown.Daemon.Survival;
using ZeroDown.Daemon.Workers;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon;

/// <summary>
/// One daemon from its first moment: it takes what the keeper gives, makes sure that it is alone, and opens its log. Then it supervises the fleet
/// (<see cref="FleetHost"/>), or, after others have failed at that, only looks after it (<see cref="SafeMode"/>).
/// </summary>
internal sealed class DaemonHost(HomeFolder home) : IDisposable
{
    public static readonly string Version =
        typeof(DaemonHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    /// <summary>For a daemon that is dying. One that lives keeps its lock, and whoever waits hears of it that much later.</summary>
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(1);

    private readonly Parts _parts = new();

    /// <returns>The exit code.</returns>
    public int Run()
    {
        if (Attach() is not { } keeper)
            return 1;
        try
        {
            return Run(keeper);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or SystemCallException or HomeFolderException or UnreadableStateException)
        {
            keeper.CannotStart(problem.Message, onlyLacks: LaunchProblems.IsTemporary(problem));
            return 1;
        }
    }

    public void Dispose() => _parts.Dispose();

    /// <summary>What we say of ourselves.</summary>
    /// <param name="home">Where we are.</param>
    /// <param name="given">By our keeper.</param>
    /// <param name="left">What a daemon before us left; null for one that takes nothing over.</param>
    internal static DaemonInfo Describe(HomeFolder home, GiveBack given, Legacy? left = null) => new()
    {
        Version = Version,
        Pid = Environment.ProcessId,
        KeeperPid = given.KeeperPid,
        Recovery = left is null ? [] : [.. left.Problems, .. left.Gathered?.Story ?? []],
        KeeperVersion = given.KeeperVersion.Length > 0 ? given.KeeperVersion : null,
        Home = home.Path,
        StartedAtMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
    };

    /// <summary>
    /// A keeper that was killed before it had given everything back cannot be succeeded by us, who have nothing yet. Another one is started all the same: its daemon gathers what
    /// is left, and nobody has to call for it.
    /// </summary>
    private KeeperClient? Attach()
    {
        try
        {
            return _parts.Keep(KeeperClient.Attach(KeeperClient.InheritedChannel()));
        }
        catch (KeeperGoneException)
        {
            KeeperStarter.StartDetached(home.Path).Dispose();
            return null;
        }
        catch (IOException)
        {
            // It does not want us, knows why, and says so to whoever waits.
            return null;
        }
    }

    /// <summary>One that was killed a moment ago holds its lock until the kernel has taken its last thread apart; its keeper, killed with it, is gone already.</summary>
    private InstanceLock? TakeLock(out int holder)
    {
        for (var until = MonotonicClock.Now + LockPatience; ; Thread.Sleep(5))
        {
            if (InstanceLock.TryTake(home.DaemonLock, out holder) is { } taken)
                return taken;
            if (MonotonicClock.Now > until)
                return null;
        }
    }

    private int Run(KeeperClient keeper)
    {
        PrepareFolders();
        if (TakeLock(out var holder) is not { } daemonLock)
        {
            keeper.CannotStart($"another daemon runs in {home.Path} already (pid {holder})");
            return 1;
        }

        _parts.Keep(daemonLock);
        SystemLimits.RaiseOpenFiles();
        var log = _parts.Keep(DaemonLog.Open(home.DaemonLog, json: Environment.GetEnvironmentVariable("ZD_LOG_FORMAT") == "json"));
        PoolFaults.CarryOn(log.CallbackFailed);
        _parts.Keep(DaemonPidFile.Write(home.DaemonPid, log));
        return keeper.GiveBack.Failures >= SafeMode.After
            ? _parts.Keep(new SafeMode(home, keeper, log)).Run(() => Describe(home, keeper.GiveBack))
            : new FleetHost(home, keeper, log, _parts).Run();
    }

    private void PrepareFolders() => PrepareFolders(home);

    /// <summary>Makes what is missing.</summary>
    internal static void PrepareFolders(HomeFolder home)
    {
        foreach (var folder in home.Folders)
            Directory.CreateDirectory(folder);
    }
}
