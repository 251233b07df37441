using System.Runtime.Versioning;
using System.Text;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

/// <summary>The way of a worker's words: FIFO, splice, file.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class OutputTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_fifo_leaves_no_name_behind()
    {
        using var output = OutputFifo.Create(_folder.Path);
        using var input = InputFifo.Create(_folder.Path);

        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        Assert.True(output.ReadEnd.IsNonBlocking);
        Assert.False(output.WorkerEnd.IsNonBlocking, "the worker's end is its own open file, with its own mode");
        Assert.False(input.WorkerEnd.IsNonBlocking);
    }

    [Fact]
    public void The_worker_survives_its_reader_and_we_see_the_end_of_the_worker()
    {
        using var output = OutputFifo.Create(_folder.Path);
        Fd.Write(output.WorkerEnd, "hello"u8);
        Assert.Equal(5, output.BytesWaiting);

        using var nextReader = output.ReadEnd.Duplicate();
        output.ReadEnd.Dispose();
        Assert.Equal(2, Fd.Write(output.WorkerEnd, "!!"u8));
        output.WorkerEnd.Dispose();
        Fd.AwaitOtherEndClosed(nextReader);

        Assert.Equal("hello!!", Fd.ReadAvailable(nextReader, out var ended));
        Assert.True(ended);
    }

    [Fact]
    public void With_no_reader_at_all_the_worker_still_gets_no_error()
    {
        using var output = OutputFifo.Create(_folder.Path);
        output.ReadEnd.Dispose();

        Assert.Equal(5, Fd.Write(output.WorkerEnd, "hello"u8));
    }

    [Fact]
    public void A_line_reaches_stdin_and_there_is_never_an_end_of_file()
    {
        using var input = InputFifo.Create(_folder.Path);
        Assert.Equal(6, input.WriteEnd.Write("hello\n"u8));
        input.WriteEnd.Dispose();
        input.WorkerEnd.IsNonBlocking = true;

        Assert.Equal("hello\n", Fd.ReadAvailable(input.WorkerEnd, out var ended));
        Assert.False(ended, "the worker's own end keeps the FIFO open");
    }

    [Fact]
    public void Bytes_move_into_the_file_and_the_answer_says_where()
    {
        using var output = OutputFifo.Create(_folder.Path);
        using var file = LogFile.Open(_folder["logs/deep/app.log"]);
        Fd.Write(output.WorkerEnd, "one\n"u8);
        Assert.Equal(new LogWrite(4, 0, 0, Errno.None), Splicer.Move(output.ReadEnd, file, 1 << 20, out var left));
        Assert.Equal(ReadOutcome.Empty, left);

        Fd.Write(output.WorkerEnd, "two\n"u8);
        output.WorkerEnd.Dispose();
        Fd.AwaitOtherEndClosed(output.ReadEnd);
        var second = Splicer.Move(output.ReadEnd, file, 1 << 20, out left);

        Assert.Equal(new LogWrite(4, 4, 0, Errno.None), second);
        Assert.Equal(ReadOutcome.End, left);
        Assert.Equal("two\n", Read(file, second));
        Assert.Equal("one\ntwo\n", File.ReadAllText(file.Path));
        Assert.Equal("rw-r-----", Mode(file.Path));
    }

    [Fact]
    public void The_limit_leaves_the_rest_for_the_next_round()
    {
        using var output = OutputFifo.Create(_folder.Path);
        using var file = LogFile.Open(_folder["app.log"]);
        Fd.Write(output.WorkerEnd, new byte[40_000]);

        Assert.Equal(10_000, Splicer.Move(output.ReadEnd, file, 10_000, out var left).Written);

        Assert.Equal(ReadOutcome.Bytes, left);
        Assert.Equal(30_000, Splicer.Move(output.ReadEnd, file, 1 << 20, out left).Written);
        Assert.Equal(ReadOutcome.Empty, left);
    }

    [Fact]
    public void After_a_truncation_from_outside_writing_goes_on_at_the_new_end()
    {
        using var output = OutputFifo.Create(_folder.Path);
        using var file = LogFile.Open(_folder["app.log"]);
        Fd.Write(output.WorkerEnd, "before\n"u8);
        Splicer.Move(output.ReadEnd, file, 1 << 20, out _);
        File.WriteAllText(file.Path, "");

        Fd.Write(output.WorkerEnd, "after\n"u8);
        var write = Splicer.Move(output.ReadEnd, file, 1 << 20, out _);

        Assert.Equal(0, write.Position);
        Assert.Equal("after\n", File.ReadAllText(file.Path));
    }

    [Fact]
    public void What_others_appended_and_what_was_there_before_is_kept()
    {
        File.WriteAllText(_folder["app.log"], "yesterday\n");
        using var output = OutputFifo.Create(_folder.Path);
        using var file = LogFile.Open(_folder["app.log"]);
        Assert.Equal(10, file.Position);
        File.AppendAllText(file.Path, "other\n");

        Fd.Write(output.WorkerEnd, "today\n"u8);
        Splicer.Move(output.ReadEnd, file, 1 << 20, out _);
        file.Append("-- marker\n"u8);

        Assert.Equal("yesterday\nother\ntoday\n-- marker\n", File.ReadAllText(file.Path));
    }

    [Fact]
    public void Reopen_follows_the_path_and_truncate_empties_it()
    {
        using var file = LogFile.Open(_folder["app.log"]);
        file.Append("old\n"u8);
        File.Move(file.Path, _folder["app.log.1"]);
        file.Append("still old\n"u8);

        file.Reopen();
        file.Append("new\n"u8);

        Assert.Equal("old\nstill old\n", File.ReadAllText(_folder["app.log.1"]));
        Assert.Equal("new\n", File.ReadAllText(file.Path));
        file.Truncate();
        Assert.Equal(new LogWrite(1, 0, 0, Errno.None), file.Append("x"u8));
        Assert.Equal("x", File.ReadAllText(file.Path));
    }

    [Fact]
    public void A_device_works_as_a_log_file()
    {
        using var output = OutputFifo.Create(_folder.Path);
        using var file = LogFile.Open("/dev/null");
        Fd.Write(output.WorkerEnd, "gone"u8);

        Assert.Equal(new LogWrite(4, 0, 0, Errno.None), Splicer.Move(output.ReadEnd, file, 1 << 20, out _));
        Assert.Equal(0, file.Position);
    }

    [Fact]
    public void A_device_that_is_always_full_loses_and_counts_and_never_stops_the_worker()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full here");
        using var output = OutputFifo.Create(_folder.Path);
        using var file = LogFile.Open("/dev/full");
        Fd.Write(output.WorkerEnd, "gone"u8);

        Assert.Equal(new LogWrite(0, 0, 4, Errno.ENOSPC), Splicer.Move(output.ReadEnd, file, 1 << 20, out _));
        Assert.Equal(0, output.BytesWaiting);
    }

    [Fact]
    public void A_fifo_in_a_files_place_that_nobody_reads_loses_and_counts_and_holds_up_nobody()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a FIFO open for both is Linux's");
        using var output = OutputFifo.Create(_folder.Path);
        using var file = FifoAsFile();

        var filled = InTime(() => file.Append(new byte[4 << 20]));
        Assert.Equal((true, Errno.EAGAIN, 4 << 20), (filled.Written > 0, filled.Error, filled.Written + filled.Lost));

        Fd.Write(output.WorkerEnd, "gone\n"u8);
        Assert.Equal(new LogWrite(0, 0, 5, Errno.EAGAIN, 1), InTime(() => Splicer.Move(output.ReadEnd, file, 1 << 20, out _)));
        Assert.Equal(0, output.BytesWaiting);
    }

    [Fact]
    public void A_reader_that_comes_back_gets_all_that_is_printed_from_then_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a FIFO open for both is Linux's");
        using var output = OutputFifo.Create(_folder.Path);
        using var file = FifoAsFile();
        InTime(() => file.Append(new byte[4 << 20]));
        using var reader = FdHandle.Open(file.Path, Constants.O_RDONLY | Constants.O_NONBLOCK);
        Fd.ReadAvailable(reader, out _);

        Fd.Write(output.WorkerEnd, "again\n"u8);
        Assert.Equal(new LogWrite(6, 0, 0, Errno.None), InTime(() => Splicer.Move(output.ReadEnd, file, 1 << 20, out _)));
        Assert.Equal(new LogWrite(8, 0, 0, Errno.None), InTime(() => file.Append("and on\n\n"u8)));
        Assert.Equal("again\nand on\n\n", Fd.ReadAvailable(reader, out _));
        Assert.Equal(new LogWrite(0, 0, 0, Errno.None), Splicer.Move(output.ReadEnd, file, 1 << 20, out var left));
        Assert.Equal(ReadOutcome.Empty, left);
    }

    private LogFile FifoAsFile()
    {
        Assert.Equal(0, Interop.MkFifo(_folder["app.fifo"], 0x180));
        return LogFile.Open(_folder["app.fifo"]);
    }

    /// <summary>A thread that stands still in the kernel would hold up this test as it holds up the daemon.</summary>
    private static LogWrite InTime(Func<LogWrite> act)
    {
        var task = Task.Run(act);
        Assert.True(Task.WaitAny([task], Eventually.Deadline) == 0, "it does not come back");
        return task.Result;
    }

    [Fact]
    public void On_a_full_disk_what_fits_is_written_the_rest_is_counted_and_after_it_is_freed_all_is_well()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && CurrentUser.IsRoot, "only root can mount a tiny disk");
        Directory.CreateDirectory(_folder["disk"]);
        Assert.SkipUnless(Tool.Run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", _folder["disk"]).ExitCode == 0, "no mounting here");
        try
        {
            using var output = OutputFifo.Create(_folder.Path);
            using var file = LogFile.Open(_folder["disk/app.log"]);
            Fd.Write(output.WorkerEnd, Encoding.ASCII.GetBytes(new string('a', 60_000)));
            Assert.Equal(60_000, Splicer.Move(output.ReadEnd, file, 1 << 20, out _).Written);

            Fd.Write(output.WorkerEnd, Encoding.ASCII.GetBytes(new string('b', 50_000)));
            long written = 0, lost = 0;
            Errno error = default;
            while (output.BytesWaiting > 0)
            {
                var write = Splicer.Move(output.ReadEnd, file, 1 << 20, out _);
                (written, lost, error) = (written + write.Written, lost + write.Lost, write.Error);
            }

            Assert.Equal(Errno.ENOSPC, error);
            Assert.Equal(50_000, written + lost);
            Assert.Equal(65_536, new FileInfo(file.Path).Length);
            Assert.Equal(5_536, written);

            file.Truncate();
            Assert.Equal(new LogWrite(8, 0, 0, Errno.None), file.Append("-- lost\n"u8));
        }
        finally
        {
            Tool.Run("umount", _folder["disk"]);
        }
    }

    [Fact]
    public void Discard_reads_away_no_more_than_asked()
    {
        using var output = OutputFifo.Create(_folder.Path);
        Fd.Write(output.WorkerEnd, "0123456789"u8);

        Assert.Equal(4, Splicer.Discard(output.ReadEnd, 4, out var left, out _));

        Assert.Equal(ReadOutcome.Bytes, left);
        Assert.Equal("456789", Fd.ReadAvailable(output.ReadEnd, out _));
    }

    [Fact]
    public void A_look_takes_nothing_until_it_is_taken()
    {
        using var output = OutputFifo.Create(_folder.Path);
        using var reader = new FifoReader(output.ReadEnd);
        var buffer = new byte[64];
        Assert.Equal(ReadOutcome.Empty, reader.Peek(buffer, out _));
        Fd.Write(output.WorkerEnd, "line\nhalf"u8);

        Assert.Equal(ReadOutcome.Bytes, reader.Peek(buffer, out var count));
        Assert.Equal("line\nhalf", Encoding.ASCII.GetString(buffer, 0, count));
        reader.Take(5);
        Assert.Equal(ReadOutcome.Bytes, reader.Peek(buffer, out count));
        Assert.Equal("half", Encoding.ASCII.GetString(buffer, 0, count));
        reader.Take(4);
        output.WorkerEnd.Dispose();
        Fd.AwaitOtherEndClosed(output.ReadEnd);
        Assert.Equal(ReadOutcome.End, reader.Peek(buffer, out _));
    }

    private static string Read(LogFile file, LogWrite write)
    {
        var buffer = new byte[write.Written];
        Assert.Equal(buffer.Length, file.ReadAt(write.Position, buffer));
        return Encoding.ASCII.GetString(buffer);
    }

    private static string Mode(string path)
    {
        var mode = (int)File.GetUnixFileMode(path) & 0x1A0;
        return string.Concat("rwxrwxrwx".Select((letter, i) => (mode & (0x100 >> i)) != 0 ? letter : '-'));
    }
}
