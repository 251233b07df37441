using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Survival;

/// <summary><c>zd.pid</c>, for monitors.</summary>
public sealed class DaemonPidFileSpecs : EndToEndTest
{
    private string File => Path.Combine(Zd.Home, "zd.pid");

    [Fact]
    public async Task The_pid_file_names_the_daemon_until_it_is_killed_with_zd_kill()
    {
        Zd.Write("quiet.yaml", App("quiet", Programs.TestWorker, "args: [hang]"));
        (await Zd.Run("start", "quiet.yaml")).Succeeded();
        var first = await DaemonPid();
        Assert.Equal($"{first}", await System.IO.File.ReadAllTextAsync(File, TestContext.Current.CancellationToken));

        Tool.Signal(first, "KILL");
        await Eventually.Holds(async () => await DaemonPid() is var next && next != first && await System.IO.File.ReadAllTextAsync(File) == $"{next}", "the next daemon has replaced it", Zd.Evidence);

        (await Zd.Run("kill")).Succeeded();
        await NothingIsLeft();
        Assert.False(System.IO.File.Exists(File));
    }

    private async Task<int> DaemonPid() =>
        int.Parse(Regex.Match((await Zd.Run("ping")).All, @"pid (\d+)").Groups[1].Value, CultureInfo.InvariantCulture);
}
