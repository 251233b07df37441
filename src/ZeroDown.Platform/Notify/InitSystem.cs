using System.Globalization;
using System.Text;

namespace ZeroDown.Platform;

/// <summary>The init system that started us, as far as it wants to be told (sd_notify: systemd, and what imitates it).</summary>
/// <param name="socketPath">The value of NOTIFY_SOCKET; null or empty when nobody asked. A leading @ is the abstract namespace.</param>
public sealed class InitSystem(string? socketPath)
{
    public static InitSystem OfThisProcess { get; } = new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    public bool Listens => !string.IsNullOrEmpty(socketPath);

    public void SayReady(string status) => Say($"READY=1\nSTATUS={status}");

    /// <summary>Another process is the main one from now on.</summary>
    public void SayReady(string status, int mainPid) => Say(string.Create(CultureInfo.InvariantCulture, $"MAINPID={mainPid}\nREADY=1\nSTATUS={status}"));

    public void SayStatus(string status) => Say($"STATUS={status}");

    /// <param name="status">What is being done.</param>
    /// <param name="patience">How long it may take from now on; said again before that is over, for as long as there is progress.</param>
    public void SayStopping(string status, TimeSpan patience) =>
        Say(string.Create(CultureInfo.InvariantCulture, $"STOPPING=1\nSTATUS={status}\nEXTEND_TIMEOUT_USEC={(long)patience.TotalMicroseconds}"));

    /// <summary>One datagram. Nobody waits for an init system: one that does not read loses it.</summary>
    private unsafe void Say(string text)
    {
        if (socketPath is not ['/' or '@', _, ..] || Encoding.UTF8.GetByteCount(socketPath) > SocketName.MaxPathBytes)
        {
            return;
        }

        using var socket = NewSocket.Create(Constants.AF_UNIX, Constants.SOCK_DGRAM, nonBlocking: true);
        var name = SocketName.Of(socketPath).Bytes;
        // An abstract name begins with a zero and has no zero at its end.
        Span<byte> address = stackalloc byte[socketPath[0] == '@' ? name.Length - 1 : name.Length];
        name[..address.Length].CopyTo(address);
        if (socketPath[0] == '@')
        {
            address[2] = 0;
        }

        fixed (byte* at = address)
        {
            if (Interop.Connect(socket, at, (uint)address.Length) == 0)
            {
                _ = FdBytes.Write(socket, Encoding.UTF8.GetBytes(text));
            }
        }
    }
}
