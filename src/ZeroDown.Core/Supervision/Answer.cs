using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>What a command came to. The exit code of <c>zd</c> follows from <see cref="Kind"/>.</summary>
/// <param name="Kind">Over all.</param>
/// <param name="Apps">App by app, in the order in which they were taken; those untouched after a failure too.</param>
public sealed record Answer(AnswerKind Kind, ImmutableArray<AppOutcome> Apps);

/// <summary>How a command ended.</summary>
public enum AnswerKind
{
    /// <summary>Exit code 0.</summary>
    Done,

    /// <summary>Exit code 1: something did not become as asked; the outcomes say what.</summary>
    Failed,

    /// <summary>Exit code 1: nothing was touched, because it made no sense now (a roll is running, the target is stopped).</summary>
    Refused,

    /// <summary>Exit code 7: the old generation serves on.</summary>
    RollFailed,
}

/// <summary>What became of one app.</summary>
/// <param name="App">Which.</param>
/// <param name="Kind">What.</param>
/// <param name="Failures">Slot by slot, why not; empty when all is well.</param>
public sealed record AppOutcome(AppName App, OutcomeKind Kind, ImmutableArray<SlotFailure> Failures)
{
    /// <summary>The address for which the app had to be replaced slot by slot, with a gap; null when there was none.</summary>
    public string? GapBecauseOf { get; init; }

    /// <summary>Old workers ended before their successors started.</summary>
    public bool InPlace { get; init; }

    /// <summary>Such an app has <c>reload: { overlap: true }</c>, which cannot be.</summary>
    public bool OverlapAsked { get; init; }

    /// <summary>After a failed roll in place: daemon-wide numbers of the slots whose worker is not ready again.</summary>
    public ImmutableArray<int> NotBack { get; init; } = [];

    /// <summary>After a failed roll in place: all workers are known to listen again.</summary>
    public bool ListensAgain { get; init; }

    /// <summary>It did so although it is a Node cluster, whose workers would share a socket.</summary>
    public bool GapInCluster { get; init; }

    /// <summary>Workers of the new generation that stayed because their slot could not be rolled back.</summary>
    public ImmutableArray<int> SlotsLeftOnNewGeneration { get; init; } = [];

    /// <summary>Daemon-wide numbers of the slots that were counted as ready without their word, because they listen.</summary>
    public ImmutableArray<int> CountedWithoutWord { get; init; } = [];

    /// <summary>Slots whose worker was a job, and ended well.</summary>
    public ImmutableArray<SlotEnd> EndedWell { get; init; } = [];

    /// <summary>The generation that serves now.</summary>
    public int Generation { get; init; }

    /// <summary>No worker of the app is ready: after a failed roll there is an old generation, but it was not serving either.</summary>
    public bool NobodyServes { get; init; }
}

public enum OutcomeKind
{
    Started,
    Reloaded,
    Restarted,
    Stopped,
    Deleted,
    Scaled,

    /// <summary>No worker of it runs, and none will before a command asks for one.</summary>
    ScaledToZero,

    Reset,
    Signalled,

    /// <summary>Changed files replace its workers from now on.</summary>
    Watched,

    /// <summary>Changed files mean nothing any more.</summary>
    Unwatched,

    /// <summary>It already was as asked.</summary>
    Unchanged,

    /// <summary>Registered but not started (<c>autostart: false</c>).</summary>
    Registered,

    /// <summary>The new definition of a job that does not run now is recorded; it was not run.</summary>
    Recorded,

    /// <summary><c>listen_timeout</c> ended the waiting; the workers go on starting.</summary>
    StillStarting,

    /// <summary>Some slots failed.</summary>
    Failed,

    /// <summary>The roll failed and the old generation serves on.</summary>
    RolledBack,

    /// <summary>Refused: another roll of this app is under way.</summary>
    RefusedRollUnderWay,

    /// <summary>Refused: it is stopped; start it.</summary>
    RefusedStopped,

    /// <summary>Refused: it was scaled to 0; start it.</summary>
    RefusedScaledToZero,

    /// <summary>Refused: it has no process that could get the signal.</summary>
    RefusedNotRunning,

    /// <summary>Refused: it was to be renamed, and another app has that name, or only a part of it was meant.</summary>
    RefusedRename,

    /// <summary>Refused: the daemon is shutting down.</summary>
    RefusedShuttingDown,

    /// <summary>Refused: no such app or slot.</summary>
    RefusedUnknown,

    /// <summary>Not taken, because an app before it failed.</summary>
    Untouched,

    /// <summary>Another command (stop, delete, restart, kill) took over before this one was done.</summary>
    Superseded,
}

/// <summary>Why a slot is not as asked.</summary>
/// <param name="Slot">Which of its app.</param>
/// <param name="PmId">The slot's daemon-wide number, by which people know it from the list.</param>
/// <param name="Worker">Whose last words tell more; null when none was launched.</param>
/// <param name="Cause">Why.</param>
public sealed record SlotFailure(int Slot, int PmId, WorkerId? Worker, FailureCause Cause);

/// <summary>A job that ended well.</summary>
/// <param name="Slot">Which of its app.</param>
/// <param name="PmId">The slot's daemon-wide number.</param>
/// <param name="Code">Its exit code.</param>
public sealed record SlotEnd(int Slot, int PmId, int Code);

/// <summary>What an exit that was no success says about the program.</summary>
public enum ExitMeaning
{
    /// <summary>It failed.</summary>
    Failed,

    /// <summary>Exit code 0 of a program that is restarted whenever it ends.</summary>
    IsRestarted,

    /// <summary>Exit code 0 of a program that is to serve: its spec says so, or its predecessor listened.</summary>
    ShouldServe,
}

/// <summary>The cause of a failure, as data; the shell makes a sentence of it and adds the worker's last lines.</summary>
public abstract record FailureCause
{
    private protected FailureCause()
    {
    }

    public sealed record Exited(ExitStatus Status, TimeSpan After) : FailureCause
    {
        /// <summary>It was ready before, and ended while the command still waited for something else.</summary>
        public bool WasReady { get; init; }

        public ExitMeaning Meaning { get; init; }

        /// <summary>It was a newcomer, and the worker that it was to replace ran beside it.</summary>
        public bool BesideOld { get; init; }

        /// <summary>What it printed last, bounded by the shell.</summary>
        public EquatableArray<string> LastWords { get; init; } = [];
    }

    /// <param name="Limit">The <c>listen_timeout</c> that is over.</param>
    /// <param name="Sign">What was waited for.</param>
    /// <param name="Listens">It listens, but did not say the word.</param>
    public sealed record NotReady(TimeSpan Limit, ReadySign Sign, bool Listens) : FailureCause
    {
        /// <summary>It is a worker of a Node cluster.</summary>
        public bool InCluster { get; init; }

        /// <summary>What its predecessor listened on and it does not.</summary>
        public EquatableArray<ListenerAddress> Missing { get; init; } = [];

        /// <summary>The same for addresses that its predecessor listens on by itself.</summary>
        public EquatableArray<string> MissingPorts { get; init; } = [];

        /// <summary>What it listens on by itself instead.</summary>
        public EquatableArray<string> ListensOn { get; init; } = [];
    }

    public sealed record NotLaunched(LaunchProblem Problem) : FailureCause;

    public sealed record NoListener(ListenerAddress Listener, string Problem) : FailureCause;

    /// <summary>Too many quick exits.</summary>
    public sealed record GaveUp(int Crashes, ExitStatus? Last) : FailureCause
    {
        public ExitMeaning Meaning { get; init; }

        /// <summary>What the last of them printed.</summary>
        public EquatableArray<string> LastWords { get; init; } = [];
    }

    /// <summary>What the worker printed last, where it ended.</summary>
    public static EquatableArray<string> WordsOf(FailureCause cause) => cause switch
    {
        Exited exited => exited.LastWords,
        GaveUp gaveUp => gaveUp.LastWords,
        _ => [],
    };
}
