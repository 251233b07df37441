using Xunit;
using ZeroDown.Cli.Foreground;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli;

/// <summary>When <c>zd run</c> has nothing left to do, and what it ends with.</summary>
public class FleetEndTests
{
    [Theory]
    [InlineData("online")]
    [InlineData("launching")]
    [InlineData("stopping")]
    [InlineData("waiting restart")]
    public void What_runs_or_will_run_keeps_it_going(string status) =>
        Assert.Null(FleetEnd.Of(Fleet(App("api", ("stopped", 0, null), (status, null, null)))));

    [Theory]
    [InlineData("stopped", 0, null, 0)]
    [InlineData("stopped", 3, null, 3)]
    [InlineData("stopped", 0, "SIGKILL", 137)]
    [InlineData("stopped", null, null, 0)]
    [InlineData("errored", 7, null, 7)]
    [InlineData("errored", 0, null, 1)]
    [InlineData("errored", null, null, 1)]
    public void One_app_ends_it_with_its_code(string status, int? code, string? signal, int expected) =>
        Assert.Equal(expected, FleetEnd.Of(Fleet(App("job", (status, code, signal))))!.ExitCode);

    [Fact]
    public void Workers_that_agree_give_their_code_and_those_that_do_not_give_1()
    {
        Assert.Equal(3, FleetEnd.Of(Fleet(App("api", ("stopped", 3, null), ("stopped", 0, null), ("errored", 3, null))))!.ExitCode);
        Assert.Equal(1, FleetEnd.Of(Fleet(App("api", ("stopped", 3, null), ("stopped", 4, null))))!.ExitCode);
    }

    [Fact]
    public void Of_several_apps_it_is_0_or_1()
    {
        Assert.Equal(0, FleetEnd.Of(Fleet(App("api", ("stopped", 0, null)), App("job", ("stopped", 0, null))))!.ExitCode);
        Assert.Equal(1, FleetEnd.Of(Fleet(App("api", ("stopped", 0, null)), App("job", ("stopped", 9, null))))!.ExitCode);
        Assert.Equal(0, FleetEnd.Of(Fleet())!.ExitCode);
    }

    [Fact]
    public void A_schedule_watched_files_a_roll_and_a_drain_may_bring_something()
    {
        var ended = App("job", ("stopped", 0, null));
        Assert.Null(FleetEnd.Of(Fleet(ended with { Definition = ended.Definition with { Upkeep = new UpkeepDefinition { Cron = "0 3 * * *" } } })));
        Assert.Null(FleetEnd.Of(Fleet(ended with { Definition = ended.Definition with { Upkeep = new UpkeepDefinition { Watch = new WatchDefinition() } } })));
        Assert.Null(FleetEnd.Of(Fleet(ended with { Rolling = true })));
        Assert.Null(FleetEnd.Of(Fleet(ended with { Draining = [new WorkerView { Status = "draining" }] })));
    }

    [Fact]
    public void Ready_means_every_slot_of_every_app()
    {
        Assert.True(FleetEnd.IsReady(Fleet(App("api", ("online", null, null), ("online", null, null)))));
        Assert.False(FleetEnd.IsReady(Fleet(App("api", ("online", null, null), ("launching", null, null)))));
        Assert.False(FleetEnd.IsReady(Fleet()));
        var registered = App("job", ("stopped", null, null));
        Assert.True(FleetEnd.IsReady(Fleet(App("api", ("online", null, null)), registered with { Definition = registered.Definition with { Autostart = false } })));
        Assert.False(FleetEnd.IsReady(Fleet(registered)));
    }

    private static FleetSnapshot Fleet(params AppView[] apps) => new() { Daemon = new DaemonInfo { Version = "1", Home = "/home" }, Apps = apps };

    private static AppView App(string name, params (string Status, int? Code, string? Signal)[] slots) => new()
    {
        Definition = new AppDefinition { Name = name, Script = "/bin/sh", Program = "/bin/sh", WorkingDirectory = "/" },
        Slots = [.. slots.Select((slot, number) => new SlotView { Slot = number, PmId = number, Status = slot.Status, LastExitCode = slot.Code, LastExitSignal = slot.Signal, OutLog = "", ErrorLog = "" })],
    };
}
