using System.Globalization;
using ZeroDown.Core.Supervision;
using ZeroDown.Keeper;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// The state after the last step, in memory that the keeper holds too. It is written before the step's orders are carried out,
/// so whatever a daemon did before it was killed, its successor reads what it meant to do. A write that was cut short leaves
/// the state before: then nothing of the step was done outwards, and it never happened.
/// <para>
/// Each format has a memory of its own. A daemon that comes by an update to a newer format begins one beside the old, which stays until it listens: should it not get that far, the daemon of the
/// old program goes on from what it can read. What the newer one may have done in its short life is then in no record, and its workers are strangers.
/// </para>
/// </summary>
internal sealed class FleetRecord : IDisposable
{
    /// <summary>Under which the keeper holds it.</summary>
    public static string Key { get; } = KeyOf(FleetCodec.Format);

    /// <summary>Of formats that we read and do not write, the newest first.</summary>
    public static IReadOnlyList<string> OlderKeys { get; } = KeysBelow(FleetCodec.Format);

    internal const long SlotDistance = SealedMemory.SlotDistance;

    internal const int HeaderLength = SealedMemory.HeaderLength;

    private readonly SealedMemory _memory;
    private readonly FleetCodec _codec = new();
    private readonly ByteBuffer _buffer = new();

    private FleetRecord(SealedMemory memory) => _memory = memory;

    /// <summary>For the keeper to hold.</summary>
    public FdHandle Handle => _memory.Handle;

    public static FleetRecord Create() => new(SealedMemory.Create("zd-fleet"));

    /// <summary>Goes on in the memory of a daemon that is gone; what it wrote last stays until two more states are written.</summary>
    /// <param name="handle">Owned from now on.</param>
    public static FleetRecord Continue(FdHandle handle) => new(SealedMemory.Continue(handle));

    /// <summary>What the last daemon wrote; null when it never wrote anything whole.</summary>
    /// <param name="handle">Stays the caller's.</param>
    /// <exception cref="UnreadableStateException">It is whole, and this version of zd cannot read it.</exception>
    public static Remembered? Read(FdHandle handle)
    {
        using var memory = SealedMemory.Continue(handle.Duplicate());
        return memory.Read() is { } text ? FleetCodec.Read(text) : null;
    }

    /// <summary>The record of the last daemon among what the keeper gave back: of our format, or, when none of ours wrote anything yet, of an older one.</summary>
    /// <inheritdoc cref="Read"/>
    public static Remembered? Find(IReadOnlyDictionary<string, HeldFd> held) => Find(held, [Key, .. OlderKeys]);

    /// <param name="held">What the keeper gave back.</param>
    /// <param name="keys">In which order to look.</param>
    internal static Remembered? Find(IReadOnlyDictionary<string, HeldFd> held, IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            if (held.TryGetValue(key, out var record) && Read(record.Fd) is { } remembered)
                return remembered;
        }

        return null;
    }

    internal static string KeyOf(int format) => format == 1 ? "fleet" : string.Create(CultureInfo.InvariantCulture, $"fleet.{format}");

    internal static string[] KeysBelow(int format) => [.. Enumerable.Range(1, format - 1).Reverse().Select(KeyOf)];

    /// <exception cref="SystemCallException">The machine has no memory for it. What was written before can still be read.</exception>
    public void Save(FleetState fleet, DeskBook desk)
    {
        _buffer.Clear();
        _ = _buffer.GetSpan(HeaderLength);
        _buffer.Advance(HeaderLength);
        _codec.Write(_buffer, fleet, desk);
        _memory.Write(_buffer.Written);
    }

    public void Dispose()
    {
        _codec.Dispose();
        _memory.Dispose();
    }
}
