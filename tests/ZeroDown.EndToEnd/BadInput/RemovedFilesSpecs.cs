using System.Diagnostics;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.BadInput;

/// <summary>Files of the home that somebody removes while everything runs: a cleaner of temporary files, a mistyped rm.</summary>
public sealed class RemovedFilesSpecs : EndToEndTest
{
    private string Pipe => Path.Combine(Zd.Home, "zd.pipe");

    public static TheoryData<string> Losses => ["removed", "a file in its place", "moved", "removed twice"];

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task The_daemon_makes_a_pipe_that_was_lost_anew(string loss)
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var before = await Zd.List();
        using var follower = Zd.Begin("logs", "web");
        await follower.Says("listening on");
        switch (loss)
        {
            case "removed":
                File.Delete(Pipe);
                break;
            case "a file in its place":
                File.WriteAllText(Pipe + ".other", "");
                File.Move(Pipe + ".other", Pipe, overwrite: true);
                break;
            case "moved":
                File.Move(Pipe, Pipe + ".old");
                break;
            default:
                File.Delete(Pipe);
                await Eventually.Holds(() => Task.FromResult(File.Exists(Pipe)), "the pipe is there again", Zd.Evidence);
                File.Delete(Pipe);
                break;
        }

        var clock = Stopwatch.StartNew();
        Assert.Equal(before, await Zd.List());
        TestContext.Current.TestOutputHelper?.WriteLine($"list answered after {clock.Elapsed.TotalSeconds:0.0} s");
        var reload = (await Zd.Run("reload", "web")).Succeeded();
        Assert.DoesNotContain("replaced; waiting", reload.All, StringComparison.Ordinal);
        // A client that was connected stays so.
        await follower.Says("drained");
    }

    [Theory]
    [InlineData("run")]
    [InlineData("logs")]
    [InlineData("builds")]
    [InlineData("lib")]
    public async Task A_folder_of_the_home_that_was_removed_is_made_anew_and_workers_can_be_launched(string folder)
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var path = Path.Combine(Zd.Home, folder);
        int Files() => Directory.Exists(path) ? Directory.GetFiles(path, "*", SearchOption.AllDirectories).Length : -1;
        var filesThatWorkersNeed = folder is "lib" or "logs" ? Files() : 0;
        Directory.Delete(path, recursive: true);
        await Eventually.Holds(() => Task.FromResult(Files() >= filesThatWorkersNeed), $"{folder} is made anew", Zd.Evidence);

        (await Zd.Run("reload", "web")).Succeeded();
        (await Zd.Run("list")).Succeeded().Says("was removed while the daemon ran").Says($"({folder})");
        await PidsThatAnswer(2);
        Assert.Contains("listening on", (await Zd.Run("logs", "web", "--nostream")).Succeeded().Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_home_that_was_removed_is_made_anew_and_said()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var before = await Zd.List();
        // The daemon may be quicker than rm, which then finds a folder that is not empty: either way most is gone.
        Tool.Run("rm", "-rf", Zd.Home);
        await Eventually.Holds(() => Task.FromResult(File.Exists(Pipe) && Directory.Exists(Path.Combine(Zd.Home, "logs"))), "the home is made anew", () => string.Join('\n', ProcessTable.OfHome(Zd.Home)));

        Assert.Equal(before, await Zd.List());
        (await Zd.Run("list")).Succeeded().Says("was removed while the daemon ran");
        (await Zd.Run("reload", "web")).Succeeded();
        await PidsThatAnswer(2);
    }
}
