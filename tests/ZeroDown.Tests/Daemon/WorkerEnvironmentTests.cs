using System.Net;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Workers;

namespace ZeroDown.Tests.Daemon;

public sealed class WorkerEnvironmentTests
{
    [Fact]
    public void The_supervisors_variables_of_the_users_shell_do_not_reach_the_worker()
    {
        var spec = Some.App().WithEnvironment(("LISTEN_FDS", "9"), ("LISTEN_PID", "1"), ("JOURNAL_STREAM", "8:1"), ("PATH", "/bin"));
        var (variables, pidVariables) = WorkerEnvironment.For(Order(spec), "/run/n", null, null, null);
        Assert.Equal("/bin", Value(variables, "PATH"));
        Assert.DoesNotContain(variables, variable => variable.Key is "LISTEN_FDS" or "LISTEN_PID" or "JOURNAL_STREAM" or "ZD_CHANNEL_FD");
        Assert.Equal(["SYSTEMD_EXEC_PID"], pidVariables);
    }

    [Fact]
    public void Listeners_are_announced_as_systemd_does_it()
    {
        var spec = Some.App() with
        {
            Listen =
            [
                new ListenerSpec(new ListenerAddress.Tcp(IPAddress.Loopback, 4000), "web"),
                new ListenerSpec(new ListenerAddress.Unix("/run/x.sock"), "admin"),
            ],
        };
        var (variables, pidVariables) = WorkerEnvironment.For(Order(spec), "/run/n", 5, null, null);
        Assert.Equal("2", Value(variables, "LISTEN_FDS"));
        Assert.Equal("web:admin", Value(variables, "LISTEN_FDNAMES"));
        Assert.Equal("5", Value(variables, "ZD_CHANNEL_FD"));
        Assert.Contains("LISTEN_PID", pidVariables);
    }

    [Fact]
    public void Each_slot_learns_its_number_in_pm2s_words()
    {
        var spec = Some.App().WithEnvironment(("PORT", "3000"));
        spec = spec with { Launch = spec.Launch with { IncrementVariable = "PORT" } };
        var (variables, _) = WorkerEnvironment.For(Order(spec) with { Slot = 2, PmId = 7 }, "/run/n", null, null, null);
        Assert.Equal("2", Value(variables, "NODE_APP_INSTANCE"));
        Assert.Equal("7", Value(variables, "pm_id"));
        Assert.Equal("web", Value(variables, "name"));
        Assert.Equal("3002", Value(variables, "PORT"));
    }

    [Fact]
    public void The_users_own_startup_hooks_are_kept_behind_ours()
    {
        var spec = Some.App().WithEnvironment(("DOTNET_STARTUP_HOOKS", "/their/hook.dll"));
        var (variables, _) = WorkerEnvironment.For(Order(spec), "/run/n", 4, "/our/hook.dll", null);
        Assert.Equal("/our/hook.dll:/their/hook.dll", Value(variables, "DOTNET_STARTUP_HOOKS"));
    }

    [Theory]
    [InlineData(null, "/lib/preload.cjs", "--require /lib/preload.cjs")]
    [InlineData("--max-old-space-size=64", "/lib/preload.cjs", "--require /lib/preload.cjs --max-old-space-size=64")]
    [InlineData(" ", "/lib/preload.cjs", "--require /lib/preload.cjs")]
    [InlineData(null, "/my home/\"x\"/preload.cjs", "--require \"/my home/\\\"x\\\"/preload.cjs\"")]
    [InlineData("--import ./tracing.mjs", null, "--import ./tracing.mjs")]
    [InlineData(null, null, null)]
    public void The_preload_stands_before_the_users_own_node_options(string? theirs, string? preload, string? expected)
    {
        var spec = theirs is null ? Some.App() : Some.App().WithEnvironment(("NODE_OPTIONS", theirs));
        var (variables, _) = WorkerEnvironment.For(Order(spec), "/run/n", null, null, new NodeStart(4, preload));
        Assert.Equal(expected, ValueOrNull(variables, "NODE_OPTIONS"));
    }

    [Fact]
    public void A_node_worker_finds_its_channel_and_in_a_cluster_a_number_that_nobody_had_before()
    {
        var spec = Some.App().WithEnvironment(("NODE_UNIQUE_ID", "1"), ("NODE_CHANNEL_FD", "9"));
        spec = spec with { Launch = spec.Launch with { Runtime = Runtime.Node } };
        var (fork, _) = WorkerEnvironment.For(Order(spec), "/run/n", null, null, new NodeStart(4, null));
        Assert.Equal(("4", "json", null), (Value(fork, "NODE_CHANNEL_FD"), Value(fork, "NODE_CHANNEL_SERIALIZATION_MODE"), ValueOrNull(fork, "NODE_UNIQUE_ID")));

        var order = Order(spec with { ExecMode = ExecMode.Cluster });
        var (cluster, _) = WorkerEnvironment.For(order, "/run/n", null, null, new NodeStart(4, null));
        Assert.Equal($"{order.Worker.Number}", Value(cluster, "NODE_UNIQUE_ID"));
        Assert.Null(ValueOrNull(cluster, "LISTEN_FDS"));
    }

    private static LaunchWorker Order(AppSpec spec) => new(new WorkerId(1), spec, 0, 0, 1);

    private static string Value(IEnumerable<KeyValuePair<string, string>> variables, string name) =>
        Assert.Single(variables, variable => variable.Key == name).Value;

    private static string? ValueOrNull(IEnumerable<KeyValuePair<string, string>> variables, string name) =>
        variables.Where(variable => variable.Key == name).Select(variable => variable.Value).SingleOrDefault();
}
