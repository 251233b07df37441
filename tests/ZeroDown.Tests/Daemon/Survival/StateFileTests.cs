using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Survival;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Daemon.Survival;

public sealed class StateFileTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HomeFolder _home;
    private readonly StateFile _file;

    public StateFileTests()
    {
        _home = new HomeFolder(_folder.Path);
        _file = new StateFile(_home);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read_with_the_processes_that_lived()
    {
        var worker = new Worker { Id = new WorkerId(3), Slot = 0, PmId = 0, Generation = 1, Spec = Some.App(), Pid = 4711 };
        var gone = worker with { Id = new WorkerId(4), Pid = 4712 };
        var fleet = new FleetState
        {
            Apps = [new AppState { Spec = worker.Spec, Workers = ImmutableSortedDictionary<long, Worker>.Empty.Add(3, worker).Add(4, gone) }],
        };
        var origin = new StateOrigin { BootId = Machine.BootId, At = new DateTimeOffset(2026, 11, 25, 21, 0, 0, TimeSpan.Zero), KeeperPid = 12 };

        _file.Write(StateOnDisk.Of(new Remembered(fleet, new DeskBook { LastRequest = 9 }), origin, number => number == 3 ? 777 : 0));
        var (read, problems) = _file.Read(setAside: true);

        Assert.Empty(problems);
        Assert.Equal([new LivingWorker(3, 4711, 777)], read!.Origin.Workers);
        Assert.Equal((origin.BootId, origin.At, 12, false), (read.Origin.BootId, read.Origin.At, read.Origin.KeeperPid, read.Origin.EndedCleanly));
        Assert.True(read.IsOfThisBoot);
        Assert.Equal(9, read.State.Desk.LastRequest);
        Assert.Null(AnyState.Difference(fleet, read.State.Fleet));
        Assert.Equal(0x180u, FileStatus.Of(_home.State)!.Value.Mode & 0xFFF); // 0600
    }

    [Fact]
    public void Every_property_of_its_own_is_carried_through()
    {
        var any = new AnyState(true);
        var state = new StateOnDisk(any.Make<Remembered>(), any.Make<StateOrigin>());

        _file.Write(state);

        Assert.Null(AnyState.Difference(state, _file.Read(setAside: true).State, "state"));
    }

    [Fact]
    public void The_one_before_is_kept()
    {
        _file.Write(Named("first"));
        _file.Write(Named("second"));
        _file.Write(Named("third"));

        Assert.Equal("third", NameIn(_file.Read(setAside: true)));
        File.Delete(_home.State);
        Assert.Equal("second", NameIn(_file.Read(setAside: true)));
    }

    [Fact]
    public void Nothing_there_is_no_problem()
    {
        Assert.Equal(new FoundState(null, []), _file.Read(setAside: true));
    }

    [Fact]
    public void A_file_that_was_cut_anywhere_gives_way_to_the_one_before()
    {
        _file.Write(Named("first"));
        _file.Write(Named("second"));
        var whole = File.ReadAllBytes(_home.State);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_home.State, whole[..length]);

            var found = _file.Read(setAside: false);

            Assert.Equal("first", NameIn(found));
            Assert.Equal(2, found.Problems.Length);
            Assert.Contains("the state before it is used, state.previous.json of", found.Problems[1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_cannot_be_read_is_set_aside_and_not_deleted()
    {
        File.WriteAllText(_home.State, "garbage");
        File.WriteAllText(_home.PreviousState, "more garbage");

        var found = _file.Read(setAside: true);

        Assert.Null(found.State);
        Assert.Equal(2, found.Problems.Length);
        Assert.All(found.Problems, problem => Assert.Matches(@"cannot be used: the text is damaged: .*; it lies in state\.unreadable-\d{8}T\d{6}Z(-1)?\.json now$", problem));
        Assert.Equal(["garbage", "more garbage"], Directory.GetFiles(_folder.Path, "state.unreadable-*.json").Select(File.ReadAllText).Order());
        Assert.False(Path.Exists(_home.State));
    }

    [Fact]
    public void A_symbolic_link_in_its_place_is_not_followed()
    {
        File.WriteAllBytes(_folder["elsewhere"], FleetCodecTests.Text(FleetState.Empty));
        File.CreateSymbolicLink(_home.State, _folder["elsewhere"]);

        var found = _file.Read(setAside: true);

        Assert.Contains("is a symbolic link", Assert.Single(found.Problems), StringComparison.Ordinal);
        Assert.NotNull(new FileInfo(Assert.Single(Directory.GetFiles(_folder.Path, "state.unreadable-*"))).LinkTarget);
        _file.Write(Named("mine"));
        Assert.Equal("mine", NameIn(_file.Read(setAside: true)));
        Assert.Equal(FleetCodecTests.Text(FleetState.Empty), File.ReadAllBytes(_folder["elsewhere"]));
    }

    [Fact]
    public void A_folder_in_its_place_is_set_aside()
    {
        Directory.CreateDirectory(Path.Combine(_home.State, "inner"));

        Assert.Contains("is no regular file", Assert.Single(_file.Read(setAside: true).Problems), StringComparison.Ordinal);

        Assert.True(Directory.Exists(Path.Combine(Assert.Single(Directory.GetDirectories(_folder.Path, "state.unreadable-*")), "inner")));
        _file.Write(Named("mine"));
        Assert.Equal("mine", NameIn(_file.Read(setAside: true)));
    }

    [Fact]
    public void A_file_that_is_too_large_is_not_read()
    {
        using (var file = File.Create(_home.State))
            file.SetLength(1L << 40);

        Assert.Contains("more than zd ever writes", Assert.Single(_file.Read(setAside: false).Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_user_is_not_obeyed()
    {
        Assert.SkipUnless(CurrentUser.IsRoot, "only root can give a file away");
        _file.Write(Named("first"));
        _file.Write(Named("second"));
        var (code, _) = ZeroDown.Tests.Platform.Tool.Run("chown", "65534", _home.State);
        Assert.Equal(0, code);

        var found = _file.Read(setAside: true);

        Assert.Equal("first", NameIn(found));
        Assert.Contains("belongs to another user (uid 65534", found.Problems[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_of_the_future_is_refused_with_words_and_set_aside()
    {
        _file.Write(Named("mine"));
        var text = JsonNode.Parse(File.ReadAllBytes(_home.State))!;
        text["format"] = FleetCodec.Format + 1;
        text["version"] = "99.0.0";
        File.WriteAllText(_home.State, text.ToJsonString());

        var found = _file.Read(setAside: true);

        Assert.Contains("was written by version 99.0.0 of zd", Assert.Single(found.Problems), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_folder.Path, "state.unreadable-*"));
    }

    [Fact]
    public void An_end_that_was_asked_for_is_told_from_every_other_and_what_was_wanted_stays()
    {
        var fleet = FleetState.Empty;
        foreach (var news in (ReadOnlySpan<SupervisorEvent>)
        [
            new StartRequested(new RequestId(1), [new Target(new AppName("web"), NewSpec: Some.App(instances: 1))]),
            new WorkerSpawned(new WorkerId(1), 4711),
            new WorkerExecuted(new WorkerId(1)),
            new ShutdownRequested(new RequestId(2)),
            new WorkerExited(new WorkerId(1), new ExitStatus(0)),
        ])
            fleet = Supervisor.Step(fleet, new Stamped(TimeSpan.FromSeconds(1), news)).State;

        _file.Write(StateOnDisk.Of(new Remembered(fleet, DeskBook.Empty), Origin(), _ => 1));
        var read = _file.Read(setAside: true).State!;

        Assert.True(read.Origin.EndedCleanly);
        Assert.Empty(read.Origin.Workers);
        Assert.True(Assert.Single(Assert.Single(read.State.Fleet.Apps).Slots).Wanted);
    }

    [Fact]
    public void An_end_behind_a_crash_keeps_what_was_wanted_and_nobody_takes_it_over()
    {
        _file.Write(Named("on_disk"));

        Assert.Empty(_file.MarkEnded(Named("in_memory").State));

        var state = _file.Read(setAside: true).State!;
        Assert.False(Remains.IsAbandoned(state));
        Assert.Empty(state.Origin.Workers);
        Assert.Equal("in_memory", Assert.Single(new SavedFleet(_home).Read().Apps).Spec.Name.Value);
    }

    [Fact]
    public void An_end_sets_aside_what_cannot_be_read_and_does_not_leave_the_state_before_it_to_be_taken_over()
    {
        _file.Write(Named("first"));
        _file.Write(Named("second"));
        File.WriteAllText(_home.State, "garbage");

        Assert.Equal(2, _file.MarkEnded(newest: null).Length);

        Assert.Equal("garbage", File.ReadAllText(Assert.Single(Directory.GetFiles(_folder.Path, "state.unreadable-*.json"))));
        var found = _file.Read(setAside: true);
        Assert.Equal("first", NameIn(found));
        Assert.False(Remains.IsAbandoned(found.State!));
    }

    [Fact]
    public void An_end_that_finds_no_room_on_the_disk_is_an_end_all_the_same()
    {
        _file.Write(Named("first"));
        _file.Write(Named("second"));
        NoRoom();

        _file.Write(Ended());

        Assert.Equal(new FoundState(null, []), _file.Read(setAside: true));
        Assert.Equal("second", Assert.Single(new SavedFleet(_home).Read().Apps).Spec.Name.Value);
    }

    [Fact]
    public void An_end_that_was_never_on_the_disk_and_finds_no_room_leaves_nothing_to_take_over()
    {
        NoRoom();
        _file.Write(Ended());
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_state_that_is_no_end_and_finds_no_room_leaves_the_one_before_it_in_its_place()
    {
        _file.Write(Named("first"));
        NoRoom();

        Assert.Throws<SystemCallException>(() => _file.Write(Named("second")));
        Assert.Equal("first", NameIn(_file.Read(setAside: true)));
    }

    /// <summary>Nothing new can be written, as on a full disk, and everything can be renamed and removed.</summary>
    private void NoRoom() => Directory.CreateDirectory(_home.State + ".new");

    private static StateOnDisk Ended() => Named("second") with { Origin = Origin() with { EndedCleanly = true } };

    [Fact]
    public void What_version_one_wrote_can_be_read()
    {
        var text = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "state-format-1.json"));

        var read = StateOnDisk.Parse(text);

        var app = Assert.Single(read.State.Fleet.Apps);
        Assert.Equal("web", app.Spec.Name.Value);
        Assert.Equal(WorkerPhase.Ready, Assert.Single(app.Workers).Value.Phase);
        Assert.Equal(TimeSpan.FromSeconds(30), app.Spec.Stop.DrainTimeout);
        Assert.Equal("127.0.0.1:4000", read.State.Fleet.Listeners.Values.Single().BoundAddress);
        Assert.Equal("0d3f", Assert.Single(read.State.Desk.Tickets).Token);
    }

    internal static StateOnDisk Named(string app) => new(new Remembered(FleetCodecTests.Running(Some.App(app)), DeskBook.Empty), Origin());

    private static StateOrigin Origin() => new() { BootId = Machine.BootId, At = DateTimeOffset.UnixEpoch };

    private static string? NameIn(FoundState found) => found.State?.State.Fleet.Apps[0].Spec.Name.Value;
}
