using System.Net;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Daemon;

public sealed class AppDefinitionsTests
{
    [Fact]
    public void A_spec_survives_the_wire()
    {
        var spec = Some.App().WithEnvironment(("A", "1"), ("B", "")) with
        {
            Namespace = "shop",
            ExecMode = ExecMode.Cluster,
            Listen =
            [
                new ListenerSpec(new ListenerAddress.Tcp(IPAddress.IPv6Any, 80, true), "web", 100),
                new ListenerSpec(new ListenerAddress.Unix("/run/x.sock", 0x1B0), "admin"),
            ],
            Ready = new ReadyRule { Sign = ReadySign.SpokenStrict, ListenTimeout = TimeSpan.FromSeconds(7), MinReady = TimeSpan.FromSeconds(2) },
            Restart = new RestartRule
            {
                Autorestart = false,
                MinUptime = TimeSpan.FromSeconds(60),
                MaxRestarts = 3,
                Delay = TimeSpan.FromMilliseconds(5),
                BackoffDelay = TimeSpan.FromMilliseconds(100),
                StopExitCodes = [0, 3],
            },
            Stop = new StopRule { Signal = "SIGINT", ByMessage = true, KillTimeout = TimeSpan.FromSeconds(3), DrainTimeout = TimeSpan.FromSeconds(4) },
            Reload = new ReloadRule { Surge = 1 },
            Log = new LogSpec { OutFile = "/tmp/o.log", ErrorFile = "NULL", Merge = true },
            Autostart = false,
            Inject = false,
        };
        spec = spec with { Launch = spec.Launch with { Runtime = Runtime.Node } };
        Assert.Equal(spec, AppDefinitions.ToSpec(AppDefinitions.FromSpec(spec)));
    }

    [Fact]
    public void A_foreign_client_is_told_which_value_makes_no_sense()
    {
        var definition = AppDefinitions.FromSpec(Some.App()) with { Instances = -3 };
        var problem = Assert.Throws<FormatException>(() => AppDefinitions.ToSpec(definition));
        Assert.Contains("instances is -3", problem.Message, StringComparison.Ordinal);
    }

    public static TheoryData<Func<AppDefinition, AppDefinition>, string> Spoilt => new()
    {
        { whole => whole with { Arguments = ["a\0b"] }, "arguments holds a NUL character: \"a\\0b\"" },
        { whole => whole with { Arguments = [null!] }, "arguments holds null" },
        { whole => whole with { Environment = new() { ["A=B"] = "" } }, "environment has a variable called \"A=B\"" },
        { whole => whole with { Environment = new() { ["A"] = "\0" } }, "environment holds a NUL character: \"\\0\"" },
        { whole => whole with { Name = new string('x', 201) }, "name is longer than 200 bytes" },
        { whole => whole with { OutFile = "/tmp/\0" }, "a text holds a NUL character: \"/tmp/\\0\"" },
        { whole => whole with { PidFile = "/run/\0" }, "pidFile holds a NUL character: \"/run/\\0\"" },
        { whole => whole with { LogFile = "\0" }, "logFile holds a NUL character: \"\\0\"" },
        { whole => whole with { LogDateFormat = "\0" }, "logDateFormat holds a NUL character: \"\\0\"" },
        { whole => whole with { Version = "\0" }, "version holds a NUL character: \"\\0\"" },
        { whole => whole with { NodeVersion = "\0" }, "nodeVersion holds a NUL character: \"\\0\"" },
        { whole => whole with { RunAs = new RunAsDefinition { Name = "a\0", UserId = 1, GroupId = 1 } }, "name holds a NUL character: \"a\\0\"" },
        { whole => whole with { ShellFilter = new ShellFilterDefinition { Names = ["\0"] } }, "names holds a NUL character: \"\\0\"" },
        { whole => whole with { StopSignal = "SIGNONSENSE" }, "stopSignal is \"SIGNONSENSE\", which is no signal of this system; write it as SIGTERM, term or 15" },
        { whole => whole with { Surge = 0 }, "surge is 0; it must be between 1 and 2147483647" },
        { whole => whole with { Listen = [.. Enumerable.Range(1, 129).Select(port => new ListenDefinition { Host = "::1", Port = port, Name = "x" })] }, "listen has 129 entries; at most 128 can be handed to a worker" },
    };

    [Fact]
    public void A_backslash_in_front_of_u0000_is_no_NUL() =>
        Assert.Equal(@"\u0000", AppDefinitions.ToSpec(AppDefinitions.FromSpec(Some.App()) with { Version = @"\u0000" }).Launch.Version);

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Spoilt))]
    public void What_would_spoil_a_launch_is_refused_before_it_is_anybodys_app(Func<AppDefinition, AppDefinition> spoil, string problem) =>
        Assert.Equal(problem, Assert.Throws<FormatException>(() => AppDefinitions.ToSpec(spoil(AppDefinitions.FromSpec(Some.App())))).Message);
}
