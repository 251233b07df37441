using System.Buffers;

namespace ZeroDown.Daemon.Survival;

/// <summary>Bytes that are written again and again into the same place; unlike <see cref="ArrayBufferWriter{T}"/> what was written can be changed,
/// and it gives back what a single large state has made it grow to.</summary>
internal sealed class ByteBuffer : IBufferWriter<byte>
{
    private const int Smallest = 4096;

    private byte[] _bytes = new byte[Smallest];
    private int _length;
    private int _largest;
    private int _rounds;

    public Span<byte> Written => _bytes.AsSpan(0, _length);

    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, _length);

    public void Clear()
    {
        _largest = Math.Max(_largest, _length);
        _length = 0;
        if (++_rounds < 256)
            return;
        // Nothing like its size was needed for a long while.
        if (_bytes.Length > Smallest && _largest < _bytes.Length / 4)
            _bytes = new byte[Math.Max(Smallest, _largest * 2)];
        _largest = _rounds = 0;
    }

    public void Advance(int count) => _length += count;

    /// <summary>Takes back what was written behind so many bytes.</summary>
    public void Cut(int length) => _length = Math.Min(_length, length);

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _bytes.AsSpan(_length);
    }

    private void Grow(int sizeHint)
    {
        var needed = _length + Math.Max(1, sizeHint);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
    }
}
