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

    private ListenerHost Host(TestDaemon daemon, FdPoller poller) => new(daemon.Client, poller, _posted.Add, _keepsakes, _log);

    private static ListenerAddress At(string path) => new ListenerAddress.Unix(path);

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
