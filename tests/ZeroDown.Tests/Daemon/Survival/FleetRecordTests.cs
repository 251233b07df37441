using Xunit;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Survival;
using ZeroDown.Keeper;
using ZeroDown.Platform;
using ZeroDown.Tests.Keeper;
using ZeroDown.Tests.Platform;

namespace ZeroDown.Tests.Daemon.Survival;

public sealed class FleetRecordTests
{
    [Fact]
    public void The_last_state_is_read_back_through_a_descriptor_that_somebody_else_held()
    {
        using var record = FleetRecord.Create();
        using var held = record.Handle.Duplicate();
        Assert.Null(FleetRecord.Read(held));

        for (var step = 1; step <= 5; step++)
        {
            record.Save(At(step), new DeskBook { LastRequest = step });
            Assert.Equal(step, StepIn(held));
            Assert.Equal(step, FleetRecord.Read(held)!.Desk.LastRequest);
        }
    }

    [Fact]
    public void The_next_daemon_goes_on_in_the_same_memory_and_does_not_write_over_the_last_state_first()
    {
        using var first = FleetRecord.Create();
        first.Save(At(1), DeskBook.Empty);
        first.Save(At(2), DeskBook.Empty);
        first.Save(At(3), DeskBook.Empty);
        using var held = first.Handle.Duplicate();
        first.Dispose();

        using var next = FleetRecord.Continue(held.Duplicate());
        Assert.Equal(3, StepIn(held));
        next.Save(At(4), DeskBook.Empty);
        Spoil(held, OffsetOf(4), FleetRecord.HeaderLength);

        Assert.Equal(3, StepIn(held));
    }

    [Fact]
    public void A_write_that_was_cut_at_any_byte_leaves_the_state_before()
    {
        using var record = FleetRecord.Create();
        using var held = record.Handle.Duplicate();
        record.Save(At(1), DeskBook.Empty);
        record.Save(At(2), DeskBook.Empty);
        record.Save(At(3), DeskBook.Empty);
        var after = SlotAt(held, OffsetOf(3));
        // Unlike what is written at every byte, or the rest could happen to be right.
        var before = Array.ConvertAll(after, one => (byte)~one);

        using var memory = HeldMemory.Adopt(held.Duplicate());
        for (var written = 0; written < after.Length; written++)
        {
            memory.Write(OffsetOf(3), before);
            memory.Write(OffsetOf(3), after.AsSpan(0, written));
            Assert.Equal(2, StepIn(held));
        }

        memory.Write(OffsetOf(3), after);
        Assert.Equal(3, StepIn(held));
    }

    [Fact]
    public void A_byte_that_is_not_what_was_written_leaves_the_state_before_wherever_it_is()
    {
        using var record = FleetRecord.Create();
        using var held = record.Handle.Duplicate();
        record.Save(At(1), DeskBook.Empty);
        record.Save(At(2), DeskBook.Empty);
        var length = SlotAt(held, OffsetOf(2)).Length;

        for (var at = 0; at < length; at++)
        {
            Spoil(held, OffsetOf(2), at);
            Assert.Equal(1, StepIn(held));
            Spoil(held, OffsetOf(2), at);
        }

        Assert.Equal(2, StepIn(held));
    }

    [Fact]
    public void Both_slots_spoilt_is_no_state_at_all()
    {
        using var record = FleetRecord.Create();
        using var held = record.Handle.Duplicate();
        record.Save(At(1), DeskBook.Empty);
        record.Save(At(2), DeskBook.Empty);
        Spoil(held, OffsetOf(1), 50);
        Spoil(held, OffsetOf(2), 50);

        Assert.Null(FleetRecord.Read(held));
    }

    [Fact]
    public void The_gap_between_the_slots_costs_nothing()
    {
        using var record = FleetRecord.Create();
        record.Save(At(1), DeskBook.Empty);
        record.Save(At(2), DeskBook.Empty);

        var (_, blocks) = Tool.Run("stat", "-L", "-c", "%b", $"/proc/{Environment.ProcessId}/fd/{record.Handle.Number}");

        Assert.True(int.Parse(blocks, System.Globalization.CultureInfo.InvariantCulture) * 512 < 100_000, blocks);
    }

    [Fact]
    public void When_the_daemon_of_another_format_does_not_start_the_old_one_goes_on_from_what_it_can_read()
    {
        using var keeper = RunningKeeper.WithDaemon(out var old);
        using var ours = FleetRecord.Create();
        ours.Save(At(3), DeskBook.Empty);
        old.Client.Hold(FleetRecord.KeyOf(1), HoldKind.Other, ours.Handle);
        var newer = keeper.Update(old, daemonRole: "exec \"$STAND_IN\"", keeperRole: "exit 1");
        using var theirs = SealedMemory.Create("zd-fleet");
        theirs.Write([.. new byte[FleetRecord.HeaderLength], .. """{"format":2,"version":"9.9.9","fleet":7,"desk":8,"specs":9}"""u8]);
        Assert.Contains("format 2", Assert.Throws<UnreadableStateException>(() => FleetRecord.Read(theirs.Handle)).Message, StringComparison.Ordinal);
        newer.Client.Hold(FleetRecord.KeyOf(2), HoldKind.Other, theirs.Handle);

        var back = keeper.Replace(newer).Client.GiveBack;

        Assert.Equal(["fleet", "fleet.2"], back.Held.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, FleetRecord.Find(back.Held)!.Fleet.NextWorker);
        foreach (var held in back.Held.Values)
            held.Fd.Dispose();
    }

    [Fact]
    public void A_daemon_of_a_newer_format_reads_the_older_record_until_it_has_written_one_of_its_own()
    {
        using var older = FleetRecord.Create();
        using var newer = FleetRecord.Create();
        older.Save(At(3), DeskBook.Empty);
        var held = new Dictionary<string, HeldFd>
        {
            [FleetRecord.KeyOf(1)] = new(older.Handle, HoldKind.Other, 0),
            [FleetRecord.KeyOf(3)] = new(newer.Handle, HoldKind.Other, 0),
        };
        string[] keys = [FleetRecord.KeyOf(3), .. FleetRecord.KeysBelow(3)];
        Assert.Equal(["fleet.3", "fleet.2", "fleet"], keys);

        Assert.Equal(3, FleetRecord.Find(held, keys)!.Fleet.NextWorker);
        newer.Save(At(4), DeskBook.Empty);
        Assert.Equal(4, FleetRecord.Find(held, keys)!.Fleet.NextWorker);
        Assert.Null(FleetRecord.Find(new Dictionary<string, HeldFd>(), keys));
    }

    private static FleetState At(int step) => new() { NextWorker = step, Apps = [new AppState { Spec = Some.App() }] };

    private static long OffsetOf(int number) => number % 2 == 0 ? 0 : FleetRecord.SlotDistance;

    private static long? StepIn(FdHandle held) => FleetRecord.Read(held)?.Fleet.NextWorker;

    private static byte[] SlotAt(FdHandle held, long offset)
    {
        using var memory = HeldMemory.Adopt(held.Duplicate());
        Span<byte> length = stackalloc byte[8];
        memory.Read(offset + 32, length);
        var slot = new byte[FleetRecord.HeaderLength + BitConverter.ToInt64(length)];
        memory.Read(offset, slot);
        return slot;
    }

    /// <summary>Twice is as if nothing had happened.</summary>
    private static void Spoil(FdHandle held, long slot, int at)
    {
        using var memory = HeldMemory.Adopt(held.Duplicate());
        Span<byte> one = stackalloc byte[1];
        memory.Read(slot + at, one);
        one[0] ^= 0x5A;
        memory.Write(slot + at, one);
    }
}
