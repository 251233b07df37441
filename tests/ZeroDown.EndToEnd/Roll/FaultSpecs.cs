using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Roll;

/// <summary>Claims 5 and 6: a worker or a CLI that is killed at the wrong moment, and everybody reloading at once.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class FaultSpecs : EndToEndTest
{
    [Fact]
    public async Task A_killed_worker_costs_at_most_what_it_held_and_is_replaced()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var before = await Zd.List();
        const int clients = 25;
        await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = clients, Fresh = clients });
        await load.WaitForRequestsAsync(500, Soon);

        System.Diagnostics.Process.GetProcessById(before[0].Pid).Kill();
        await Zd.ListUntil(
            workers => workers.Count == 2 && workers.All(worker => worker.Status == "online" && worker.Pid != before[0].Pid),
            "the killed worker is replaced");
        await load.WaitForMoreAsync(500, Soon);

        var result = await load.StopAsync();
        Assert.DoesNotContain(FailureKind.Connect, result.Failures.Keys);
        Assert.DoesNotContain(FailureKind.Timeout, result.Failures.Keys);
        Assert.InRange(result.Failed, 0, 2 * clients);
        Assert.Equal(1, (await Zd.List()).Single(worker => worker.PmId == before[0].PmId).Restarts);
    }

    [Fact]
    public async Task A_CLI_killed_in_the_middle_of_a_reload_leaves_the_roll_to_the_daemon()
    {
        var booted = Zd.Write("booted", "");
        (await Zd.Run("start", WriteApp($"await-file, {booted}, serve"))).Succeeded();
        var before = (await Zd.List()).Select(worker => worker.Pid).ToHashSet();
        await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 10, Fresh = 10, Think = TimeSpan.FromMilliseconds(10) });

        File.Delete(booted);
        using (var reload = Zd.Begin("reload", "web"))
        {
            await Eventually.Holds(
                () => Task.FromResult(ProcessTable.OfHome(Zd.Home, "TestWorker await-file").Count == 4),
                "the newcomers stand beside the old workers",
                Zd.Evidence);
            reload.Kill();
        }

        Zd.Write("booted", "");
        await Zd.ListUntil(
            workers => workers.Count == 2 && workers.All(worker => worker.Status == "online" && !before.Contains(worker.Pid)),
            "the roll completes without its CLI");
        await load.WaitForMoreAsync(200, Soon);
        NothingFailed(await load.StopAsync());
        await Eventually.Holds(
            () => Task.FromResult(ProcessTable.OfHome(Zd.Home, "TestWorker await-file").Count == 2),
            "the old workers are gone",
            Zd.Evidence);
    }

    [Fact]
    public async Task Twenty_reloads_at_once_each_get_an_answer_and_generations_never_mix()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 5, Fresh = 5, Think = TimeSpan.FromMilliseconds(20) });
        await load.WaitForRequestsAsync(50, Soon);

        var commands = Enumerable.Range(0, 20).Select(_ => Zd.Begin("reload", "web")).ToList();
        var results = await Task.WhenAll(commands.Select(command => command.Finished(ZdHome.Patience)));
        commands.ForEach(command => command.Dispose());
        Assert.All(results, result => result.Exited(0, 1).HasNoStackTrace());
        Assert.Contains(results, result => result.ExitCode == 0);
        Assert.All(results.Where(result => result.ExitCode == 1), refused => refused.Says("web"));

        await load.WaitForMoreAsync(50, Soon);
        NothingFailed(await load.StopAsync());
        await Eventually.Holds(
            () => Task.FromResult(ProcessTable.OfHome(Zd.Home, "TestWorker serve").Count == 2),
            "two workers are left",
            Zd.Evidence);
        await using var after = LoadRun.Start(new LoadPlan(Url) { Fresh = 5 });
        await Eventually.Holds(() => Task.FromResult(after.Snapshot().ByPid.Count >= 2), "both answer", () => after.Snapshot().ToString());
        await after.WaitForRequestsAsync(200, Soon);
        var settled = await after.StopAsync();
        Assert.Single(settled.ByGeneration);
        Assert.Equal((await Zd.List()).Select(worker => worker.Pid).Order(), settled.ByPid.Keys.Order());
    }

    [Fact]
    public async Task Two_starts_that_race_for_one_home_find_one_daemon()
    {
        var file = WriteApp();
        var commands = Enumerable.Range(0, 6).Select(_ => Zd.Begin("start", file)).ToList();
        var results = await Task.WhenAll(commands.Select(command => command.Finished(ZdHome.Patience)));
        commands.ForEach(command => command.Dispose());
        Assert.All(results, result => result.Exited(0, 1).HasNoStackTrace());
        Assert.Contains(results, result => result.ExitCode == 0);
        await Zd.ListUntil(workers => workers.Count == 2 && workers.All(worker => worker.Status == "online"), "two workers serve");
        // A keeper that came too late says so before it has ended.
        await Eventually.Holds(
            () => Task.FromResult(ProcessTable.OfHome(Zd.Home, " daemon").Count == 1 && ProcessTable.OfHome(Zd.Home, " keeper").Count == 1), "one daemon and one keeper are left", Zd.Evidence);
    }

    [Fact]
    public async Task What_a_crash_left_behind_does_not_stop_the_next_start()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        // Stopped first: a daemon that sees its keeper die starts another.
        Tool.Signal(ProcessTable.OfHome(Zd.Home, " daemon").Single().Pid, "STOP");
        ProcessTable.OfHome(Zd.Home, " keeper").ToList().ForEach(process => process.Kill());
        ProcessTable.OfHome(Zd.Home, " daemon").ToList().ForEach(process => process.Kill());
        ProcessTable.OfHome(Zd.Home).ToList().ForEach(process => process.Kill());
        await Eventually.Holds(() => Task.FromResult(ProcessTable.OfHome(Zd.Home).Count == 0), "all is dead", Zd.Evidence);

        (await Zd.Run("start", Path.Combine(Zd.Folder, "ecosystem.yaml"))).Succeeded();
        await PidsThatAnswer(2);
    }

    /// <summary>Nothing waits for their end: while the daemon dies, the kernel still takes connections for it, and no keeper will bring another.</summary>
    [Fact]
    public async Task A_start_while_keeper_daemon_and_workers_are_being_killed_succeeds()
    {
        var file = WriteApp();
        for (var round = 0; round < 5; round++)
        {
            (await Zd.Run("start", file)).Succeeded();
            Tool.Signal(ProcessTable.OfHome(Zd.Home, " daemon").Single().Pid, "STOP");
            ProcessTable.OfHome(Zd.Home, " keeper").ToList().ForEach(process => process.Kill());
            ProcessTable.OfHome(Zd.Home).ToList().ForEach(process => process.Kill());
        }

        (await Zd.Run("start", file)).Succeeded();
        await PidsThatAnswer(2);
    }

    [Fact]
    public async Task The_next_daemon_never_takes_workers_of_the_dead_one_for_its_own()
    {
        var file = Zd.Write("ecosystem.yaml", App("job", Programs.TestWorker, "args: [hang]\ninstances: 2"));
        (await Zd.Run("start", file)).Succeeded();
        var before = (await Zd.List()).Select(worker => worker.Pid).ToList();
        ProcessTable.OfHome(Zd.Home, " daemon").Single().Kill();
        await Eventually.Holds(async () => (await Zd.Run("ping")).ExitCode == 0, "the keeper has brought the next daemon", Zd.Evidence);

        (await Zd.Run("start", file)).Succeeded();
        Assert.All(await Zd.List(), worker => Assert.True(worker.Pid > 0 && !before.Contains(worker.Pid), $"{worker}"));
    }

    [Fact]
    public async Task After_a_daemon_was_killed_zd_kill_ends_its_workers_too_and_the_home_is_as_new()
    {
        var file = WriteApp();
        (await Zd.Run("start", file)).Succeeded();
        ProcessTable.OfHome(Zd.Home, " daemon").Single().Kill();
        await Eventually.Holds(async () => (await Zd.Run("ping")).ExitCode == 0, "the keeper has brought the next daemon", Zd.Evidence);

        (await Zd.Run("kill")).Succeeded();
        await Eventually.Holds(() => Task.FromResult(ProcessTable.OfHome(Zd.Home).Count == 0), "no worker and no keeper is left", Zd.Evidence);
        (await Zd.Run("start", file)).Succeeded();
        await PidsThatAnswer(2);
    }
}
