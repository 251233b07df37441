using Xunit;
using ZeroDown.Daemon.Survival;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Daemon.Survival;

public sealed class KeepsakesTests
{
    [Fact]
    public void What_was_left_last_is_found_by_the_next_daemon()
    {
        using var first = Keepsakes.Create();
        first.OfChannel(1, new ChannelKeepsake { Preloaded = true });
        first.OfChannel(2, new ChannelKeepsake { Owed = ["{\"ack\":1}\n"] });
        first.OfChannel(1, new ChannelKeepsake { Preloaded = true, Disconnecting = true });
        first.OfListener("listener:a", new ListenerKeepsake { NonBlocking = false });
        first.OfChannel(2, null);

        using var second = Keepsakes.Continue(first.Handle.Duplicate());

        Assert.Equal(new ChannelKeepsake { Preloaded = true, Disconnecting = true }, second.OfChannel(1));
        Assert.Null(second.OfChannel(2));
        Assert.Equal(new ListenerKeepsake { NonBlocking = false }, second.OfListener("listener:a"));
    }

    /// <summary>A kill in the middle of a write leaves half of it.</summary>
    [Fact]
    public void A_write_that_was_cut_short_leaves_what_was_there_before()
    {
        using var memory = SealedMemory.Create("test");
        memory.Write(Slot("one"));
        memory.Write(Slot("two"));
        using var raw = HeldMemory.Adopt(memory.Handle.Duplicate());
        for (var length = 1; length < SealedMemory.HeaderLength + 5; length++)
        {
            // The third would have taken the slot of the first.
            raw.Write(SealedMemory.SlotDistance, Enumerable.Repeat((byte)length, length).ToArray());
            using var next = SealedMemory.Continue(memory.Handle.Duplicate());
            Assert.Equal("two"u8.ToArray(), next.Read());
        }
    }

    [Fact]
    public void Words_that_nobody_understands_are_as_good_as_none()
    {
        using var memory = SealedMemory.Create("test");
        memory.Write(Slot("{\"channels\":7"));
        using var next = Keepsakes.Continue(memory.Handle.Duplicate());
        Assert.Null(next.OfChannel(1));
        next.OfChannel(1, new ChannelKeepsake { Preloaded = true });
        using var after = Keepsakes.Continue(memory.Handle.Duplicate());
        Assert.True(after.OfChannel(1)!.Preloaded);
    }

    private static byte[] Slot(string text) => [.. new byte[SealedMemory.HeaderLength], .. System.Text.Encoding.ASCII.GetBytes(text)];
}
