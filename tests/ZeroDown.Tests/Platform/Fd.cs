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

    /// <summary>
    /// Waits until the other end of a pipe or pair, which the test has closed, is closed indeed: a child that another test is just starting has
    /// copies of all our descriptors between fork and exec.
    /// </summary>
    internal static void AwaitOtherEndClosed(FdHandle fd) => Eventually.True(
        () =>
        {
            var look = new PollFd { Fd = fd.Number };
            return Interop.Poll(&look, 1, 0) == 1 && (look.Happened & (Constants.POLLHUP | Constants.POLLERR)) != 0;
        },
        "nobody holds the other end any more");

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
