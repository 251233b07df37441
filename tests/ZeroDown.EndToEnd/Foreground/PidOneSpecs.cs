using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Foreground;

/// <summary><c>zd run</c> as pid 1 of a pid namespace, as in a container.</summary>
public sealed class PidOneSpecs : EndToEndTest
{
    /// <summary>As root without a user namespace; where we are nobody, root of one of our own, if that is permitted.</summary>
    private static readonly string[][] Ways =
    [
        ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"],
        ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--mount-proc"],
    ];

    [Fact]
    public async Task It_is_the_init_that_reaps_orphans_and_ends_with_the_apps_code()
    {
        // Orphans that end become children of pid 1, and zombies of one that does not wait for them.
        const string Script = "for i in 1 2 3 4 5; do (setsid sh -c \"sleep 0.1; exit 9\" &); done; sleep 1; while grep -qs \") Z \" /proc/[0-9]*/stat; do sleep 0.1; done; echo no zombie; echo pid one is $(cat /proc/1/cmdline | tr \"\\\\0\" \" \"); exit 4";
        using var run = Zd.BeginUnder(Container(), "run", Zd.Write("ecosystem.yaml", App("job", "/bin/sh", $"cwd: /\nautorestart: false\nargs: ['-c', '{Script}']")));
        var result = (await run.Finished(Soon)).Exited(4);
        Assert.Matches(@"\| pid one is .*zd keeper", result.Out);
        Assert.Contains("| no zombie\n", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SIGTERM_to_pid_1_drains_everything()
    {
        using var run = Zd.BeginUnder(Container(), "run", WriteApp("slow-drain, 300, serve"));
        await run.Says("✓ web is online");
        await PidsThatAnswer(2);
        Tool.Signal(ProcessTable.OfHome(Zd.Home, " keeper ").Single(process => !process.CommandLine.StartsWith("unshare", StringComparison.Ordinal)).Pid, "TERM");
        (await run.Finished(Soon)).Succeeded().Says("exited with code [0] via signal [none]");
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
    }

    private static string[] Container() =>
        Array.Find(Ways, way => Tool.Run(way[0], [.. way[1..], "true"]) == 0) ?? throw new InvalidOperationException(SkipReason());

    private static string SkipReason()
    {
        Assert.Skip("no pid namespace can be made here: unshare is missing, or not permitted");
        return "";
    }
}
