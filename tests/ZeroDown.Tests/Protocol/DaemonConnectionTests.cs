using System.Net.Sockets;
using Xunit;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Protocol;

public sealed class DaemonConnectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_pipe_means_nobody_home()
    {
        using var folder = new TempFolder();

        Assert.Equal(UnreachableReason.NobodyHome, await ReasonAsync(folder));
    }

    [Fact]
    public async Task A_pipe_that_nobody_listens_at_is_stale()
    {
        using var folder = new TempFolder();
        using (var died = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            died.Bind(new UnixDomainSocketEndPoint(new HomeFolder(folder.Path).Pipe));
            died.Listen();
        }

        if (!File.Exists(new HomeFolder(folder.Path).Pipe))
            File.WriteAllText(new HomeFolder(folder.Path).Pipe, "");

        Assert.Equal(UnreachableReason.StalePipe, await ReasonAsync(folder));
    }

    [Fact]
    public async Task A_new_listener_takes_the_place_of_a_stale_pipe()
    {
        using var folder = new TempFolder();
        var home = new HomeFolder(folder.Path);
        File.WriteAllText(home.Pipe, "left behind");

        await using var listener = DaemonListener.Start(home, notices => new FakeService { Notices = notices });
        await using var connection = await DaemonConnection.ConnectAsync(home, new RecordedNotices(), Cancellation);

        Assert.Equal(FakeService.Version, (await connection.Daemon.PingAsync(new PingCommand(), Cancellation)).Version);
    }

    [Fact]
    public async Task The_pipe_is_gone_when_the_listener_is()
    {
        using var folder = new TempFolder();
        var home = new HomeFolder(folder.Path);
        await DaemonListener.Start(home, notices => new FakeService { Notices = notices }).DisposeAsync();

        Assert.Equal(UnreachableReason.NobodyHome, await ReasonAsync(folder));
    }

    private static async Task<UnreachableReason> ReasonAsync(TempFolder folder) =>
        (await Assert.ThrowsAsync<DaemonUnreachableException>(
            () => DaemonConnection.ConnectAsync(new HomeFolder(folder.Path), new RecordedNotices(), Cancellation))).Reason;
}
