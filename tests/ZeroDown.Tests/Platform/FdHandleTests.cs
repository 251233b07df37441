using System.Text;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

public sealed class FdHandleTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_duplicate_is_the_same_file_and_lives_on_by_itself()
    {
        using var original = FdHandle.OpenNull();
        using var duplicate = original.Duplicate();
        using var other = FdHandle.Open(_folder["x"], Constants.O_RDWR | Constants.O_CREAT, 0x180);

        Assert.True(OperatingSystem.IsMacOS() || original.IsSame(duplicate));
        Assert.False(original.IsSame(other));
        Assert.True(duplicate.Number > 2);
        original.Dispose();
        Assert.Equal(1, duplicate.Write("x"u8));
        Assert.Throws<ObjectDisposedException>(() => original.Number);
        Assert.Equal("fd (closed)", original.ToString());
    }

    [Fact]
    public void Nothing_of_ours_survives_an_exec()
    {
        var (one, other) = FdChannel.CreatePair();
        var (stream, theirs) = StreamChannel.CreatePair();
        using var output = OutputFifo.Create(_folder.Path);
        using var input = InputFifo.Create(_folder.Path);
        using var log = LogFile.Open(_folder["log"]);
        using var notify = NotifySocket.Bind(_folder["n"]);
        using var listener = ListenerSocket.Listen(new ListenAddress.Unix(_folder["l"]), 1);
        using var duplicate = listener.Handle.Duplicate();
        Assert.True(one.TrySend([], duplicate));
        Assert.Equal(ReceiveOutcome.Message, other.TryReceive(out var message));
        using var received = message!.Take(0);
        FdHandle[] all = [one.Handle, other.Handle, stream.Handle, theirs, output.ReadEnd, output.WorkerEnd, input.WriteEnd, input.WorkerEnd, log.Handle, notify.Handle, listener.Handle, duplicate, received];

        Assert.All(all, fd => Assert.Equal(Constants.FD_CLOEXEC, Interop.Fcntl(fd, Constants.F_GETFD, 0)));
        Array.ForEach(all, fd => fd.Dispose());
    }

    [Fact]
    public void An_inherited_number_is_adopted_only_if_something_is_open_there()
    {
        using var file = FdHandle.OpenNull();
        var number = Interop.Fcntl(file, 0 /* F_DUPFD: not close-on-exec, as inherited ones are */, 500);
        using (var adopted = FdHandle.Adopt(number))
        {
            Assert.Equal(Constants.FD_CLOEXEC, Interop.Fcntl(adopted, Constants.F_GETFD, 0));
        }

        Assert.Equal(Errno.EBADF, Assert.Throws<SystemCallException>(() => FdHandle.Adopt(1_000_000)).Errno);
    }

    [Fact]
    public void Reads_tell_nothing_yet_from_nothing_ever()
    {
        var (readEnd, writeEnd) = Pipes.Create(nonBlocking: true);
        var buffer = new byte[16];
        Assert.Equal(ReadOutcome.Empty, readEnd.Read(buffer, out _));
        Assert.Equal(2, writeEnd.Write("hi"u8));
        Assert.Equal(ReadOutcome.Bytes, readEnd.Read(buffer, out var count));
        Assert.Equal("hi", Encoding.ASCII.GetString(buffer, 0, count));
        writeEnd.Dispose();
        Fd.AwaitOtherEndClosed(readEnd);
        Assert.Equal(ReadOutcome.End, readEnd.Read(buffer, out _));
        readEnd.Dispose();

        (readEnd, writeEnd) = Pipes.Create(nonBlocking: true);
        while (writeEnd.Write(new byte[65536]) > 0)
        {
        }

        readEnd.Dispose();
        Fd.AwaitOtherEndClosed(writeEnd);
        Assert.Equal(Errno.EPIPE, Assert.Throws<SystemCallException>(() => writeEnd.Write("x"u8)).Errno);
        writeEnd.Dispose();
    }
}
