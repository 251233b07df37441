using System.Buffers.Binary;
using System.IO.Hashing;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// Some bytes in memory that the keeper holds too, replaced whole again and again by a daemon that may be killed while it writes.
/// <para>
/// Two slots lie far apart and are written in turn; each carries a number that grows and a checksum of all of it. A write that
/// was cut short leaves the other slot, and with it what was there before.
/// </para>
/// </summary>
internal sealed class SealedMemory : IDisposable
{
    // A slot: checksum of the rest (16), magic (8), number (8), length of the content (8), the content.
    public const int HeaderLength = 40;

    /// <summary>Where the second slot begins. What lies between is never written and costs nothing.</summary>
    internal const long SlotDistance = 1L << 28;

    private const int ChecksumLength = 16;
    private const ulong Magic = 0x31_64_65_6C_61_65_53_7A; // "zSealed1"

    private readonly HeldMemory _memory;
    private ulong _number;

    private SealedMemory(HeldMemory memory, ulong number) => (_memory, _number) = (memory, number);

    /// <summary>For the keeper to hold.</summary>
    public FdHandle Handle => _memory.Handle;

    /// <param name="name">Shown in /proc/PID/fd.</param>
    public static SealedMemory Create(string name) => new(HeldMemory.Create(name), 0);

    /// <summary>Goes on in the memory of a daemon that is gone; what it wrote last stays until two more are written.</summary>
    /// <param name="handle">Owned from now on.</param>
    public static SealedMemory Continue(FdHandle handle)
    {
        var memory = HeldMemory.Adopt(handle);
        return new SealedMemory(memory, Newest(memory)?.Number ?? 0);
    }

    /// <summary>What was written last; null when nothing was ever written whole.</summary>
    public byte[]? Read() => Newest(_memory) is { } slot ? slot.Whole[HeaderLength..] : null;

    /// <summary>Replaces the content.</summary>
    /// <param name="slot">The content, behind <see cref="HeaderLength"/> bytes that are ours to fill.</param>
    /// <exception cref="SystemCallException">The machine has no memory for it. What was written before can still be read.</exception>
    public void Write(Span<byte> slot)
    {
        if (slot.Length > SlotDistance)
            throw new SystemCallException($"write down {slot.Length} bytes", Errno.ENOSPC);
        // After a write that failed the next one takes the same slot: the other one holds the last content that is whole.
        var number = _number + 1;
        BinaryPrimitives.WriteUInt64LittleEndian(slot[16..], Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(slot[24..], number);
        BinaryPrimitives.WriteInt64LittleEndian(slot[32..], slot.Length - HeaderLength);
        XxHash128.Hash(slot[ChecksumLength..], slot[..ChecksumLength]);
        _memory.Write(number % 2 == 0 ? 0 : SlotDistance, slot);
        _number = number;
    }

    public void Dispose() => _memory.Dispose();

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

    private sealed record Slot(ulong Number, byte[] Whole);
}
