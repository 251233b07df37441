using System.Buffers.Binary;
using System.IO.Hashing;
using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// The state after the last step, in memory that the keeper holds too. It is written before the step's orders are carried out,
/// so whatever a daemon did before it was killed, its successor reads what it meant to do.
/// <para>
/// Two slots lie far apart and are written in turn; each carries a number that grows and a checksum of all of it. A write that
/// was cut short leaves the other slot, the state before: then nothing of the step was done outwards, and it never happened.
/// </para>
/// </summary>
internal sealed class FleetRecord : IDisposable
{
    /// <summary>Under which the keeper holds it.</summary>
    public const string Key = "fleet";

    /// <summary>Where the second slot begins. What lies between is never written and costs nothing.</summary>
    internal const long SlotDistance = 1L << 28;

    // A slot: checksum of the rest (16), magic (8), number (8), length of the text (8), the text.
    internal const int HeaderLength = 40;

    private const int ChecksumLength = 16;
    private const ulong Magic = 0x31_74_65_65_6C_46_64_7A; // "zdFleet1"

    private readonly HeldMemory _memory;
    private readonly FleetCodec _codec = new();
    private readonly ByteBuffer _buffer = new();
    private ulong _number;

    private FleetRecord(HeldMemory memory, ulong number)
    {
        _memory = memory;
        _number = number;
    }

    /// <summary>For the keeper to hold.</summary>
    public FdHandle Handle => _memory.Handle;

    public static FleetRecord Create() => new(HeldMemory.Create("zd-fleet"), 0);

    /// <summary>Goes on in the memory of a daemon that is gone; what it wrote last stays until two more states are written.</summary>
    /// <param name="handle">Owned from now on.</param>
    public static FleetRecord Continue(FdHandle handle)
    {
        var memory = HeldMemory.Adopt(handle);
        return new FleetRecord(memory, Newest(memory)?.Number ?? 0);
    }

    /// <summary>What the last daemon wrote; null when it never wrote anything whole.</summary>
    /// <param name="handle">Stays the caller's.</param>
    /// <exception cref="UnreadableStateException">It is whole, and this version of zd cannot read it.</exception>
    public static Remembered? Read(FdHandle handle)
    {
        using var memory = HeldMemory.Adopt(handle.Duplicate());
        return Newest(memory) is { } slot ? FleetCodec.Read(slot.Text.AsSpan(HeaderLength)) : null;
    }

    /// <exception cref="SystemCallException">The machine has no memory for it. What was written before can still be read.</exception>
    public void Save(FleetState fleet, DeskBook desk)
    {
        _buffer.Clear();
        _ = _buffer.GetSpan(HeaderLength);
        _buffer.Advance(HeaderLength);
        _codec.Write(_buffer, fleet, desk);
        if (_buffer.Written.Length > SlotDistance)
            throw new SystemCallException($"write down a state of {_buffer.Written.Length} bytes", Errno.ENOSPC);
        // After a write that failed the next one takes the same slot: the other one holds the last state that is whole.
        var number = _number + 1;
        Seal(_buffer.Written, number);
        _memory.Write(OffsetOf(number), _buffer.Written);
        _number = number;
    }

    public void Dispose()
    {
        _codec.Dispose();
        _memory.Dispose();
    }

    private static long OffsetOf(ulong number) => number % 2 == 0 ? 0 : SlotDistance;

    private static void Seal(Span<byte> slot, ulong number)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(slot[16..], Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[24..], number);
        BinaryPrimitives.WriteInt64LittleEndian(slot[32..], slot.Length - HeaderLength);
        XxHash128.Hash(slot[ChecksumLength..], slot[..ChecksumLength]);
    }

    private static Slot? Newest(HeldMemory memory)
    {
        var (first, second) = (ReadSlot(memory, 0), ReadSlot(memory, SlotDistance));
        return first is null ? second : second is null || first.Number > second.Number ? first : second;
    }

    private static Slot? ReadSlot(HeldMemory memory, long offset)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        if (memory.Read(offset, header) < HeaderLength || BinaryPrimitives.ReadUInt64LittleEndian(header[16..]) != Magic)
            return null;
        var number = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        var length = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        if (length < 0 || length > SlotDistance - HeaderLength || offset + HeaderLength + length > memory.Length)
            return null;
        var whole = new byte[HeaderLength + (int)length];
        if (memory.Read(offset, whole) < whole.Length)
            return null;
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        XxHash128.Hash(whole.AsSpan(ChecksumLength), checksum);
        return checksum.SequenceEqual(whole.AsSpan(0, ChecksumLength)) ? new Slot(number, whole) : null;
    }

    private sealed record Slot(ulong Number, byte[] Text);
}
