using System.Runtime.Versioning;
using Xunit;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Output;
using ZeroDown.Platform;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Daemon;

[UnsupportedOSPlatform("windows")]
public sealed class OutputStreamTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly DaemonLog _log = DaemonLog.Silent();

    public void Dispose()
    {
        _log.Dispose();
        _folder.Dispose();
    }

    /// <summary>Else a grandchild that lives on and prints would keep the news of the worker's exit for ever.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reading_what_a_dead_worker_wrote_ends_although_its_grandchild_never_pauses(bool rewritten)
    {
        using var fifo = OutputFifo.Create(_folder.Path);
        var desk = new LogDesk(new LogPaths(_folder.Path), _folder["zd.log"], action => action());
        var course = new OutputCourse { App = "web", DateFormat = "HH:mm" };
        var file = new LogFiles(_log).Open("/dev/null");
        OutputWay way = rewritten ? new RewrittenWay(fifo.ReadEnd, new LineForm(course, error: false), [file], new HalfLine(_folder["half"])) : new SplicedWay(fifo.ReadEnd, file);
        var stream = new OutputStream(course, error: false, fifo.ReadEnd, way, desk);
        var enough = false;
        var cancellation = TestContext.Current.CancellationToken;
        var chatter = Task.Run(
            () =>
            {
                var words = new byte[64 * 1024];
                while (!Volatile.Read(ref enough))
                    Fd.Write(fifo.WorkerEnd, words);
            },
            cancellation);
        try
        {
            await Task.Run(stream.ReadWhatIsThere, cancellation).WaitAsync(Eventually.Deadline, cancellation);
        }
        finally
        {
            Volatile.Write(ref enough, true);
            while (!chatter.IsCompleted)
                stream.ReadWhatIsThere();
        }
    }

    /// <summary>Offsets from before would point into the middle of what the next file holds.</summary>
    [Fact]
    public void After_a_rotation_the_quoted_lines_are_those_of_the_new_file()
    {
        using var fifo = OutputFifo.Create(_folder.Path);
        var path = _folder["job-error.log"];
        var file = new LogFiles(_log).Open(path);
        var stream = new OutputStream(
            new OutputCourse { App = "job" }, error: true, fifo.ReadEnd, new SplicedWay(fifo.ReadEnd, file), desk: null);
        Fd.Write(fifo.WorkerEnd, "before\n"u8.ToArray());
        stream.ReadWhatIsThere();
        Assert.Equal(["before"], stream.LastLines());
        File.Move(path, path + ".1");
        file.Reopen();
        Fd.Write(fifo.WorkerEnd, "a longer line after it\n"u8.ToArray());
        stream.ReadWhatIsThere();
        Assert.Equal(["a longer line after it"], stream.LastLines());
    }
}
