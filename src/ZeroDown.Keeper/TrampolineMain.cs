using System.Globalization;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>`zd exec-worker`: hidden, started only by the keeper; turns itself into a worker.</summary>
public static class TrampolineMain
{
    private const int NotExecuted = 127;

    /// <param name="args">
    /// What follows the verb: number of the settings' descriptor (the gate's is the next one), the soft limit of open files and the OOM score that the keeper was started with.
    /// </param>
    /// <returns>Only if the program could not be executed.</returns>
    public static int Run(string[] args)
    {
        if (args.Length < 3 || !int.TryParse(args[0], CultureInfo.InvariantCulture, out var first))
        {
            KeeperLog.Say("exec-worker is started by the keeper, not by hand");
            return 2;
        }

        var gate = new TrampolineGate(FdHandle.Adopt(first + 1));
        var failure = Become(FdHandle.Adopt(first), gate, Traits(args));
        if (failure is not null)
        {
            gate.SayFailed(failure);
        }

        return NotExecuted;
    }

    /// <returns>Null if the gate was closed: nobody wants to hear why.</returns>
    private static StepFailure? Become(FdHandle settingsFile, TrampolineGate gate, InheritedTraits original)
    {
        try
        {
            var settings = SettingsFile.Decode(MemoryFile.ReadAll(settingsFile));
            OpenFds.CloseOnExecAllBut(settings.Fds);
            using var trampoline = new Trampoline(settings);
            if (trampoline.Prepare(original) is { } unprepared)
            {
                return unprepared;
            }

            if (!gate.WaitUntilOpen())
            {
                return null;
            }

            if (trampoline.Commit() is { } uncommitted)
            {
                return uncommitted;
            }

            gate.SayExecuting();
            return trampoline.Execute();
        }
        catch (Exception e)
        {
            // The last resort of a process that has nobody else to tell: the daemon shows this line.
            return new StepFailure(LaunchStep.Trampoline, e is SystemCallException call ? call.Errno : Errno.EINVAL, e.Message);
        }
    }

    private static InheritedTraits Traits(string[] args) => new(
        long.TryParse(args[1], CultureInfo.InvariantCulture, out var openFiles) ? openFiles : null,
        int.TryParse(args[2], CultureInfo.InvariantCulture, out var adjust) ? adjust : null);
}
