using Xunit;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.Keeper;

/// <summary>The surroundings in which other supervisors lose exit codes.</summary>
public sealed class HostileStartTests
{
    private static readonly string[] Namespace = ["/usr/bin/unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];

    [Fact]
    public void Started_with_SIGCHLD_ignored_the_keeper_still_gets_every_exit_code()
    {
        using var keeper = RunningKeeper.WithDaemon(out var daemon, through: ["/bin/sh", "-c", "trap '' CHLD; exec \"$@\"", "sh"]);

        foreach (var code in (int[])[0, 1, 77])
        {
            Assert.Equal(code, daemon.RunToEnd(Order.Shell(code, null, $"exit {code}")).ExitCode);
        }
    }

    [Fact]
    public void As_pid_1_the_keeper_gets_every_exit_code_and_reaps_strangers()
    {
        SkipUnlessNamespacesAreAllowed();
        using var keeper = RunningKeeper.WithDaemon(out var daemon, through: Namespace);
        Assert.Equal(1, daemon.Client.GiveBack.KeeperPid);

        // Each leaves an orphan that outlives it for a moment and then is a stranger to be reaped.
        for (var code = 0; code < 5; code++)
        {
            Assert.Equal(code, daemon.RunToEnd(Order.Shell(code, null, $"(setsid sleep 0.1 &) ; exit {code}")).ExitCode);
        }

        var init = Init(keeper);
        Eventually.Equal(
            $"{daemon.Pid}",
            () => string.Join(' ', ProcStat.ReadAll().Where(process => process.ParentPid == init).Select(process => process.Pid)),
            "only the daemon is left of pid 1's children");
    }

    [Fact]
    public void As_pid_1_the_keeper_ends_when_it_is_told_to()
    {
        SkipUnlessNamespacesAreAllowed();
        using var keeper = RunningKeeper.WithDaemon(out var daemon, through: Namespace);
        _ = Interop.Kill(Init(keeper), Signals.Terminate);
        daemon.Next<ZeroDown.Keeper.KeeperEvent.ShutdownRequested>();
        daemon.Client.Shutdown();
        daemon.ExitWith3();

        Assert.Equal(0, keeper.Ended(keeper.Start).ExitCode);
    }

    private static int Init(RunningKeeper keeper) =>
        ProcStat.ReadAll().Single(process => process.ParentPid == keeper.Start.KeeperPid).Pid;

    private static void SkipUnlessNamespacesAreAllowed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(Namespace[0]), "there is no unshare");
        var probe = ChildLauncher.Launch(new ChildImage(Namespace[0], [.. Namespace, "/bin/true"], [], [], NewSession: true));
        Assert.SkipUnless(Reaper.Reap(probe).ExitCode == 0, "this user may not create a pid namespace");
    }
}
