using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// What happens in the fleet, told in pm2's vocabulary by the shell. One record per line that people grep for.
/// </summary>
public abstract record FleetNews
{
    private protected FleetNews()
    {
    }

    /// <summary>News about one worker.</summary>
    /// <param name="App">Its app.</param>
    /// <param name="Slot">Its slot.</param>
    /// <param name="PmId">The slot's daemon-wide number.</param>
    /// <param name="Worker">Which process.</param>
    /// <param name="Old">True: it belongs to the generation that is being replaced (pm2 writes <c>_old_0</c>).</param>
    public abstract record OfWorker(AppName App, int Slot, int PmId, WorkerId Worker, bool Old) : FleetNews;

    /// <summary>A new daemon has taken the app over from one that died.</summary>
    /// <param name="App">Which.</param>
    /// <param name="Serving">Workers that serve on.</param>
    /// <param name="Launching">Workers that are still to get ready.</param>
    /// <param name="Leaving">Workers that are on their way out.</param>
    public sealed record TookOver(AppName App, int Serving, int Launching, int Leaving) : FleetNews
    {
        /// <summary>Workers that ended while there was no daemon.</summary>
        public int Ended { get; init; }

        /// <summary>How many of these ended in a way that nobody saw.</summary>
        public int Unknown { get; init; }

        /// <summary>Workers that have to be replaced because their socket is lost to us.</summary>
        public int Stranded { get; init; }

        /// <summary>A roll of it is under way.</summary>
        public bool Rolls { get; init; }
    }

    public sealed record Starting(AppName App, int Slot, int PmId, WorkerId Worker, ExecMode Mode, int Generation)
        : OfWorker(App, Slot, PmId, Worker, false);

    public sealed record Online(AppName App, int Slot, int PmId, WorkerId Worker, int Generation, bool WithoutWord)
        : OfWorker(App, Slot, PmId, Worker, false);

    /// <summary>-reload- New worker listening (online, where it does not listen): its old worker leaves next.</summary>
    public sealed record NewWorkerListening(AppName App, int Slot, int PmId, WorkerId Worker)
        : OfWorker(App, Slot, PmId, Worker, false)
    {
        /// <summary>It was seen to listen, or has said so.</summary>
        public bool Listens { get; init; }
    }

    public sealed record Stopping(AppName App, int Slot, int PmId, WorkerId Worker, bool Old, DrainReason Reason)
        : OfWorker(App, Slot, PmId, Worker, Old);

    /// <summary>It takes no new connection any more and has let go of the old ones.</summary>
    public sealed record Disconnected(AppName App, int Slot, int PmId, WorkerId Worker, bool Old)
        : OfWorker(App, Slot, PmId, Worker, Old);

    public sealed record Exited(AppName App, int Slot, int PmId, WorkerId Worker, bool Old, ExitStatus Status)
        : OfWorker(App, Slot, PmId, Worker, Old);

    /// <summary>The launched process has exited; these are processes that it had started, and they are asked to stop.</summary>
    public sealed record TreeStopping(AppName App, int Slot, int PmId, WorkerId Worker, bool Old, EquatableArray<string> Processes)
        : OfWorker(App, Slot, PmId, Worker, Old);

    /// <summary>What the launched process had started has ended too.</summary>
    public sealed record TreeEnded(AppName App, int Slot, int PmId, WorkerId Worker, bool Old)
        : OfWorker(App, Slot, PmId, Worker, Old);

    /// <summary>The launched process has exited, and with <c>treekill: false</c> these processes that it had started live on.</summary>
    public sealed record TreeLeftRunning(AppName App, int Slot, int PmId, WorkerId Worker, bool Old, EquatableArray<string> Processes)
        : OfWorker(App, Slot, PmId, Worker, Old);

    public sealed record Killing(AppName App, int Slot, int PmId, WorkerId Worker, bool Old, TimeSpan After)
        : OfWorker(App, Slot, PmId, Worker, Old);

    public sealed record NotLaunched(AppName App, int Slot, int PmId, WorkerId Worker, LaunchProblem Problem)
        : OfWorker(App, Slot, PmId, Worker, false);

    public sealed record RestartIn(AppName App, int Slot, int PmId, WorkerId Worker, TimeSpan Delay)
        : OfWorker(App, Slot, PmId, Worker, false);

    public sealed record TooManyRestarts(AppName App, int Slot, int PmId, WorkerId Worker, int Crashes)
        : OfWorker(App, Slot, PmId, Worker, false);

    public sealed record NotReadyInTime(AppName App, int Slot, int PmId, WorkerId Worker, TimeSpan Limit)
        : OfWorker(App, Slot, PmId, Worker, false);

    /// <summary>It holds more memory than its app allows, and is replaced.</summary>
    public sealed record OverMemory(AppName App, int Slot, int PmId, WorkerId Worker, long Bytes, long Limit)
        : OfWorker(App, Slot, PmId, Worker, false);

    /// <summary>The app's schedule replaces or starts its workers.</summary>
    public sealed record OnSchedule(AppName App, string Pattern) : FleetNews;

    /// <summary>The app's schedule came while something else was being done with it.</summary>
    public sealed record ScheduleSkipped(AppName App, string Pattern) : FleetNews;

    public sealed record ChangeDetected(AppName App, string Path) : FleetNews;

    public sealed record RollBegan(AppName App, int FromGeneration, int ToGeneration, int Batch, bool InPlace) : FleetNews
    {
        /// <summary>The address for which it must be in place; null where the old worker ends first for another reason.</summary>
        public string? GapBecauseOf { get; init; }
    }

    public sealed record RollEnded(AppName App, int Generation) : FleetNews;

    public sealed record RollFailed(AppName App, int KeptGeneration, bool Serves) : FleetNews
    {
        /// <summary>Old workers had to go first, so they do not serve on: others of their generation stand where they stood.</summary>
        public bool InPlace { get; init; }

        /// <summary>A newcomer died while the worker that it was to replace ran.</summary>
        public bool BesideOld { get; init; }

        /// <summary>Memory, a schedule or changed files asked for it.</summary>
        public bool Automatic { get; init; }
    }

    /// <summary>A batch is smaller than asked because memory would not hold more.</summary>
    public sealed record BatchLimitedByMemory(AppName App, int Batch, int Wanted) : FleetNews;

    /// <summary>A reload waits for old generations that still drain.</summary>
    public sealed record RollWaitsForDrains(AppName App, int Draining) : FleetNews;

    public sealed record ListenerOpen(ListenerAddress Listener, string BoundAddress) : FleetNews;

    public sealed record ListenerFailed(ListenerAddress Listener, string Problem) : FleetNews;

    public sealed record ListenerClosed(ListenerAddress Listener) : FleetNews;
}
