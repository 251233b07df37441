using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace TestWorker;

/// <summary>systemd's notify protocol, the worker's side: datagrams to NOTIFY_SOCKET.</summary>
internal static partial class Notify
{
    private const int RightsBytes = 24; // CMSG_SPACE(sizeof(int)) on 64-bit Linux
    private const int SolSocket = 1, ScmRights = 1;

    public static void Send(string text)
    {
        using var socket = Connect();
        socket.Send(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>
    /// BARRIER=1 with the write end of a pipe: returns when the supervisor has closed its copy, that is, has read everything before it.
    /// </summary>
    public static unsafe void Barrier()
    {
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.In);
        using (var socket = Connect())
        using (var writeEnd = pipe.ClientSafePipeHandle)
        {
            var text = "BARRIER=1"u8;
            var control = stackalloc byte[RightsBytes];
            *(nint*)control = 20; // CMSG_LEN(sizeof(int))
            *(int*)(control + 8) = SolSocket;
            *(int*)(control + 12) = ScmRights;
            *(int*)(control + 16) = (int)writeEnd.DangerousGetHandle();
            fixed (byte* bytes = text)
            {
                var part = new IoVector { Base = bytes, Length = text.Length };
                var message = new MessageHeader { Parts = &part, PartCount = 1, Control = control, ControlLength = RightsBytes };
                if (SendMessage((int)socket.Handle, &message, 0) < 0)
                    throw new IOException($"sendmsg of a barrier: errno {Marshal.GetLastPInvokeError()}");
            }
        }

        while (pipe.ReadByte() >= 0)
        {
            // Only the end of file counts.
        }
    }

    private static Socket Connect()
    {
        var path = Environment.GetEnvironmentVariable("NOTIFY_SOCKET") ?? throw new InvalidOperationException("NOTIFY_SOCKET is not set");
        var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path.StartsWith('@') ? "\0" + path[1..] : path));
        return socket;
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static unsafe partial nint SendMessage(int socket, MessageHeader* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct IoVector
    {
        public byte* Base;
        public nint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Parts;
        public nint PartCount;
        public byte* Control;
        public nint ControlLength;
        public int Flags;
    }
}
