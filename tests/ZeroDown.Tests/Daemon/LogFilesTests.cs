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
    public void A_file_that_cannot_be_opened_is_tried_again_after_a_pause_and_says_what_was_dropped()
    {
        var now = TimeSpan.Zero;
        var files = new LogFiles(_log, () => now);
        var path = _folder["web.log"];
        Directory.CreateDirectory(path);
        var file = files.Open(path);
        using var fifo = OutputFifo.Create(_folder.Path);
        Print(file, fifo, "one\n");
        Assert.Contains($"{path} cannot be opened", Assert.Single(files.Problems()), StringComparison.Ordinal);
        Assert.Equal(files.ProblemOf(path), files.Problems()[0]);

        Directory.Delete(path);
        Print(file, fifo, "two\n");
        Assert.False(File.Exists(path), "it was tried again without a pause");
        now += TimeSpan.FromMilliseconds(100);
        Print(file, fifo, "three\n");

        Assert.Equal($"ZD | 2 lines (8 bytes) were dropped here: open {path}: Is a directory\nthree\n", File.ReadAllText(path).Replace(" (EISDIR)", "", StringComparison.Ordinal));
        Assert.Empty(files.Problems());
        file.Leave();
    }

    [Fact]
    public void The_pauses_between_attempts_grow_to_seconds()
    {
        var now = TimeSpan.Zero;
        var path = _folder["web.log"];
        Directory.CreateDirectory(path);
        var files = new LogFiles(_log, () => now);
        var file = files.Open(path);
        for (; now < TimeSpan.FromMinutes(1); now += TimeSpan.FromMilliseconds(50))
            file.TryOpen();
        Directory.Delete(path);
        var begun = now;
        while (!File.Exists(path))
        {
            now += TimeSpan.FromMilliseconds(50);
            file.TryOpen();
        }

        Assert.InRange(now - begun, TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));
        file.Leave();
    }

    [Fact]
    public void A_problem_that_has_passed_is_not_told_though_the_worker_is_silent()
    {
        var now = TimeSpan.Zero;
        var files = new LogFiles(_log, () => now);
        Directory.CreateDirectory(_folder["web.log"]);
        var file = files.Open(_folder["web.log"]);
        file.TryOpen();
        Assert.Single(files.Problems());

        Directory.Delete(_folder["web.log"]);
        now += TimeSpan.FromMinutes(1);

        Assert.Empty(files.Problems());
        file.Leave();
    }

    /// <summary>It was polled for ever: nobody read the end of the stream.</summary>
    [Fact]
    public void The_end_of_a_stream_is_seen_though_its_file_cannot_be_opened()
    {
        Directory.CreateDirectory(_folder["web.log"]);
        var file = new LogFiles(_log).Open(_folder["web.log"]);
        using var fifo = OutputFifo.Create(_folder.Path);
        Assert.False(file.Take(fifo.ReadEnd).EndOfStream);
        Fd.Write(fifo.WorkerEnd, "last words\n"u8);
        fifo.WorkerEnd.Dispose();

        Assert.Equal(11, file.Take(fifo.ReadEnd).Lost);
        Assert.True(file.Take(fifo.ReadEnd).EndOfStream);
        file.Leave();
    }

    [Fact]
    public void A_flush_does_not_wait_for_the_reader_of_a_FIFO()
    {
        Assert.Equal(0, Tool.Run("mkfifo", _folder["web.log"]).ExitCode);

        Assert.Null(new LogFiles(_log).Truncate(_folder["web.log"]));
    }

    private static void Print(SharedLog file, OutputFifo fifo, string text)
    {
        Fd.Write(fifo.WorkerEnd, System.Text.Encoding.UTF8.GetBytes(text));
        file.Take(fifo.ReadEnd);
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

    /// <summary>Issue 10, B6: a log file in a folder of its user became a root-owned file with the attacker's text anywhere.</summary>
    [Theory]
    [InlineData("a link to a file")]
    [InlineData("a link to what is not there")]
    [InlineData("a folder that is a link")]
    [InlineData("a link to our own memory")]
    public void In_a_folder_of_the_app_s_user_no_link_of_his_is_followed_to_what_is_root_s(string trap)
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        var user = new FileUser(54321, 54321, []);
        using var memory = MemoryFile.Holding("of root"u8);
        Directory.CreateDirectory(_folder["roots"]);
        File.WriteAllText(_folder["roots/web.log"], "of root");
        Directory.CreateDirectory(_folder["his"]);
        var path = _folder["his/web.log"];
        switch (trap)
        {
            case "a link to a file":
                File.CreateSymbolicLink(path, _folder["roots/web.log"]);
                break;
            case "a link to what is not there":
                File.CreateSymbolicLink(path, _folder["roots/new.log"]);
                break;
            case "a folder that is a link":
                File.CreateSymbolicLink(_folder["his/logs"], _folder["roots"]);
                path = _folder["his/logs/web.log"];
                break;
            default:
                File.CreateSymbolicLink(path, $"/proc/self/fd/{memory.Number}");
                break;
        }

        Assert.Equal(0, Tool.Run("chmod", "711", _folder.Path, _folder["roots"]).ExitCode);
        Assert.Equal(0, Tool.Run("chown", "-hR", "54321", _folder["his"]).ExitCode);
        var files = new LogFiles(_log);

        Assert.NotNull(files.Truncate(path, user) ?? (trap == "a link to what is not there" ? "nothing to empty" : null));
        var log = files.Open(path, user);
        log.Append("his words\n"u8);
        Assert.Contains("cannot be opened", log.Problem(), StringComparison.Ordinal);
        log.Leave();

        Assert.Equal("of root", File.ReadAllText(_folder["roots/web.log"]));
        Assert.Single(Directory.GetFileSystemEntries(_folder["roots"]));
        Assert.Equal("of root", System.Text.Encoding.ASCII.GetString(MemoryFile.ReadAll(memory)));
    }

    [Fact]
    public void A_log_of_another_user_is_his_where_he_may_write_and_root_s_where_only_root_may()
    {
        Assert.SkipUnless(Impersonation.IsPossible, "only root can use the rights of others");
        var user = new FileUser(54321, 54321, []);
        Directory.CreateDirectory(_folder["his"]);
        Directory.CreateDirectory(_folder["var"]);
        Assert.Equal(0, Tool.Run("chmod", "711", _folder.Path).ExitCode);
        Assert.Equal(0, Tool.Run("chown", "54321", _folder["his"]).ExitCode);
        var files = new LogFiles(_log);
        foreach (var (name, owner) in (ReadOnlySpan<(string, int)>)[("his/deep/web.log", 54321), ("var/web.log", 0)])
        {
            var log = files.Open(_folder[name], user);
            log.Append("words\n"u8);
            Assert.Null(log.Problem());
            log.Leave();
            Assert.Equal("words\n", File.ReadAllText(_folder[name]));
            Assert.Equal(owner, FileOwner.UidOf(_folder[name]));
            Assert.Null(files.Truncate(_folder[name], user));
            Assert.Equal("", File.ReadAllText(_folder[name]));
        }
    }
}
