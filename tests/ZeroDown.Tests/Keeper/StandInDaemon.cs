using System.Net.Sockets;
using System.Runtime.CompilerServices;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Keeper;

/// <summary>
/// What the keeper under test starts instead of `zd daemon`: this test program again, with nothing in it but its pid. It hands the keeper's channel to the test and then waits
/// for one letter: 'k' dies of SIGKILL, 'e' exits with 3; when the test is gone, it goes too.
/// </summary>
internal static class StandInDaemon
{
    internal const string Verb = "stand-in-daemon";

    /// <summary>Before xunit's own Main, which would not understand the arguments.</summary>
    [ModuleInitializer]
    internal static void RunIfAsked()
    {
        var args = Environment.GetCommandLineArgs();
        if (args.Length > 2 && args[1] == Verb)
        {
            Environment.Exit(Run(args[2]));
        }
    }

    private static int Run(string socketPath)
    {
        using var channel = FdHandle.Adopt(ZeroDown.Keeper.KeeperClient.ChannelNumber);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        using (var test = new FdHandle((int)socket.SafeHandle.DangerousGetHandle()))
        {
            RightsSocket.Send(test, [1], [], [channel]);
            test.SetHandleAsInvalid();
        }

        channel.Dispose();
        var order = new byte[1];
        if (socket.Receive(order) == 1 && order[0] == (byte)'k')
        {
            _ = Interop.Kill(Environment.ProcessId, Signals.Kill);
        }

        return 3;
    }
}
