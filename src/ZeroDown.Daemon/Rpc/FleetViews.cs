using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Workers;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Rpc;

/// <summary>Pictures of the fleet for clients: state in public words, times as wall clock, costs as measured now.</summary>
/// <param name="bootedAt">The moment at which CLOCK_MONOTONIC was zero.</param>
/// <param name="usage">What a process costs now.</param>
/// <param name="files">The files of a slot.</param>
/// <param name="queue">How many connections wait on a listener.</param>
internal sealed class FleetViews(
    Func<DateTimeOffset> bootedAt,
    Func<int, TimeSpan, (double CpuPercent, long MemoryBytes)> usage,
    Func<AppSpec, int, SlotFiles> files,
    Func<ListenerAddress, int?> queue)
{
    public AppView App(FleetState fleet, AppState app, Func<SlotState, bool> wanted) => new()
    {
        Definition = AppDefinitions.FromSpec(app.Spec),
        Generation = app.Serving,
        Rolling = app.Roll is not null,
        ScaledToZero = app.ScaledToZero,
        FailedReload = app.FailedRoll is { } failed ? Failed(app, failed) : null,
        Slots = [.. app.Slots.Where(wanted).Select(slot => Slot(app, slot))],
        Draining = [.. app.Workers.Values
            .Where(worker => app.Slots.All(slot => slot.Current != worker.Id))
            .Select(worker => Worker(app, worker, replaced: true))],
        Listeners = [.. app.Spec.Listen.Concat(AskedFor(fleet, app)).Select(listener => Listener(fleet, listener))],
    };

    /// <summary>Listeners that the workers asked for, beside those that the spec declares.</summary>
    private static IEnumerable<ListenerSpec> AskedFor(FleetState fleet, AppState app) => fleet.Listeners
        .Where(listener => ListenerUse.IsAskedFor(app, listener.Key, next: true) && !ListenerUse.Names(app.Spec, listener.Key))
        .Select(listener => listener.Value.Spec)
        .OrderBy(listener => listener.Address.ToString(), StringComparer.Ordinal);

    private SlotView Slot(AppState app, SlotState slot)
    {
        var worker = slot.Current is { } id ? app.Workers.GetValueOrDefault(id.Number) : null;
        var paths = files(app.Spec, slot.PmId);
        return new SlotView
        {
            Slot = slot.Slot,
            PmId = slot.PmId,
            Status = StatusOf(worker?.Phase ?? slot.Phase, replaced: false),
            Worker = worker is null ? null : Worker(app, worker, replaced: false),
            Restarts = slot.Restarts,
            UnstableRestarts = slot.Crashes,
            PreviousBackoffMs = (long?)slot.PreviousBackoff?.TotalMilliseconds,
            LastExitCode = slot.LastExit is { IsKnown: true } exit ? exit.Code : null,
            LastExitSignal = slot.LastExit?.Signal,
            EndedWell = slot.EndedWell,
            LastFailure = slot.LastFailure is { } cause ? Failure(app, slot, cause) : null,
            CreatedAtMs = Wall(slot.CreatedAt),
            OutLog = paths.Out,
            ErrorLog = paths.Error,
            CombinedLog = paths.Combined,
            PidFile = paths.Pid,
        };
    }

    private FailureView Failure(AppState app, SlotState slot, FailureCause cause)
    {
        string[] words = [.. FailureCause.WordsOf(cause)];
        return new FailureView { Reason = Phrases.Reason(cause, words, app.Spec, inRoll: false), AtMs = Wall(slot.LastFailedAt ?? slot.CreatedAt), LastWords = words };
    }

    private FailureView Failed(AppState app, FailedRoll roll)
    {
        var reasons = roll.Failures.Select(failure => $"{app.Spec.Name}:{failure.PmId}: {Phrases.Reason(failure.Cause, FailureCause.WordsOf(failure.Cause), app.Spec, inRoll: true)}");
        return new FailureView
        {
            Reason = string.Join("; ", reasons),
            Generation = roll.Generation,
            AtMs = Wall(roll.At),
            LastWords = [.. roll.Failures.Select(failure => FailureCause.WordsOf(failure.Cause)).FirstOrDefault(words => words.Count > 0)],
        };
    }

    private WorkerView Worker(AppState app, Worker worker, bool replaced)
    {
        var (cpu, memory) = worker.Pid > 0 ? usage(worker.Pid, worker.LaunchedAt) : default;
        return new WorkerView
        {
            Id = worker.Id.Number,
            Slot = worker.Slot,
            PmId = worker.PmId,
            Pid = worker.Pid,
            Generation = worker.Generation,
            Status = StatusOf(worker.Phase, replaced && worker.Leaving is DrainReason.Reload or DrainReason.Scale),
            Newcomer = worker.Leaving is DrainReason.RollBack || app.Slots.Any(slot => slot.Newcomer == worker.Id),
            StartedAtMs = Wall(worker.LaunchedAt),
            CpuPercent = cpu,
            MemoryBytes = memory,
            Connections = worker.OpenConnections,
            StatusText = worker.Status,
            OwnPort = worker.OwnPort,
            UniqueId = $"{worker.LaunchedAt.Ticks:x}-{worker.PmId:x}-{worker.Id.Number:x}",
        };
    }

    private ListenerView Listener(FleetState fleet, ListenerSpec spec) => new()
    {
        Address = spec.Address.ToString(),
        Name = spec.Name,
        BoundAddress = fleet.Listeners.GetValueOrDefault(spec.Address)?.BoundAddress,
        Queue = queue(spec.Address),
    };

    /// <summary>pm2's words for what pm2 knows, and "draining" for an old worker that serves on beside its successor.</summary>
    private static string StatusOf(WorkerPhase phase, bool replaced) => phase switch
    {
        WorkerPhase.Starting => "launching",
        WorkerPhase.Ready => "online",
        WorkerPhase.Draining or WorkerPhase.Stopping => replaced ? "draining" : "stopping",
        WorkerPhase.Backoff => "waiting restart",
        WorkerPhase.Errored => "errored",
        WorkerPhase.Stopped => "stopped",
        _ => throw new ArgumentOutOfRangeException(nameof(phase)),
    };

    private long Wall(TimeSpan monotonic) => (bootedAt() + monotonic).ToUnixTimeMilliseconds();
}

/// <summary>Where a slot's output and its worker's pid go.</summary>
internal readonly record struct SlotFiles(string Out, string Error, string? Combined, string Pid)
{
    public static SlotFiles Of(AppSpec spec, int pmId, LogPaths logs, PidFiles pids)
    {
        var (output, error) = logs.Of(spec, pmId);
        return new SlotFiles(output, error, logs.Combined(spec, pmId), pids.PathOf(spec, pmId));
    }
}
