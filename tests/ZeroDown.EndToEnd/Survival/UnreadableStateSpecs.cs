using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>Keeper and daemon are killed, and what they had written down cannot be read: every command says so, and nothing is started beside workers that live.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class UnreadableStateSpecs : SurvivalTest
{
    public static TheoryData<string> Damages => ["empty", "garbage", "cut", "a changed number", "one of them missing", "a folder", "a FIFO"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task Every_command_says_it_and_kill_ends_what_lives(string damage)
    {
        (await Zd.Run("start", WriteApp("serve"))).Succeeded();
        await StateIsOnDisk();
        (await Zd.Run("scale", "web", "3")).Succeeded();
        await StateIsOnDisk();
        var pids = (await Zd.List()).Select(row => row.Pid).ToList();
        KillBoth();
        foreach (var name in (string[])["state.json", "state.previous.json"])
            Spoil(Path.Combine(Zd.Home, name), damage, name);

        foreach (var command in (string[][])[["list"], ["describe", "web"], ["logs", "--nostream"], ["reload", "web"], ["save"], ["start", Path.Combine(Zd.Folder, "ecosystem.yaml")], ["restart", "all"], ["ping"]])
            (await Zd.Run(command)).Exited(1, 6).Says("3 workers", "still run", "zd kill").HasNoStackTrace();
        Assert.All(pids, pid => Assert.True(ProcessTable.Exists(pid)));
        Assert.Equal(3, ProcessTable.OfHome(Zd.Home, "serve").Count(process => process.CommandLine.StartsWith(Programs.TestWorker, StringComparison.Ordinal)));

        (await Zd.Run("kill")).Succeeded().Says("have ended").HasNoStackTrace();
        await NothingIsLeft();
        (await Zd.Run("list")).Succeeded();
        (await Zd.Run("start", Path.Combine(Zd.Folder, "ecosystem.yaml"))).Succeeded();
        await PidsThatAnswer(2);
    }

    private static void Spoil(string path, string damage, string name)
    {
        switch (damage)
        {
            case "empty":
                File.WriteAllText(path, "");
                break;
            case "garbage":
                File.WriteAllText(path, "\0garbage");
                break;
            case "cut":
                File.WriteAllText(path, File.ReadAllText(path)[..^40]);
                break;
            case "a changed number":
                File.WriteAllText(path, File.ReadAllText(path).Replace("\"instances\":", "\"instances\":1", StringComparison.Ordinal));
                break;
            case "one of them missing" when name == "state.json":
                File.WriteAllText(path, "{}");
                break;
            case "a folder":
                File.Delete(path);
                Directory.CreateDirectory(path);
                break;
            case "a FIFO":
                File.Delete(path);
                Assert.Equal(0, Tool.Run("mkfifo", path));
                break;
            default:
                File.Delete(path);
                break;
        }
    }
}
