using System.Runtime.InteropServices;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>`zd keeper`: hidden, started by <see cref="KeeperStarter"/> or by an init system. `keeper.md` is its contract.</summary>
public static class KeeperMain
{
    private const int LowOomScore = -500;

    /// <param name="args">What follows the verb: <c>--home DIR [--ready-fd N | --successor-fd N --predecessor PID] [--open-files N] [--oom-score N] [--daemon-command PROGRAM ARGUMENT…]</c>.</param>
    /// <returns>Exit code: 0 after an orderly end or if another keeper is at work, 1 if it could not start, 2 for wrong arguments.</returns>
    public static int Run(string[] args)
    {
        // Inherited as ignored, the kernel reaps our children itself and every exit code is lost.
        _ = Interop.Signal(LaunchConstants.SIGCHLD, LaunchConstants.SIG_DFL);
        KeeperOptions options;
        try
        {
            options = KeeperOptions.Parse(args);
        }
        catch (FormatException e)
        {
            KeeperLog.Say(e.Message);
            return 2;
        }

        OpenFds.CloseOnExecAllBut([0, 1, 2]);
        using var succession = options.SuccessorFd is { } channel ? new Succession(FdHandle.Adopt(channel), options.PredecessorPid) : null;
        var cli = new ReadyPipe(options.ReadyFd is { } number ? FdHandle.Adopt(number) : null);
        try
        {
            return Run(options, succession, cli);
        }
        catch (Exception e)
        {
            KeeperLog.Say(e.ToString());
            cli.SayFailed(e.Message);
            return 1;
        }
    }

    private static int Run(KeeperOptions options, Succession? succession, ReadyPipe cli)
    {
        var traits = InheritedTraits.Read();
        traits = new InheritedTraits(options.OpenFiles ?? traits.OpenFiles, options.OomScoreAdjust ?? traits.OomScoreAdjust);
        SettleDown();
        var starting = new StartingLock(Path.Combine(options.Home, "starting.lock"));
        starting.Take();
        using var single = InstanceLock.TryTake(Path.Combine(options.Home, "keeper.lock"), out _);
        if (single is null)
        {
            cli.SayReady();
            return 0;
        }

        using var wake = new WakePipe();
        var loop = new KeeperLoop(options, traits, starting, cli, wake);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        if (succession is not null)
        {
            loop.Inherit(succession.Receive());
            succession.Take();
        }

        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        return loop.Run();

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            loop.RequestEnd();
        }
    }

    /// <summary>A session of our own, no folder that somebody may want to unmount, room for many descriptors, and the orphans of our workers come to us.</summary>
    private static void SettleDown()
    {
        _ = Interop.SetSid();
        Environment.CurrentDirectory = "/";
        SystemLimits.RaiseOpenFiles();
        if (OperatingSystem.IsLinux())
        {
            InheritedTraits.LowerOomScore(LowOomScore);
            _ = Interop.Prctl(LaunchConstants.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        }
    }
}
