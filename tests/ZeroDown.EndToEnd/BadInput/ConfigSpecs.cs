using System.Globalization;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.BadInput;

/// <summary>Mistakes in an ecosystem file: exit 5, the place, the reason, a hint; and no daemon was started for it.</summary>
public sealed class ConfigSpecs : EndToEndTest
{
    [Theory]
    [InlineData("apps: [", "ecosystem.yaml:")]
    [InlineData("apps:\n  - name: web\n    script: /bin/ls\n    instnaces: 2\n", "ecosystem.yaml:4:5", "instnaces", "did you mean", "instances")]
    [InlineData("apps:\n  - name: web\n    script: /bin/ls\n    instances: many\n", "ecosystem.yaml:4:", "many")]
    [InlineData("apps:\n  - name: web\n    script: /bin/ls\n    drain_timeout: 10 fortnights\n", "ecosystem.yaml:4:", "fortnights")]
    [InlineData("apps:\n  - name: web\n    script: /bin/ls\n    max_restarts: -3\n", "ecosystem.yaml:4:", "-3")]
    [InlineData("apps:\n  - name: web\n    script: /bin/ls\n    kill_timeout: -5s\n", "ecosystem.yaml:4:")]
    [InlineData("apps:\n  - name: web\n    script: /bin/ls\n  - name: web\n    script: /bin/ls\n", "ecosystem.yaml:4:", "web")]
    [InlineData("apps:\n  - name: web\n", "script")]
    [InlineData("apps:\n  - name: web\n    script: /bin/ls\n    listen: nowhere:port\n", "ecosystem.yaml:4:", "nowhere:port")]
    [InlineData("apps:\n  - name: web\n    script: /bin/ls\n    env: { A: '${NOT_SET_ANYWHERE}' }\n", "ecosystem.yaml:4:", "NOT_SET_ANYWHERE")]
    public async Task It_says_where_and_why(string yaml, params string[] words)
    {
        Zd.Write("ecosystem.yaml", yaml);
        (await Zd.Run("start")).Exited(5).Says(words).HasNoStackTrace();
        Assert.Empty(ProcessTable.OfHome(Zd.Home));
    }

    [Fact]
    public async Task All_mistakes_are_told_at_once()
    {
        Zd.Write("ecosystem.yaml", "apps:\n  - name: web\n    script: /bin/ls\n    instnaces: 2\n    min_uptime: soon\n  - name: api\n    scirpt: /bin/ls\n");
        (await Zd.Run("start")).Exited(5).Says("instnaces", "soon", "scirpt");
    }

    [Fact]
    public async Task A_file_that_nests_without_end_costs_no_time()
    {
        Zd.Write("ecosystem.yaml", "apps: " + new string('[', 200_000));
        var deep = (await Zd.Run("start")).Exited(5).HasNoStackTrace();
        Assert.True(deep.Took < TimeSpan.FromSeconds(10), deep.ToString());

        var aliases = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (var i = 1; i < 12; i++)
            aliases += string.Create(CultureInfo.InvariantCulture, $"x-a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n");
        Zd.Write("ecosystem.yaml", $"x-{aliases}apps:\n  - name: web\n    script: /bin/ls\n    args: *a11\n");
        var bomb = (await Zd.Run("start")).Exited(5).HasNoStackTrace();
        Assert.True(bomb.Took < TimeSpan.FromSeconds(10), bomb.ToString());
    }

    [Fact]
    public async Task A_huge_file_is_refused()
    {
        Zd.Write("ecosystem.yaml", "apps:\n" + string.Concat(Enumerable.Repeat("# nothing but words, again and again, for ever and a day\n", 400_000)));
        (await Zd.Run("start")).Exited(5).HasNoStackTrace();
    }

    [Fact]
    public async Task A_missing_file_is_named()
    {
        (await Zd.Run("start", "no-such-ecosystem.yaml")).Exited(1).Says("no-such-ecosystem.yaml").HasNoStackTrace();
        (await Zd.Run("start")).Exited(1).Says("ecosystem.yaml").HasNoStackTrace();
    }

    [Fact]
    public async Task A_script_that_is_missing_is_named_with_its_nearest_neighbour()
    {
        Zd.Write("server.sh", "exec sleep 100\n");
        Zd.Write("ecosystem.yaml", App("web", "./sevrer.sh", ""));
        (await Zd.Run("start")).Exited(5).Says("sevrer.sh", "server.sh").HasNoStackTrace();
    }

    [Fact]
    public async Task A_script_that_may_not_be_executed_says_so()
    {
        Zd.Write("program", "\u007fELF no program");
        Zd.Write("ecosystem.yaml", App("web", "./program", ""));
        (await Zd.Run("start")).Exited(5).Says("program", "execut").HasNoStackTrace();
    }

    [Fact]
    public async Task An_interpreter_that_is_missing_is_named()
    {
        Zd.Write("server.x", "");
        Zd.Write("ecosystem.yaml", App("web", "./server.x", "interpreter: no-such-interpreter"));
        (await Zd.Run("start")).Exited(5).Says("no-such-interpreter").HasNoStackTrace();
    }

    [Fact]
    public async Task A_cwd_that_is_missing_is_named()
    {
        Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "cwd: ./no-such-folder\nargs: [hang]"));
        (await Zd.Run("start")).Exited(5).Says("no-such-folder").HasNoStackTrace();
    }

    [Fact]
    public async Task A_cwd_that_is_a_file_gets_the_folder_around_it_as_advice()
    {
        Zd.Write("ecosystem.yaml", App("web", Programs.TestWorker, "cwd: ./ecosystem.yaml\nargs: [hang]"));
        var result = (await Zd.Run("start")).Exited(5).Says("ecosystem.yaml is a file", "name the folder").HasNoStackTrace();
        Assert.DoesNotContain("did you mean", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_usage_is_exit_2()
    {
        (await Zd.Run("frobnicate")).Exited(2).HasNoStackTrace();
        (await Zd.Run("start", "--no-such-flag")).Exited(2).HasNoStackTrace();
        (await Zd.Run("scale", "web")).Exited(2).HasNoStackTrace();
    }
}
