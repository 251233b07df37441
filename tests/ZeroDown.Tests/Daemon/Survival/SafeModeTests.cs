using System.Collections.Immutable;
using System.Diagnostics;
using Xunit;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Survival;
using ZeroDown.Platform;
using ZeroDown.Protocol;
using ZeroDown.Tests.Keeper;
using ZeroDown.Tests.Protocol;

namespace ZeroDown.Tests.Daemon.Survival;

/// <summary>Safe mode under a real keeper, as a client sees it.</summary>
public sealed class SafeModeTests : IDisposable
{
    private readonly DaemonLog _log = DaemonLog.Silent();
    private readonly RunningKeeper _keeper = new();
    private readonly HomeFolder _home;

    public SafeModeTests()
    {
        _home = new HomeFolder(_keeper.Home);
        Directory.CreateDirectory(_home.Logs);
    }

    public void Dispose()
    {
        _keeper.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task A_kill_ends_it_for_good_and_what_was_wanted_can_be_resurrected()
    {
        new StateFile(_home).Write(StateFileTests.Named("web"));
        using var record = FleetRecord.Create();
        record.Save(StateFileTests.Named("web").State.Fleet, DeskBook.Empty);
        var first = _keeper.NextDaemon();
        first.Client.Ready();
        first.Client.Hold(FleetRecord.Key, ZeroDown.Keeper.HoldKind.Other, record.Handle);
        first.Kill();

        await KilledByClient();

        Assert.False(Remains.IsAbandoned(new StateFile(_home).Read(setAside: true).State!));
        Assert.Equal("web", Assert.Single(new SavedFleet(_home).Read().Apps).Spec.Name.Value);
    }

    [Fact]
    public async Task Workers_that_nobody_could_gather_are_shown_and_ended_with_the_rest()
    {
        using var process = Process.Start("/bin/sleep", "1000");
        var start = ProcessIdentity.Of(process.Id)!.StartTime;
        new StateFile(_home).Write(Living(process.Id, start));

        var shown = await KilledByClient();

        Assert.Equal([process.Id], shown.Apps.SelectMany(app => app.Slots).Select(slot => slot.Worker?.Pid));
        Eventually.True(() => process.HasExited, "it was ended", () => _keeper.Log);
        Assert.Equal(0, _keeper.Ended(_keeper.Start).ExitCode);
    }

    private DaemonConnection Connect()
    {
        DaemonConnection? connection = null;
        Eventually.True(
            () =>
            {
                try
                {
                    connection = DaemonConnection.ConnectAsync(_home, new RecordedNotices(), CancellationToken.None).GetAwaiter().GetResult();
                }
                catch (DaemonUnreachableException)
                {
                    // Not yet.
                }

                return connection is not null;
            },
            "safe mode listens");
        return connection!;
    }

    private static StateOnDisk Living(int pid, long startTime)
    {
        var worker = new Worker { Id = new WorkerId(3), Slot = 0, PmId = 0, Generation = 1, Spec = Some.App(instances: 1), Phase = WorkerPhase.Ready, Pid = pid };
        var app = new AppState
        {
            Spec = worker.Spec,
            Slots = [new SlotState { Slot = 0, PmId = 0, Wanted = true, Phase = WorkerPhase.Ready, Current = worker.Id }],
            Workers = ImmutableSortedDictionary<long, Worker>.Empty.Add(3, worker),
        };
        return StateOnDisk.Of(
            new Remembered(new FleetState { Apps = [app], NextWorker = 4 }, DeskBook.Empty),
            new StateOrigin { BootId = Machine.BootId, At = DateTimeOffset.UtcNow },
            _ => startTime);
    }

    /// <returns>What `zd list` had shown before.</returns>
    private async Task<FleetSnapshot> KilledByClient()
    {
        var daemon = _keeper.NextSilentDaemon();
        using var safe = new SafeMode(_home, daemon.AttachFor(), _log);
        var running = Task.Factory.StartNew(() => safe.Run(() => new DaemonInfo { Home = _home.Path, Version = "1" }), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await using var connection = Connect();
        var shown = await connection.Daemon.ListAsync(new ListCommand(), TestContext.Current.CancellationToken);
        Assert.Equal(0, (await connection.Daemon.KillAsync(new KillCommand(), TestContext.Current.CancellationToken)).ExitCode);
        Assert.Equal(0, await running.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken));
        daemon.Kill();
        return shown;
    }
}
