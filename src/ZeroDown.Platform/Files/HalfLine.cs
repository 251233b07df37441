using System.Buffers;

namespace ZeroDown.Platform;

/// <summary>The beginning of a line whose end has not come yet, taken out of its FIFO: in memory to be used, and in a file so that it outlives us.</summary>
/// <remarks>
/// Left in the FIFO it would make a trap: a FIFO that is full of half a line is read by nobody, because no news comes while its writer waits for room. splice(2) moves it from
/// kernel to kernel, so at each moment every byte is in the FIFO or in the file. The file is there only while half a line waits. Where it cannot be written (a full disk), the rest is in
/// memory alone, and a kill of ours loses it. Not thread-safe.
/// </remarks>
/// <param name="path">In a folder that only we can write.</param>
public sealed class HalfLine(string path)
{
    /// <summary>How the names of these files begin.</summary>
    public const string NamePrefix = "half-";

    private const int OwnerOnly = 0x180; // 0600

    /// <summary>In bytes; what is longer was not left by us.</summary>
    private const int Longest = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private FdHandle? _file;

    /// <summary>The file lacks something that is in memory.</summary>
    private bool _torn;

    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    public int Length => _bytes.WrittenCount;

    /// <summary>Takes up what one before us has left.</summary>
    public void TakeUp()
    {
        if (RegularFile.TryRead(path, Longest) is not { Length: > 0 } left)
        {
            return;
        }

        _bytes.Write(left);
        _file = TryOpen();
    }

    /// <summary>Forgets what one before us has left under this name, who had another line.</summary>
    public void Forget() => _ = Interop.Unlink(path);

    /// <summary>Moves bytes from the FIFO behind what is here.</summary>
    /// <param name="fifo">Where they wait.</param>
    /// <param name="seen">The same bytes, as they were looked at.</param>
    public void Add(FifoReader fifo, ReadOnlySpan<byte> seen)
    {
        _file ??= _torn ? null : TryOpen();
        var moved = _file is null || _torn ? 0 : fifo.MoveTo(_file, Length, seen);
        if (moved < seen.Length)
        {
            _torn = true;
            fifo.Take(seen.Length - moved);
        }

        _bytes.Write(seen);
    }

    /// <summary>The line is where it belongs.</summary>
    public void Drop()
    {
        if (Length == 0)
        {
            return;
        }

        if (_file is not null)
        {
            _ = Interop.Unlink(path);
            _file.Dispose();
            _file = null;
        }

        _torn = false;
        if (_bytes.Capacity > 4096)
        {
            _bytes.Clear();
        }

        _bytes.ResetWrittenCount();
    }

    private FdHandle? TryOpen() => FdHandle.TryOpen(path, Constants.O_RDWR | Constants.O_CREAT | Constants.O_NOFOLLOW | Constants.O_NONBLOCK, OwnerOnly);
}
