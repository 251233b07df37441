using System.Net.Sockets;
using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Survival;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;
using ZeroDown.Tests.Keeper;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Daemon;

/// <summary>The daemon's sockets with a real keeper, when something does not go as it should.</summary>
[UnsupportedOSPlatform("windows")]
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
        host.OpenListener(new OpenListener(new ListenerSpec(address, "app")));
        Assert.Equal(Errno.EMFILE.Value, Assert.IsType<ListenerFailed>(Assert.Single(_posted)).Errno);
        Assert.Null(host.Find(address));
        Assert.False(File.Exists(_folder["app.sock"]));

        set.IsUnwilling = false;
        host.OpenListener(new OpenListener(new ListenerSpec(address, "app")));
        Assert.IsType<ListenerOpened>(_posted[^1]);
        host.CloseListener(address);
        Assert.Empty(keeper.Replace(daemon).Client.GiveBack.Held);
    }

    /// <summary>Issue 10, B5: its folder is the worker's, who may have put a link in its place by the time we come to it.</summary>
    [Theory]
    [InlineData("a link to a folder of root's")]
    [InlineData("a link to a file of root's")]
    [InlineData("a socket of root's, linked")]
    public void For_a_worker_of_another_user_no_path_is_followed_to_what_is_root_s(string trap)
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        using var poller = new FdPoller("test", _ => { });
        using var roots = new TempFolder();
        var host = Host(daemon, poller);
        var somebody = new RunAs { Name = "somebody", UserId = 54321, GroupId = 54321 };
        Assert.Equal(0, Tool.Run("chmod", "711", _folder.Path).ExitCode);
        Directory.CreateDirectory(_folder["his"]);
        File.WriteAllText(roots["app.sock"], "of root");
        Assert.Equal(0, Tool.Run("chmod", "600", roots["app.sock"]).ExitCode);
        switch (trap)
        {
            case "a link to a folder of root's":
                File.CreateSymbolicLink(_folder["his/box"], roots.Path);
                Assert.Equal(0, Tool.Run("chmod", "711", roots.Path).ExitCode);
                break;
            case "a link to a file of root's":
                Directory.CreateDirectory(_folder["his/box"]);
                File.CreateSymbolicLink(_folder["his/box/app.sock"], roots["app.sock"]);
                break;
            default:
                File.Delete(roots["app.sock"]);
                using (ListenerSocket.Listen(new ListenAddress.Unix(roots["app.sock"]), 1))
                    File.CreateSymbolicLink(_folder["his/box"], roots.Path);
                break;
        }

        Assert.Equal(0, Tool.Run("chown", "-hR", "54321", _folder["his"]).ExitCode);
        var before = Look(roots["app.sock"]);
        string[] entries = [.. Directory.GetFileSystemEntries(roots.Path).Order()];

        var address = new ListenerAddress.Unix(_folder["his/box/app.sock"], 0x1FF);
        host.OpenListener(new OpenListener(new ListenerSpec(address, "app")) { Owner = somebody });
        host.CloseListener(address);

        Assert.Equal(before, Look(roots["app.sock"]));
        Assert.Equal(entries, Directory.GetFileSystemEntries(roots.Path).Order());
        Assert.IsType<ListenerFailed>(Assert.Single(_posted));

        static (UnixFileMode, bool, int?) Look(string path) => (File.GetUnixFileMode(path), File.Exists(path), FileOwner.UidOf(path));
    }

    [Fact]
    public void In_its_own_folder_a_worker_of_another_user_gets_a_socket_that_is_its_own_and_it_is_taken_away_again()
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        using var poller = new FdPoller("test", _ => { });
        var host = Host(daemon, poller);
        Assert.Equal(0, Tool.Run("chmod", "711", _folder.Path).ExitCode);
        Directory.CreateDirectory(_folder["his"]);
        Assert.Equal(0, Tool.Run("chown", "54321", _folder["his"]).ExitCode);
        var address = At(_folder["his/app.sock"]);
        host.OpenListener(new OpenListener(new ListenerSpec(address, "app")) { Owner = new RunAs { Name = "somebody", UserId = 54321, GroupId = 54321 } });
        Assert.IsType<ListenerOpened>(Assert.Single(_posted));
        Assert.Equal(54321, FileOwner.UidOf(_folder["his/app.sock"]));
        host.CloseListener(address);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["his"]));
    }

    [Fact]
    public void What_root_s_file_declares_may_lie_in_a_folder_of_root_s()
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        using var poller = new FdPoller("test", _ => { });
        var host = Host(daemon, poller);
        var somebody = new RunAs { Name = "somebody", UserId = 54321, GroupId = 54321 };
        host.OpenListener(new OpenListener(new ListenerSpec(At(_folder["app.sock"]), "app")) { Owner = somebody, Declared = true });
        host.OpenListener(new OpenListener(new ListenerSpec(At(_folder["asked.sock"]), "app")) { Owner = somebody });
        Assert.IsType<ListenerOpened>(_posted[0]);
        Assert.Equal(Errno.EACCES.Value, Assert.IsType<ListenerFailed>(_posted[1]).Errno);
        host.CloseListener(At(_folder["app.sock"]));
    }

    [Theory]
    [InlineData(false, 13)]
    [InlineData(true, 0)]
    public void A_port_below_1024_is_for_an_app_of_another_user_whose_file_names_it(bool declared, int errno)
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root may bind it at all");
        using var keeper = RunningKeeper.WithDaemon(out var daemon);
        using var poller = new FdPoller("test", _ => { });
        var host = Host(daemon, poller);
        var address = new ListenerAddress.Tcp(System.Net.IPAddress.Parse("127.7.0.1"), 993);
        host.OpenListener(new OpenListener(new ListenerSpec(address, "app")) { Owner = new RunAs { Name = "somebody", UserId = 54321, GroupId = 54321 }, Declared = declared });
        if (errno == 0)
            Assert.IsType<ListenerOpened>(Assert.Single(_posted));
        else
            Assert.Equal(errno, Assert.IsType<ListenerFailed>(Assert.Single(_posted)).Errno);
        host.CloseListener(address);
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
        host.OpenListener(new OpenListener(new ListenerSpec(address, "app")));

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
