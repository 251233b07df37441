using System.Runtime.InteropServices;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>`zd keeper`: hidden, started by <see cref="KeeperStarter"/> or by an init system. `keeper.md` is its contract.</summary>
public static class KeeperMain
{
    private const int LowOomScore = -500;

    /// <summary>Those that end us, and those that mean the apps.</summary>
    private static readonly string[] HeardInForeground = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2"];

    /// <param name="args">
    /// What follows the verb: <c>--home DIR [--ready-fd N | --successor-fd N --predecessor PID | --carried-fd N --carried-locks N,N,N] [--open-files N] [--oom-score N] [--daemon-command PROGRAM ARGUMENT…]
    /// [--attend WORD…] [--service WORD…]</c>.
    /// </param>
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
            SayFailed(options, cli, e.Message);
            return 1;
        }
    }

    private static int Run(KeeperOptions options, Succession? succession, ReadyPipe cli)
    {
        var traits = InheritedTraits.Read();
        traits = new InheritedTraits(options.OpenFiles ?? traits.OpenFiles, options.OomScoreAdjust ?? traits.OomScoreAdjust);
        SettleDown(options);
        using var locks = KeeperLocks.Take(options, out var holder);
        if (locks is null)
        {
            cli.SayReady();
            return options.IsForeground ? MakeRoomFor(holder, options) : 0;
        }

        using var wake = new WakePipe();
        var foreground = options.IsForeground ? new Foreground(options, InitSystem.OfThisProcess) : null;
        var loop = new KeeperLoop(options, traits, locks, cli, wake, foreground);
        if (options.CarriedFd is { } table)
        {
            using var carried = FdHandle.Adopt(table);
            loop.Carry(carried);
        }

        if (foreground is not null)
        {
            return RunWatched(foreground, loop, wake);
        }

        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        if (succession is not null)
        {
            loop.Inherit(succession.Receive());
            succession.Take();
        }

        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        HeldSignals.LetThrough();
        return loop.Run();

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            loop.RequestEnd();
        }
    }

    private static int RunWatched(Foreground foreground, KeeperLoop loop, WakePipe wake)
    {
        var registrations = Array.ConvertAll(HeardInForeground, Listen);
        HeldSignals.LetThrough();
        try
        {
            return loop.Run();
        }
        finally
        {
            Array.ForEach(registrations, registration => registration.Dispose());
        }

        PosixSignalRegistration Listen(string name)
        {
            _ = Signals.TryParse(name, out var number);
            return PosixSignalRegistration.Create((PosixSignal)number, context =>
            {
                context.Cancel = true;
                foreground.Hear(number);
                wake.Ring();
            });
        }
    }

    /// <summary>Another keeper is at work. A unit whose keeper was killed finds the one that its daemon has brought since: that is its main process from now on.</summary>
    private static int MakeRoomFor(int holder, KeeperOptions options)
    {
        if (options.IsService && InitSystem.OfThisProcess.Listens && ProcFs.ReadText("/proc/self/cgroup") is { Length: > 0 } ours && ProcFs.ReadText($"/proc/{holder}/cgroup") == ours)
        {
            InitSystem.OfThisProcess.SayReady("taken over from a keeper that ended", holder);
            return 0;
        }

        Foreground.SayToUser(
            $"a zd daemon runs in {options.Home} already (keeper {holder}); end it with `zd kill`, or set ZD_HOME to another folder for this one");
        return 1;
    }

    private static void SayFailed(KeeperOptions options, ReadyPipe cli, string why)
    {
        cli.SayFailed(why);
        if (options.IsForeground)
        {
            Foreground.SayToUser(why);
        }
    }

    /// <summary>
    /// Room for many descriptors, and the orphans of our workers come to us. In the background also a session of our own, and no folder that somebody may want to unmount;
    /// in the foreground the terminal's Ctrl-C must reach us, and relative paths are the user's.
    /// </summary>
    private static void SettleDown(KeeperOptions options)
    {
        if (options.IsForeground)
        {
            KeeperLog.MoveTo(options.Home);
        }
        else
        {
            _ = Interop.SetSid();
            Environment.CurrentDirectory = "/";
        }

        SystemLimits.RaiseOpenFiles();
        if (OperatingSystem.IsLinux())
        {
            InheritedTraits.LowerOomScore(LowOomScore);
            _ = Interop.Prctl(LaunchConstants.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
        }
    }
}
