using System.Buffers.Binary;
using System.Text;

namespace ZeroDown.Keeper;

/// <summary>Builds one message: integers little-endian, strings and byte runs with a 4-byte length before them.</summary>
internal sealed class WireWriter
{
    private byte[] _buffer = new byte[256];
    private int _length;

    internal ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    internal WireWriter U8(byte value)
    {
        Room(1)[0] = value;
        return this;
    }

    internal WireWriter Flag(bool value) => U8(value ? (byte)1 : (byte)0);

    internal WireWriter I32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Room(sizeof(int)), value);
        return this;
    }

    internal WireWriter I64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Room(sizeof(long)), value);
        return this;
    }

    internal WireWriter U64(ulong value) => I64(unchecked((long)value));

    internal WireWriter Bytes(ReadOnlySpan<byte> value)
    {
        I32(value.Length);
        value.CopyTo(Room(value.Length));
        return this;
    }

    internal WireWriter Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        I32(length);
        Encoding.UTF8.GetBytes(value, Room(length));
        return this;
    }

    internal WireWriter Texts(IReadOnlyList<string> values)
    {
        I32(values.Count);
        foreach (var value in values)
        {
            Text(value);
        }

        return this;
    }

    private Span<byte> Room(int count)
    {
        if (_length + count > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        }

        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }
}
