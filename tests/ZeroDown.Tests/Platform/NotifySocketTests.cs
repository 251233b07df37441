using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

public sealed class NotifySocketTests : IDisposable
{
    /// <summary>Sends what it is told, one line one datagram; "barrier" sends BARRIER=1 with a pipe and tells when the other end is closed.</summary>
    private const string Sender = """
        import array, os, socket, sys
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.connect(sys.argv[1])
        for line in sys.stdin:
            line = line.strip()
            if line == 'barrier':
                r, w = os.pipe()
                s.sendmsg([b'BARRIER=1'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [w]))])
                os.close(w)
                print('pipe:[%d]' % os.fstat(r).st_ino)
                os.read(r, 1)
                print('released')
            else:
                s.send(line.replace('|', '\n').encode())
                print('sent')
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_message_is_seen_until_it_is_consumed_and_carries_its_sender()
    {
        using var socket = NotifySocket.Bind(_folder["n"]);
        using var worker = Tool.Python(Sender, socket.Path);
        Assert.False(socket.TryPeek(out _));
        Say(worker, "READY=1|STATUS=ready, 3 queues");
        Say(worker, "STOPPING=1");

        Assert.True(socket.TryPeek(out var first));
        Assert.True(socket.TryPeek(out var again));
        Assert.Equal(first, again);
        Assert.Equal("READY=1\nSTATUS=ready, 3 queues", first.Text);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(worker.Pid, first.SenderPid);
            Assert.Equal(CurrentUser.Uid, first.SenderUid);
        }

        socket.Consume();
        Assert.True(socket.TryPeek(out var second));
        Assert.True(NotifyMessage.Parse(second.Text).Stopping);
        socket.Consume();
        Assert.False(socket.TryPeek(out _));
    }

    [Fact]
    public void A_barrier_is_held_while_looked_at_and_released_when_consumed()
    {
        using var socket = NotifySocket.Bind(_folder["n"]);
        using var worker = Tool.Python(Sender, socket.Path);
        worker.Input.WriteLine("barrier");
        var pipe = worker.ReadLine();

        for (var look = 0; look < 10; look++)
        {
            Assert.True(socket.TryPeek(out var message));
            Assert.True(NotifyMessage.Parse(message.Text).Barrier);
        }

        Assert.True(OperatingSystem.IsMacOS() || ProcFs.OpenFiles(Environment.ProcessId)!.All(file => file.Target != pipe), "looking opens nothing");
        socket.Consume();

        Assert.Equal("released", worker.ReadLine());
    }

    [Fact]
    public void A_duplicate_held_by_the_keeper_keeps_messages_for_the_next_daemon()
    {
        using var worker = StartWorker(out var held);
        Say(worker, "READY=1");

        using var socket = NotifySocket.FromHandle(held);

        Assert.Equal(_folder["n"], socket.Path);
        Assert.True(socket.TryPeek(out var message));
        Assert.Equal("READY=1", message.Text);

        Tool StartWorker(out FdHandle duplicate)
        {
            using var first = NotifySocket.Bind(_folder["n"]);
            duplicate = first.Handle.Duplicate();
            return Tool.Python(Sender, first.Path);
        }
    }

    [Fact]
    public void A_name_that_a_dead_daemon_left_is_taken_over_and_one_that_is_too_long_is_refused()
    {
        NotifySocket.Bind(_folder["n"]).Dispose();
        using var socket = NotifySocket.Bind(_folder["n"]);
        Assert.True(File.Exists(_folder["n"]));
        socket.Unlink();
        Assert.False(File.Exists(_folder["n"]));

        Assert.Equal(Errno.ENAMETOOLONG, Assert.Throws<SystemCallException>(() => NotifySocket.Bind(_folder[new string('x', 120)])).Errno);
    }

    private static void Say(Tool worker, string message)
    {
        worker.Input.WriteLine(message);
        Assert.Equal("sent", worker.ReadLine());
    }
}
