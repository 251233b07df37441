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
}
