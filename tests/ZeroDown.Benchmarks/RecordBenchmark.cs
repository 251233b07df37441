using System.Collections.Immutable;
using System.Diagnostics;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Survival;

namespace ZeroDown.Benchmarks;

/// <summary>
/// What it costs to write a step down before it is acted upon: fifty workers, each with five kilobytes of environment, of which one has
/// changed. Compared with the step of the core itself.
/// </summary>
internal static class RecordBenchmark
{
    private const int Workers = 50;
    private const int EnvironmentBytes = 5_000;
    private const double MostMicroseconds = 1_000;

    public static Task<IReadOnlyList<Figure>> RunAsync(Settings settings) => Task.FromResult<IReadOnlyList<Figure>>(
    [
        Measure(settings, "one app of fifty", Fleet(apps: 1)),
        Measure(settings, "fifty apps of one", Fleet(apps: Workers)),
    ]);

    private static Figure Measure(Settings settings, string what, FleetState fleet)
    {
        using var record = FleetRecord.Create();
        // Two turns: what is compiled on the way costs the first one.
        _ = Run(record, fleet, TimeSpan.FromSeconds(1));
        var (microseconds, bytes, core) = Run(record, fleet, TimeSpan.FromSeconds(settings.Seconds));
        return new Figure(
            $"a step written down, {what}", $"{microseconds:0} µs, {bytes / 1024.0:0.0} KiB of garbage", $"the step itself: {core:0} µs", "–",
            $"≤ {MostMicroseconds:0} µs", microseconds <= MostMicroseconds);
    }

    private static (double Microseconds, double Bytes, double Core) Run(FleetRecord record, FleetState fleet, TimeSpan time)
    {
        var (clock, saving, core, garbage, steps) = (Stopwatch.StartNew(), TimeSpan.Zero, TimeSpan.Zero, 0L, 0);
        for (; clock.Elapsed < time; steps++)
        {
            var worker = new WorkerId((steps % Workers) + 1);
            var begun = Stopwatch.GetTimestamp();
            fleet = Supervisor.Step(fleet, new Stamped(TimeSpan.FromHours(1), new WorkerSaidStatus(worker, steps % 2 == 0 ? "busy" : "idle"))).State;
            core += Stopwatch.GetElapsedTime(begun);
            var before = GC.GetAllocatedBytesForCurrentThread();
            begun = Stopwatch.GetTimestamp();
            record.Save(fleet, DeskBook.Empty);
            saving += Stopwatch.GetElapsedTime(begun);
            garbage += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        return (saving.TotalMicroseconds / steps, (double)garbage / steps, core.TotalMicroseconds / steps);
    }

    private static FleetState Fleet(int apps) => new()
    {
        NextWorker = Workers + 1,
        NextPmId = Workers,
        Apps = [.. Enumerable.Range(0, apps).Select(number => App(number, Workers / apps))],
    };

    private static AppState App(int number, int workers)
    {
        var spec = new AppSpec
        {
            Name = new AppName($"app{number}"),
            Instances = workers,
            Launch = new LaunchSpec
            {
                Script = "/srv/app/server.js",
                Program = "/usr/bin/node",
                WorkingDirectory = "/srv/app",
                Environment = [.. Enumerable.Range(0, EnvironmentBytes / 50).Select(variable => new EnvironmentVariable($"VARIABLE_{number}_{variable}", new string('x', 35)))],
            },
        };
        var ids = Enumerable.Range(0, workers).Select(slot => new WorkerId((number * workers) + slot + 1)).ToList();
        return new AppState
        {
            Spec = spec,
            Slots = [.. ids.Select((id, slot) => new SlotState { Slot = slot, PmId = (int)id.Number - 1, Phase = WorkerPhase.Ready, Current = id, KnowsItsListeners = true })],
            Workers = ids.Select((id, slot) => new Worker
            {
                Id = id,
                Slot = slot,
                PmId = (int)id.Number - 1,
                Generation = 1,
                Spec = spec,
                Phase = WorkerPhase.Ready,
                Pid = 1_000_000 + (int)id.Number,
                LaunchedAt = TimeSpan.FromMinutes(10),
                ExecutedAt = TimeSpan.FromMinutes(10.1),
                ReadyAt = TimeSpan.FromMinutes(10.2),
                Settled = true,
                Listens = true,
            }).ToImmutableSortedDictionary(worker => worker.Id.Number, worker => worker),
        };
    }
}
