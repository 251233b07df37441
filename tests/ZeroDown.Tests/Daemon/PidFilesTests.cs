using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;
using ZeroDown.Tests.Core;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Daemon;

public sealed class PidFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly PidFiles _files;

    public PidFilesTests() => _files = new PidFiles(_folder["pids"], DaemonLog.Silent());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_slots_file_names_its_worker_until_the_next_has_taken_over_and_goes_with_the_last()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        Assert.Equal("1001", Told(story, "pids/api-0.pid"));

        story.Reload();
        story.Runs(story.Newcomer(0));
        Assert.Equal("1001", Told(story, "pids/api-0.pid"));
        story.Happens(new WorkerListens(story.Newcomer(0), false));
        Assert.Equal("1002", Told(story, "pids/api-0.pid"));

        story.Stop();
        story.LeaversExit();
        Assert.Null(Told(story, "pids/api-0.pid"));
    }

    [Fact]
    public void A_file_that_could_not_be_written_is_tried_again()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        Directory.CreateDirectory(_folder["pids/api-0.pid"]); // a folder in the file's place
        _files.Follow(story.State);
        _files.Settle();
        Assert.True(Directory.Exists(_folder["pids/api-0.pid"]));

        Directory.Delete(_folder["pids/api-0.pid"]);

        Eventually.True(() => File.Exists(_folder["pids/api-0.pid"]), "the file is written at a later try");
        Assert.Equal("1001", File.ReadAllText(_folder["pids/api-0.pid"]));
    }

    [Fact]
    public void A_configured_file_gets_the_id_before_its_ending()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2) with { Log = new LogSpec { PidFile = _folder["run/api.pid"] } });
        Assert.Equal("1001", Told(story, "run/api-0.pid"));
        Assert.Equal("1002", Told(story, "run/api-1.pid"));
    }

    /// <summary>Issue 10, B6: a pid file clobbered any file of root's.</summary>
    [Theory]
    [InlineData("api-0.pid")]
    [InlineData("api-0.pid.new")]
    [InlineData("")]
    public void In_a_folder_of_the_app_s_user_no_link_of_his_is_followed(string link)
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        var somebody = new RunAs { Name = "somebody", UserId = 54321, GroupId = 54321 };
        Directory.CreateDirectory(_folder["roots"]);
        File.WriteAllText(_folder["roots/api-0.pid"], "of root");
        Directory.CreateDirectory(_folder["his"]);
        if (link.Length > 0)
            File.CreateSymbolicLink(_folder[$"his/{link}"], _folder["roots/api-0.pid"]);
        else
            File.CreateSymbolicLink(_folder["his/run"], _folder["roots"]);
        Assert.Equal(0, Tool.Run("chmod", "711", _folder.Path, _folder["roots"]).ExitCode);
        Assert.Equal(0, Tool.Run("chown", "-hR", "54321", _folder["his"]).ExitCode);
        var spec = FleetStory.Spec() with { Log = new LogSpec { PidFile = _folder[link.Length > 0 ? "his/api.pid" : "his/run/api.pid"] } };
        var story = FleetStory.Running(spec with { Launch = spec.Launch with { RunAs = somebody } });

        Assert.Equal(link.Length > 0 ? "1001" : null, Told(story, "his/api-0.pid"));
        story.Stop();
        story.LeaversExit();
        Assert.Null(Told(story, "his/api-0.pid"));
        Assert.Equal("of root", File.ReadAllText(_folder["roots/api-0.pid"]));
        Assert.Single(Directory.GetFileSystemEntries(_folder["roots"]));
    }

    [Fact]
    public void A_folder_that_only_root_can_make_is_made_for_an_app_of_another_user_too()
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        var spec = FleetStory.Spec() with { Log = new LogSpec { PidFile = _folder["run/deep/api.pid"] } };
        var story = FleetStory.Running(spec with { Launch = spec.Launch with { RunAs = new RunAs { Name = "somebody", UserId = 54321, GroupId = 54321 } } });
        Assert.Equal("1001", Told(story, "run/deep/api-0.pid"));
    }

    [Fact]
    public void What_a_daemon_that_died_left_is_put_right_by_the_next()
    {
        var story = FleetStory.Running(FleetStory.Spec(instances: 2));
        Assert.Equal("1001", Told(story, "pids/api-0.pid"));
        File.WriteAllText(_folder["pids/api-1.pid"], "half");
        var next = new PidFiles(_folder["pids"], DaemonLog.Silent());
        next.TakeOver(story.State);
        next.Follow(story.State);
        next.Settle();
        Assert.Equal("1002", File.ReadAllText(_folder["pids/api-1.pid"]));
    }

    [Fact]
    public void What_a_daemon_that_died_did_not_come_to_remove_goes_with_the_next()
    {
        var story = FleetStory.Running(FleetStory.Spec());
        Assert.Equal("1001", Told(story, "pids/api-0.pid"));
        var next = new PidFiles(_folder["pids"], DaemonLog.Silent());
        next.TakeOver(story.State);
        story.Stop();
        story.LeaversExit();
        next.Follow(story.State);
        next.Settle();
        Assert.False(File.Exists(_folder["pids/api-0.pid"]));
    }

    private string? Told(FleetStory story, string file)
    {
        _files.Follow(story.State);
        _files.Settle();
        return File.Exists(_folder[file]) ? File.ReadAllText(_folder[file]) : null;
    }
}
