using System.Text;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

public sealed class StreamChannelTests
{
    [Fact]
    public void A_message_is_looked_at_as_often_as_one_likes_and_taken_once()
    {
        var (ours, theirs) = StreamChannel.CreatePair();
        using var _ = ours;
        using var __ = theirs;
        var buffer = new byte[64];
        Assert.Equal(ReceiveOutcome.Empty, ours.Peek(buffer, out var count));
        theirs.Write("one\ntwo\n"u8);

        for (var look = 0; look < 3; look++)
        {
            Assert.Equal(ReceiveOutcome.Message, ours.Peek(buffer, out count));
            Assert.Equal("one\ntwo\n", Encoding.ASCII.GetString(buffer, 0, count));
        }

        ours.Consume(4);
        Assert.Equal(ReceiveOutcome.Message, ours.Peek(buffer, out count));
        Assert.Equal("two\n", Encoding.ASCII.GetString(buffer, 0, count));
        ours.Consume(4);
        Assert.Equal(ReceiveOutcome.Empty, ours.Peek(buffer, out count));
    }

    [Fact]
    public void A_descriptor_goes_along_with_the_first_byte()
    {
        var (ours, theirs) = StreamChannel.CreatePair();
        using var _ = ours;
        using var worker = new StreamChannel(theirs);
        var (readEnd, writeEnd) = Pipes.Create(nonBlocking: true);

        Assert.True(ours.TrySend("take\n"u8, writeEnd));
        writeEnd.Dispose();
        List<FdHandle> fds = [];
        Assert.Equal(5, RightsSocket.Receive(worker.Handle, new byte[64], fds, 0, out var sender));

        Assert.Null(sender);
        Assert.Equal(1, Assert.Single(fds).Write("x"u8));
        fds[0].Dispose();
        Fd.AwaitOtherEndClosed(readEnd);
        Assert.Equal("x", Fd.ReadAvailable(readEnd, out var ended));
        Assert.True(ended);
        readEnd.Dispose();
    }

    [Fact]
    public void A_descriptor_that_a_worker_sends_us_is_not_kept()
    {
        var (ours, theirs) = StreamChannel.CreatePair();
        using var _ = ours;
        using var worker = new StreamChannel(theirs);
        var (readEnd, writeEnd) = Pipes.Create(nonBlocking: true);
        Assert.True(worker.TrySend("here\n"u8, writeEnd));
        writeEnd.Dispose();

        Assert.Equal(ReceiveOutcome.Message, ours.Peek(new byte[64], out var count));
        ours.Consume(count);

        Fd.AwaitOtherEndClosed(readEnd);
        Fd.ReadAvailable(readEnd, out var ended);
        Assert.True(ended, "no copy of the write end is left");
        readEnd.Dispose();
    }

    /// <summary>Pieces (kernel buffers) and descriptors in every order: the whole is seen, and taken once.</summary>
    [Theory]
    [InlineData("60000+")]
    [InlineData("10+ 10")]
    [InlineData("10 10+ 10")]
    [InlineData("10+ 10+ 10+")]
    [InlineData("30000+ 30000")]
    [InlineData("1+ 1 1+ 1 1+")]
    public void Pieces_behind_a_descriptor_are_seen(string pieces)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SO_PEEK_OFF is Linux's");
        var (ours, theirs) = StreamChannel.CreatePair();
        using var _ = ours;
        using var worker = new StreamChannel(theirs);
        var (readEnd, writeEnd) = Pipes.Create(nonBlocking: true);
        var sent = new StringBuilder();
        foreach (var piece in pieces.Split(' '))
        {
            var text = new string((char)('a' + (sent.Length % 26)), int.Parse(piece.TrimEnd('+'), System.Globalization.CultureInfo.InvariantCulture));
            Assert.True(piece.EndsWith('+') ? worker.TrySend(Encoding.ASCII.GetBytes(text), writeEnd) : worker.TrySend(Encoding.ASCII.GetBytes(text)));
            sent.Append(text);
        }

        writeEnd.Dispose();
        var buffer = new byte[64 * 1024];
        for (var look = 0; look < 2; look++)
        {
            Assert.Equal(ReceiveOutcome.Message, ours.Peek(buffer, out var seen));
            Assert.Equal(sent.ToString(), Encoding.ASCII.GetString(buffer, 0, seen));
        }

        ours.Consume(sent.Length);
        Assert.Equal(ReceiveOutcome.Empty, ours.Peek(buffer, out var left));
        Assert.Equal(0, left);
        Fd.AwaitOtherEndClosed(readEnd);
        readEnd.Dispose();
    }

    [Fact]
    public void A_channel_whose_owner_was_killed_during_a_look_is_seen_from_its_first_byte()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SO_PEEK_OFF is Linux's");
        var (ours, theirs) = StreamChannel.CreatePair();
        using var __ = ours;
        using var worker = new StreamChannel(theirs);
        Assert.True(worker.TrySend("whole\n"u8));
        ours.Handle.SetOption(Constants.SOL_SOCKET, Constants.SO_PEEK_OFF, 3);

        using var successor = new StreamChannel(ours.Handle.Duplicate());
        var buffer = new byte[64];
        Assert.Equal(ReceiveOutcome.Message, successor.Peek(buffer, out var count));
        Assert.Equal("whole\n", Encoding.ASCII.GetString(buffer, 0, count));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(20_000)]
    [InlineData(60_000)]
    public void A_message_for_which_there_is_no_room_is_not_begun(int size)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the kernel's rule for pieces is Linux's");
        var (ours, theirs) = StreamChannel.CreatePair();
        using var _ = ours;
        theirs.IsNonBlocking = true;
        var message = new byte[size];
        message.AsSpan().Fill((byte)'x');
        message[^1] = (byte)'\n';
        var sent = 0;
        while (ours.TrySend(message))
        {
            sent++;
        }

        Assert.True(sent > 0);
        Assert.True(ours.Flush(), "nothing is half sent");
        var arrived = Fd.ReadAvailable(theirs, out var ended);

        Assert.False(ended);
        Assert.Equal(sent * size, arrived.Length);
        Assert.True(ours.TrySend(message), "there is room again");
        theirs.Dispose();
    }

    [Fact]
    public void A_message_larger_than_the_whole_buffer_goes_in_parts_and_arrives_whole()
    {
        var (ours, theirs) = StreamChannel.CreatePair();
        using var _ = ours;
        using var __ = theirs;
        theirs.IsNonBlocking = true;
        var message = new byte[2_000_000];
        Assert.True(ours.TrySend(message));
        Assert.False(ours.TrySend("next"u8), "not before the rest has gone");

        var arrived = 0;
        do
        {
            arrived += Fd.ReadAvailable(theirs, out var _).Length;
        }
        while (!ours.Flush());
        arrived += Fd.ReadAvailable(theirs, out var _).Length;

        Assert.Equal(message.Length, arrived);
        Assert.True(ours.TrySend("next"u8));
    }

    [Fact]
    public void A_worker_that_is_gone_is_told_apart_from_one_that_is_silent()
    {
        var (ours, theirs) = StreamChannel.CreatePair();
        using var _ = ours;
        theirs.Write("bye\n"u8);
        theirs.Dispose();
        Fd.AwaitOtherEndClosed(ours.Handle);

        Assert.Equal(ReceiveOutcome.Message, ours.Peek(new byte[8], out var count));
        ours.Consume(count);
        Assert.Equal(ReceiveOutcome.Closed, ours.Peek(new byte[8], out count));
        Assert.Throws<ChannelClosedException>(() => ours.TrySend("x"u8));
    }
}
