using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Survival;

namespace ZeroDown.EndToEnd.Logs;

/// <summary>A worker that prints much at once, where lines are rewritten on their way, is never stuck: also when its FIFO is small, and when the daemon is killed meanwhile.</summary>
public sealed class PrintMuchSpecs : SurvivalTest
{
    private const int Lines = 50_000;

    /// <summary>2.85 MB in one write(2), which ends in the middle of a line; then its end, in a second one.</summary>
    private const string AtOnce = """
        import os, sys
        text = b''.join(b'line %d with some ordinary words in it, as programs print them\n' % number for number in range(50000))[:-3]
        while text:
            text = text[os.write(1, text):]
        os.write(1, b'em\n')
        open(sys.argv[1], 'w').close()
        os.read(0, 1)
        """;

    [Theory]
    [InlineData("log_date_format: '[at]'", 0)]
    [InlineData("log_date_format: '[at]'", 4)]
    [InlineData("log_type: json", 0)]
    [InlineData("log_file: all.log", 3)]
    public async Task It_is_not_stuck_and_every_line_arrives(string options, int kills)
    {
        Assert.SkipUnless(Tool.Run("python3", "--version") == 0, "python3 is not installed here");
        var done = Path.Combine(Zd.Folder, "done");
        var script = Zd.Write("much.py", AtOnce);
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", "/bin/sh", $"args: ['-c', 'exec python3 {script} {done} < /dev/zero; sleep 1000']\n{options}")))).Succeeded();
        for (var kill = 0; kill < kills; kill++)
            await ReplaceDaemon();

        var log = Path.Combine(Zd.Home, "logs", "web-out.log");
        await Eventually.Holds(() => Task.FromResult(File.Exists(done)), "it has printed everything", Zd.Evidence);
        await Eventually.Holds(() => Task.FromResult(File.Exists(log) && Numbers(Read(log)).Count == Lines), "every line is in the log", () => File.Exists(log) ? $"{Numbers(Read(log)).Count} lines" : "no log");
    }

    /// <summary>The kernel gives an ordinary user who has many pipes already small ones, of one or two pages.</summary>
    [Fact]
    public async Task One_long_line_of_an_ordinary_users_forty_sixth_worker_arrives()
    {
        Assert.SkipUnless(Environment.UserName == "root" && Tool.Run("setpriv", "--version") == 0, "only root can become an ordinary user");
        var folder = Directory.CreateTempSubdirectory("zdmany-").FullName;
        try
        {
            var zd = Programs.CopyZd(Path.Combine(folder, "bin"));
            File.WriteAllText(Path.Combine(folder, "long.sh"), "#!/bin/sh\n[ \"$NODE_APP_INSTANCE\" = 45 ] && head -c 20000 /dev/zero | tr '\\0' x && echo end && touch done\nexec sleep 1000\n");
            File.WriteAllText(Path.Combine(folder, "eco.yaml"), "apps: [{name: many, script: long.sh, instances: 46, min_ready: 0, log_date_format: '[at]'}]\n");
            Assert.Equal(0, Tool.Run("chmod", "-R", "a+rX", folder));
            Assert.Equal(0, Tool.Run("chmod", "+x", Path.Combine(folder, "long.sh")));
            Assert.Equal(0, Tool.Run("chown", "-R", "nobody", folder));
            Zd.Environment["ZD_HOME"] = Path.Combine(folder, "home");
            Zd.Environment["HOME"] = folder;
            Zd.Binary = zd;
            string[] nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "-C", folder];
            try
            {
                using var start = Zd.BeginUnder(nobody, "start", "eco.yaml");
                (await start.Finished(ZdHome.Patience)).Succeeded();
                await Eventually.Holds(() => Task.FromResult(File.Exists(Path.Combine(folder, "done"))), "the line is out", Zd.Evidence);
                var log = Path.Combine(folder, "home/logs/many-out-45.log");
                await Eventually.Holds(() => Task.FromResult(File.Exists(log) && Read(log).Contains("xend\n", StringComparison.Ordinal)), "the line is in the log", () => File.Exists(log) ? $"{new FileInfo(log).Length} bytes" : "no log");
                Assert.Equal(20_000, Read(log).Count(letter => letter == 'x'));
            }
            finally
            {
                using var kill = Zd.BeginUnder(nobody, "kill");
                await kill.Finished(ZdHome.Patience);
                Zd.Environment.Remove("ZD_HOME");
                Zd.Binary = Programs.Zd;
            }
        }
        finally
        {
            Tool.Run("rm", "-rf", folder);
        }
    }

    private static HashSet<string> Numbers(string text) =>
        [.. text.Split("line ").Skip(1).Select(rest => rest.Split(' ')[0]).Where(number => number.All(char.IsAsciiDigit))];
}
