using System.Net.Sockets;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Survival;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;
using ZeroDown.Tests.Keeper;

namespace ZeroDown.Tests.Daemon;

/// <summary>The daemon's sockets with a real keeper, when something does not go as it should.</summary>
public sealed class ListenerHostTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DaemonLog _log = DaemonLog.Silent();
    private readonly Keepsakes _keepsakes = Keepsakes.Create();
    private readonly List<SupervisorEvent> _posted = [];

    public void Dispose()
    {
        _keepsakes.Dispose();
        _log.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_socket_that_cannot_be_watched_is_not_left_in_the_way_of_the_next_try()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "epoll only");
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        var set = new UnwillingSet();
        using var poller = new FdPoller("test", _ => { }, set);
        var host = Host(daemon, poller);
        var address = At(_folder["app.sock"]);

        set.IsUnwilling = true;
        host.OpenListener(new ListenerSpec(address, "app"));
        Assert.Equal(Errno.EMFILE.Value, Assert.IsType<ListenerFailed>(Assert.Single(_posted)).Errno);
        Assert.Null(host.Find(address));
        Assert.False(File.Exists(_folder["app.sock"]));

        set.IsUnwilling = false;
        host.OpenListener(new ListenerSpec(address, "app"));
        Assert.IsType<ListenerOpened>(_posted[^1]);
        host.CloseListener(address);
        Assert.Empty(keeper.Replace(daemon).Client.GiveBack.Held);
    }

    [Fact]
    public void A_dead_socket_that_cannot_be_revived_is_tried_again_until_it_can_and_watched_from_then_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a unix socket that was shut down is found out on Linux");
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        using var poller = new FdPoller("test", _ => { });
        List<string> said = [];
        _log.Followers = line =>
        {
            lock (said)
                said.Add(line);
        };
        var host = Host(daemon, poller);
        Directory.CreateDirectory(_folder["sockets"]);
        var (path, address) = (_folder["sockets/app.sock"], At(_folder["sockets/app.sock"]));
        host.OpenListener(new ListenerSpec(address, "app"));

        Directory.Delete(_folder["sockets"], recursive: true);
        _ = Interop.Shutdown(host.Find(address)!.Handle, Constants.SHUT_RDWR);
        Eventually.True(() => Said("could not be revived") == 1, "it is said");
        Directory.CreateDirectory(_folder["sockets"]);

        Eventually.True(() => Said("a new one took its place") == 1, "it is tried again");
        Connect(path);

        _ = Interop.Shutdown(host.Find(address)!.Handle, Constants.SHUT_RDWR);
        Eventually.True(() => Said("a new one took its place") == 2, "it is watched again");
        Connect(path);
        host.CloseListener(address);

        int Said(string words)
        {
            lock (said)
                return said.Count(line => line.Contains(words, StringComparison.Ordinal));
        }
    }

    private ListenerHost Host(TestDaemon daemon, FdPoller poller) => new(daemon.Client, poller, _posted.Add, _keepsakes, _log);

    private static ListenerAddress At(string path) => new ListenerAddress.Unix(path);

    private static void Connect(string path)
    {
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(new UnixDomainSocketEndPoint(path));
    }

    /// <summary>The kernel's, until it is out of descriptors.</summary>
    private sealed class UnwillingSet : IReadinessSet
    {
        private readonly EpollSet _kernels = new();

        public bool IsUnwilling { get; set; }

        public void Add(long id, int fd, FdInterest interest)
        {
            if (IsUnwilling)
                throw new SystemCallException("epoll_ctl", Errno.EMFILE);
            _kernels.Add(id, fd, interest);
        }

        public void Change(long id, int fd, FdInterest interest) => _kernels.Change(id, fd, interest);

        public void Remove(long id, int fd) => _kernels.Remove(id, fd);

        public void Wait(List<(long Id, FdEvents Events)> ready) => _kernels.Wait(ready);

        public void Dispose() => _kernels.Dispose();
    }
}
