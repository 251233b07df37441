using System.Buffers.Binary;
using System.Text;

namespace ZeroDown.Keeper;

/// <summary>Takes one message apart again. Bytes after the last known field are left alone: a newer peer may have added some.</summary>
/// <exception cref="InvalidDataException">From every method: the message is shorter than what it says.</exception>
internal ref struct WireReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    internal readonly bool IsAtEnd => _rest.IsEmpty;

    internal byte U8() => Take(1)[0];

    internal bool Flag() => U8() != 0;

    internal int I32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    internal long I64() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)));

    internal ulong U64() => unchecked((ulong)I64());

    internal ReadOnlySpan<byte> Bytes() => Take(I32());

    internal string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>A number of items, each of which takes at least <paramref name="least"/> bytes, so that a broken length cannot make us allocate the world.</summary>
    internal int Count(int least)
    {
        var count = I32();
        return count >= 0 && (long)count * least <= _rest.Length ? count : throw Broken();
    }

    internal string[] Texts()
    {
        var values = new string[Count(sizeof(int))];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Text();
        }

        return values;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > _rest.Length)
        {
            throw Broken();
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private static InvalidDataException Broken() => new("a message between keeper and daemon ends in the middle of a field");
}
