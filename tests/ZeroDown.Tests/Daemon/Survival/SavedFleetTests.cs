using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Survival;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Daemon.Survival;

public sealed class SavedFleetTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HomeFolder _home;
    private readonly SavedFleet _saved;

    public SavedFleetTests()
    {
        _home = new HomeFolder(_folder["."]);
        _saved = new SavedFleet(_home);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_read_is_what_was_written_without_what_ends_with_a_daemon()
    {
        _saved.Write(Fleet("web", (0, WorkerPhase.Ready, true), (2, WorkerPhase.Stopped, false), (3, WorkerPhase.Errored, true), (4, WorkerPhase.Stopped, true)));
        var found = _saved.Read();
        Assert.Equal(_home.Dump, found.File);
        var app = Assert.Single(found.Apps);
        Assert.Equal(4, app.Spec.Instances);
        // Who runs, and who gave up, is tried; who was stopped, or ended for good, is not.
        Assert.Equal([0, 2], app.Running);
        Assert.DoesNotContain("launchedAt", File.ReadAllText(_home.Dump), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_home.Dump));
    }

    [Fact]
    public void An_app_that_was_scaled_to_zero_is_read_with_its_number_of_instances()
    {
        var fleet = Fleet("web", (0, WorkerPhase.Stopped, false));
        _saved.Write(fleet with { Apps = [fleet.Apps[0] with { ScaledToZero = true, Spec = fleet.Apps[0].Spec with { Instances = 4 } }] });
        var app = Assert.Single(_saved.Read().Apps);
        Assert.Equal((true, 4, 0), (app.ScaledToZero, app.Spec.Instances, app.Running.Length));
    }

    [Fact]
    public void A_dump_cut_short_anywhere_gives_the_one_before_and_never_a_part_of_itself()
    {
        _saved.Write(Fleet("old", (0, WorkerPhase.Ready, true)));
        _saved.Write(Fleet("new", (0, WorkerPhase.Ready, true)));
        var whole = File.ReadAllBytes(_home.Dump);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_home.Dump, whole[..length]);
            var found = _saved.Read();
            Assert.Equal((_home.PreviousDump, "old"), (found.File, Assert.Single(found.Apps).Spec.Name.Value));
            Assert.Contains(_home.Dump, Assert.Single(found.Problems), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_missing_dump_gives_the_one_before_and_says_so()
    {
        _saved.Write(Fleet("old", (0, WorkerPhase.Ready, true)));
        _saved.Write(Fleet("new", (0, WorkerPhase.Ready, true)));
        File.Delete(_home.Dump);
        var found = _saved.Read();
        Assert.Equal(_home.PreviousDump, found.File);
        Assert.Contains("missing", Assert.Single(found.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_dump_that_cannot_be_written_leaves_the_old_one()
    {
        _saved.Write(Fleet("old", (0, WorkerPhase.Ready, true)));
        var before = File.ReadAllBytes(_home.Dump);
        Directory.CreateDirectory(_home.Dump + ".new");
        Assert.ThrowsAny<IOException>(() => _saved.Write(Fleet("new", (0, WorkerPhase.Ready, true))));
        Assert.Equal(before, File.ReadAllBytes(_home.Dump));
    }

    private static FleetState Fleet(string name, params (int Slot, WorkerPhase Phase, bool Wanted)[] slots) => FleetState.Empty with
    {
        Apps =
        [
            new AppState
            {
                Spec = new AppSpec
                {
                    Name = new AppName(name),
                    Instances = slots.Length,
                    Launch = new LaunchSpec { Script = "/bin/sh", Program = "/bin/sh", WorkingDirectory = "/", Environment = [new EnvironmentVariable("A", "ü\n\"")] },
                },
                Slots = [.. slots.Select(slot => new SlotState { Slot = slot.Slot, PmId = slot.Slot, Phase = slot.Phase, Wanted = slot.Wanted })],
            },
        ],
    };
}
