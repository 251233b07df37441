using System.Text;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

/// <summary>Each behaviour with the kernel's packets and with our frames on a stream (macOS), which run on Linux too.</summary>
public sealed class FdChannelTests
{
    public static TheoryData<bool> Kinds => OperatingSystem.IsLinux() ? [false, true] : [true];

    [Theory, MemberData(nameof(Kinds))]
    public void A_message_arrives_with_its_descriptors(bool framed)
    {
        var (one, other) = FdChannel.CreatePair(framed);
        using var _ = one;
        using var __ = other;
        var (readEnd, writeEnd) = Pipes.Create(nonBlocking: true);

        Assert.True(one.TrySend("take this"u8, writeEnd));
        writeEnd.Dispose();

        Assert.Equal(ReceiveOutcome.Message, other.TryReceive(out var message));
        Assert.Equal("take this", Encoding.UTF8.GetString(message!.Body.Span));
        using (var arrived = message.Take(0))
        {
            Fd.Write(arrived, "x"u8);
        }

        message.Dispose();
        Fd.AwaitOtherEndClosed(readEnd);
        Assert.Equal("x", Fd.ReadAvailable(readEnd, out var ended));
        Assert.True(ended, "no other copy of the write end is open");
        readEnd.Dispose();
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Messages_keep_their_borders_and_their_order(bool framed)
    {
        var (one, other) = FdChannel.CreatePair(framed);
        using var _ = one;
        using var __ = other;
        for (var i = 0; i < 20; i++)
        {
            Assert.True(one.TrySend(new byte[i * 17], Enumerable.Repeat(one.Handle, i % 3).ToArray()));
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(ReceiveOutcome.Message, other.TryReceive(out var message));
            using var received = message!;
            Assert.Equal(i * 17, received.Body.Length);
            Assert.Equal(i % 3, received.FdCount);
        }

        Assert.Equal(ReceiveOutcome.Empty, other.TryReceive(out var none));
        Assert.Null(none);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Last_words_arrive_also_from_one_who_closed_with_our_words_unread(bool framed)
    {
        var (one, other) = FdChannel.CreatePair(framed);
        using var _ = other;
        Assert.True(one.TrySend("I end"u8));
        Assert.True(one.TrySend("in order"u8));
        Assert.True(other.TrySend("never read"u8));
        one.Dispose();
        Fd.AwaitOtherEndClosed(other.Handle);

        foreach (var word in new[] { "I end", "in order" })
        {
            Assert.Equal(ReceiveOutcome.Message, other.TryReceive(out var message));
            using var received = message!;
            Assert.Equal(word, Encoding.UTF8.GetString(received.Body.Span));
        }

        Assert.Equal(ReceiveOutcome.Closed, other.TryReceive(out var none));
        Assert.Null(none);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_message_of_megabytes_with_252_descriptors_arrives_whole(bool framed)
    {
        var (one, other) = FdChannel.CreatePair(framed);
        using var _ = one;
        using var __ = other;
        var body = new byte[3_000_000];
        new Random(1).NextBytes(body);

        Assert.True(one.TrySend(body, Enumerable.Repeat(one.Handle, FdChannel.MaxFds).ToArray()));

        FdMessage? message;
        ReceiveOutcome outcome;
        while ((outcome = other.TryReceive(out message)) == ReceiveOutcome.Empty)
        {
            one.Flush();
        }

        using var received = message!;
        Assert.Equal(ReceiveOutcome.Message, outcome);
        Assert.Equal(FdChannel.MaxFds, received.FdCount);
        Assert.True(received.Body.Span.SequenceEqual(body));
        Assert.True(received.Take(251).IsSame(one.Handle) || OperatingSystem.IsMacOS());
    }

    [Fact]
    public void A_full_socket_says_no_and_has_taken_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a byte stream may take half; then Flush sends the rest");
        var (one, other) = FdChannel.CreatePair();
        using var _ = one;
        using var __ = other;
        var sent = 0;
        while (one.TrySend(new byte[10_000]))
        {
            sent++;
        }

        for (var i = 0; i < sent; i++)
        {
            Assert.Equal(ReceiveOutcome.Message, other.TryReceive(out var message));
            Assert.Equal(10_000, message!.Body.Length);
        }

        Assert.Equal(ReceiveOutcome.Empty, other.TryReceive(out var _));
        Assert.True(one.TrySend(new byte[10_000]));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void The_last_words_of_a_side_that_closed_are_still_heard(bool framed)
    {
        var (one, other) = FdChannel.CreatePair(framed);
        using var _ = other;
        Assert.True(one.TrySend("bye"u8));
        one.Dispose();
        Fd.AwaitOtherEndClosed(other.Handle);

        Assert.Equal(ReceiveOutcome.Message, other.TryReceive(out var message));
        message!.Dispose();
        Assert.Equal(ReceiveOutcome.Closed, other.TryReceive(out var none));
        Assert.Null(none);
        Assert.Throws<ChannelClosedException>(() => other.TrySend("anybody?"u8));
    }
}
