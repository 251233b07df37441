using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Output;
using ZeroDown.Platform;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Daemon;

[UnsupportedOSPlatform("windows")]
public sealed class LogFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DaemonLog _log = DaemonLog.Silent();

    public void Dispose()
    {
        _log.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_path_is_never_open_twice_while_old_workers_leave_and_new_ones_come()
    {
        var files = new LogFiles(_log);
        var path = _folder["web-out.log"];
        var leaving = Task.Run(
            () =>
            {
                for (var i = 0; i < 20_000; i++)
                    files.Open(path).Leave();
            },
            TestContext.Current.CancellationToken);

        while (!leaving.IsCompleted)
        {
            var (one, other) = (files.Open(path), files.Open(path));
            Assert.Same(one, other);
            one.Leave();
            other.Leave();
        }

        await leaving;
    }

    [Fact]
    public void What_could_not_be_written_until_the_last_worker_left_is_said_with_its_numbers()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full here");
        var said = new List<string>();
        _log.Followers = said.Add;
        var file = new LogFiles(_log).Open("/dev/full");
        using var fifo = OutputFifo.Create(_folder.Path);
        Fd.Write(fifo.WorkerEnd, "one\ntwo\n"u8);
        file.Take(fifo.ReadEnd);
        file.Leave();

        Assert.StartsWith("2 lines (8 bytes) for /dev/full were dropped (No space left on device", said[^1], StringComparison.Ordinal);
    }
}
