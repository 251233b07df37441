using Xunit;
using ZeroDown.AspNetCore;

namespace ZeroDown.Tests.AspNetCore;

public sealed class WorkerEnvironmentTests
{
    private const int Pid = 42;

    [Fact]
    public void Nobodys_worker_has_no_environment() => Assert.Null(Read());

    [Fact]
    public void Variables_of_another_process_are_not_ours() =>
        Assert.Null(Read("LISTEN_FDS=1", "LISTEN_PID=41", "SYSTEMD_EXEC_PID=41", "ZD_APP=web", "ZD_CHANNEL_FD=4"));

    [Fact]
    public void A_service_of_systemd_without_sockets_is_left_alone() => Assert.Null(Read("SYSTEMD_EXEC_PID=42", "NOTIFY_SOCKET=/run/n"));

    [Fact]
    public void Sockets_are_the_descriptors_from_three() =>
        Assert.Equal([3, 4], Read("LISTEN_FDS=2", "LISTEN_PID=42")!.SocketDescriptors);

    [Fact]
    public void A_worker_without_sockets_has_its_channel_all_the_same()
    {
        var environment = Read("SYSTEMD_EXEC_PID=42", "ZD_APP=queue", "ZD_CHANNEL_FD=3", "LISTEN_FDS=7", "LISTEN_PID=41");
        Assert.Equal((3, 0), (environment!.ChannelDescriptor, environment.SocketCount));
    }

    [Fact]
    public void A_watchdog_for_another_process_is_not_ours()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), Read("LISTEN_PID=42", "LISTEN_FDS=1", "WATCHDOG_USEC=2000000")!.WatchdogInterval);
        Assert.Null(Read("LISTEN_PID=42", "LISTEN_FDS=1", "WATCHDOG_USEC=2000000", "WATCHDOG_PID=41")!.WatchdogInterval);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("many")]
    [InlineData("")]
    public void Garbage_is_nothing(string count) => Assert.Null(Read($"LISTEN_FDS={count}", "LISTEN_PID=42"));

    [Theory]
    [InlineData("""{"drain":{"why":"reload","idleMs":1500,"drainMs":30000}}""", "reload", 1500, 30000)]
    [InlineData("""{"drain":{"why":"stop","drainMs":2000}}""", "stop", 2000, 2000)]
    [InlineData("""{"drain":{}}""", "", 30000, 30000)]
    [InlineData("""{"drain":{"idleMs":-5,"drainMs":1}}""", "", 0, 1)]
    public void A_drain_message_is_an_order(string line, string why, int idleMs, int totalMs) =>
        Assert.Equal(new DrainOrder(why, TimeSpan.FromMilliseconds(idleMs), TimeSpan.FromMilliseconds(totalMs)), SupervisorChannel.ParseDrain(line));

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("3")]
    [InlineData("""{"drain":true}""")]
    [InlineData("""{"hello":{}}""")]
    public void Any_other_line_is_none(string line) => Assert.Null(SupervisorChannel.ParseDrain(line));

    private static WorkerEnvironment? Read(params string[] variables)
    {
        var values = variables.Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        return WorkerEnvironment.Read(values.GetValueOrDefault, Pid);
    }
}
