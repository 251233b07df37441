namespace ZeroDown.Platform;

/// <summary>read(2) and write(2) on a descriptor, for the few bytes that need no stream.</summary>
internal static unsafe class FdBytes
{
    /// <returns>Bytes read, 0 at the end, -1 with the reason in <see cref="Errno.Last"/>. An interrupted read is tried again.</returns>
    internal static int Read(FdHandle from, Span<byte> to)
    {
        fixed (byte* at = to)
        {
            nint read;
            while ((read = Interop.Read(from, at, to.Length)) < 0 && Errno.Last == Errno.EINTR)
            {
            }

            return (int)read;
        }
    }

    /// <returns>Bytes written, which may be fewer, or -1 with the reason in <see cref="Errno.Last"/>. An interrupted write is tried again.</returns>
    internal static int Write(FdHandle to, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* at = bytes)
        {
            nint written;
            while ((written = Interop.Write(to, at, bytes.Length)) < 0 && Errno.Last == Errno.EINTR)
            {
            }

            return (int)written;
        }
    }
}
