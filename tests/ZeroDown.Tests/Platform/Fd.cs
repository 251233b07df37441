using System.Text;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

/// <summary>The few reads and writes on bare descriptors that tests need.</summary>
internal static unsafe class Fd
{
    internal static int Write(FdHandle fd, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* at = bytes)
        {
            return (int)Interop.Write(fd, at, bytes.Length);
        }
    }

    /// <summary>Everything that can be read without waiting.</summary>
    internal static string ReadAvailable(FdHandle fd, out bool ended)
    {
        var text = new StringBuilder();
        var buffer = stackalloc byte[65536];
        nint count;
        while ((count = Interop.Read(fd, buffer, 65536)) > 0)
        {
            text.Append(Encoding.UTF8.GetString(buffer, (int)count));
        }

        ended = count == 0;
        return text.ToString();
    }
}
