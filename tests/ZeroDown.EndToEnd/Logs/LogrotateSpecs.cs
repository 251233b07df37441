using System.Diagnostics;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Logs;

/// <summary>The rule that <c>zd logrotate</c> prints, carried out by the system's own logrotate while an app writes.</summary>
public sealed class LogrotateSpecs : EndToEndTest
{
    private const string Logrotate = "/usr/sbin/logrotate";

    [Fact]
    public async Task The_rule_loses_no_line()
    {
        Assert.SkipUnless(File.Exists(Logrotate), "logrotate is not installed");
        Zd.Write("count.sh", "i=0\nwhile :; do i=$((i+1)); echo line $i; [ $((i % 200)) = 0 ] && sleep 0.01; done\n");
        (await Zd.Run("start", Zd.Write("eco.yaml", App("job", "count.sh", "out_file: elsewhere/job.log")))).Succeeded();
        var log = Path.Combine(Zd.Folder, "elsewhere/job.log");
        await Eventually.Holds(() => Task.FromResult(new FileInfo(log) is { Exists: true, Length: > 1000 }), "the app writes", Zd.Evidence);
        var rule = (await Zd.Run("logrotate", "--dry-run")).Succeeded().Out;
        Assert.Contains($"\"{log}\"", rule, StringComparison.Ordinal);
        var path = Zd.Write("rule", rule);
        for (var turn = 1; turn <= 3; turn++)
        {
            Rotate(path);
            await Eventually.Holds(() => Task.FromResult(new FileInfo(log) is { Exists: true, Length: > 1000 }), "the next file is written to", Zd.Evidence);
        }

        (await Zd.Run("stop", "job")).Succeeded();
        Zd.Write("all.sh", $"cd {Path.GetDirectoryName(log)}; zcat job.log.3.gz job.log.2.gz; cat job.log.1 job.log\n");
        using var all = Process.Start(new ProcessStartInfo("sh", [Path.Combine(Zd.Folder, "all.sh")]) { RedirectStandardOutput = true })!;
        var expected = 0;
        while (await all.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            Assert.Equal($"line {++expected}", line);
        // Each of the four files was seen with more than 1000 bytes, in lines of at most 12.
        Assert.True(expected > 4 * 1000 / 12, $"only {expected} lines");
    }

    [Fact]
    public async Task Without_a_daemon_the_rule_is_still_right()
    {
        var rule = (await Zd.Run("logrotate", "--dry-run")).Succeeded();
        Assert.StartsWith($"# Written by `zd logrotate`.\n\"{Zd.Home}/logs/*.log\"\n{{\n", rule.Out, StringComparison.Ordinal);
        Assert.Equal("", rule.Err);
    }

    private void Rotate(string rule)
    {
        using var rotate = Process.Start(new ProcessStartInfo(Logrotate, ["--force", "--state", Path.Combine(Zd.Folder, "state"), rule]) { RedirectStandardError = true })!;
        var said = rotate.StandardError.ReadToEnd();
        rotate.WaitForExit();
        Assert.Equal((0, ""), (rotate.ExitCode, said));
    }
}
