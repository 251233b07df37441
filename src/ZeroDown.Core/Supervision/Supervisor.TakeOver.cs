namespace ZeroDown.Core.Supervision;

public static partial class Supervisor
{
    /// <summary>
    /// The first step of a daemon that takes the place of one that died. Its predecessor wrote the state down before it acted, so of the
    /// orders of its last step nobody knows how many were given. The truth about processes and sockets is told as it is, and every order
    /// that the state implies is given again: all of them may be given twice.
    /// </summary>
    /// <param name="remembered">What the predecessor wrote down last.</param>
    /// <param name="now">CLOCK_MONOTONIC since the same boot.</param>
    /// <param name="facts">What is true now.</param>
    public static StepResult TakeOver(FleetState remembered, TimeSpan now, TakeOverFacts facts) =>
        Step(remembered, new Stamped(now, new DaemonTookOver(facts)));
}
