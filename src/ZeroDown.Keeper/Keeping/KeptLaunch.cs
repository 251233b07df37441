using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>One launch, from the order until the daemon forgets it.</summary>
internal sealed class KeptLaunch(long launchId)
{
    private readonly List<long> _signals = [];

    internal long LaunchId { get; } = launchId;

    internal KeptState State { get; set; } = KeptState.AtGate;

    /// <summary>0 if there never was a process.</summary>
    internal int Pid { get; set; }

    internal long StartTime { get; set; }

    internal ReadOnlyMemory<byte> Note { get; set; }

    internal bool KillGroupOnExit { get; set; }

    internal bool ForgetOnExit { get; set; }

    /// <summary>Null once it is known whether the program runs.</summary>
    internal LaunchGate? Gate { get; set; }

    /// <summary>Set for one that is no child of ours: a keeper before us launched it.</summary>
    internal PinnedProcess? Pinned { get; set; }

    internal ChildExit? Exit { get; set; }

    internal StepFailure? Failure { get; set; }

    /// <summary>True while its pid belongs to it: until it is reaped.</summary>
    internal bool IsAlive => Pid != 0 && State is KeptState.AtGate or KeptState.Starting or KeptState.Started;

    /// <summary>False if that signal was ordered before.</summary>
    internal bool IsNewSignal(long signalId)
    {
        if (_signals.Contains(signalId))
        {
            return false;
        }

        _signals.Add(signalId);
        return true;
    }

    /// <summary>It must be alive.</summary>
    /// <returns>None, or why the kernel refused.</returns>
    internal Errno Signal(int signal, SignalScope scope)
    {
        if (Pinned is { } pinned)
        {
            var outcome = scope == SignalScope.Group ? pinned.SignalGroup(signal) : pinned.Signal(signal);
            return outcome switch
            {
                SignalOutcome.Delivered => Errno.None,
                SignalOutcome.Gone => Errno.ESRCH,
                _ => Errno.EPERM,
            };
        }

        return Interop.Kill(scope == SignalScope.Group ? -Pid : Pid, signal) == 0 ? Errno.None : Errno.Last;
    }

    internal KeptRecord ToRecord() => new(new KeptWorker(
        LaunchId, State, Pid, StartTime, Note, Exit, Failure is { } failure ? new LaunchFailure(failure.Step, failure.Errno, failure.Text) : null))
    {
        KillGroupOnExit = KillGroupOnExit,
        ForgetOnExit = ForgetOnExit,
        Signals = [.. _signals],
    };

    internal static KeptLaunch From(KeptRecord record)
    {
        var worker = record.Worker;
        var launch = new KeptLaunch(worker.LaunchId)
        {
            State = worker.State,
            Pid = worker.Pid,
            StartTime = worker.StartTime,
            Note = worker.Note,
            KillGroupOnExit = record.KillGroupOnExit,
            ForgetOnExit = record.ForgetOnExit,
            Exit = worker.Exit,
            Failure = worker.Failure is { } failure ? new StepFailure(failure.Step, failure.Errno, failure.Text) : null,
        };
        launch._signals.AddRange(record.Signals);
        return launch;
    }
}
