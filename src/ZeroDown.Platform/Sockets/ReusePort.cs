namespace ZeroDown.Platform;

/// <summary>To which of two sockets on one address new connections go.</summary>
public enum NewConnections
{
    /// <summary>To the one that listened first. When it is closed, to the other.</summary>
    ToFirst,

    /// <summary>Spread over both, as the kernel does by itself.</summary>
    ToBoth,

    /// <summary>To the one that listened second.</summary>
    ToSecond,
}

/// <summary>What the kernel does with the sockets that share an address (SO_REUSEPORT). TCP on Linux; elsewhere nothing can be told to it.</summary>
/// <remarks>
/// It numbers them in the order in which they began to listen; when one is closed, the last takes its number. A program that all of them share (classic BPF, Linux 4.6, no right needed,
/// attached through any of them) is asked for each SYN and returns the number of the socket that gets the connection; a number that no socket has means "by hash", as without a program.
/// So a constant is enough, and "the second" is right also when the first is gone. A handshake that is under way ends on the socket where it began: net/core/sock_reuseport.c.
/// </remarks>
internal static unsafe class ReusePort
{
    /// <summary>More sockets than a group can have.</summary>
    private const uint Nobody = uint.MaxValue;

    /// <returns>False: the kernel does not know the option, or a sandbox forbids it.</returns>
    internal static bool TrySteer(FdHandle socket, NewConnections to) => OperatingSystem.IsLinux() && TryAttach(socket, Constants.SO_ATTACH_REUSEPORT_CBPF, to switch
    {
        NewConnections.ToFirst => 0,
        NewConnections.ToBoth => Nobody,
        NewConnections.ToSecond => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(to)),
    });

    /// <summary>A socket that listens and drops what is sent to it without a word: the client sends its SYN again a second later, and it is asked again who gets it.</summary>
    internal static bool TryDeafen(FdHandle socket) => OperatingSystem.IsLinux() && TryAttach(socket, Constants.SO_ATTACH_FILTER, 0);

    internal static void Undeafen(FdHandle socket) => socket.SetOption(Constants.SOL_SOCKET, Constants.SO_DETACH_FILTER, 0);

    /// <summary>A program of one instruction: return this number.</summary>
    private static bool TryAttach(FdHandle socket, int option, uint number)
    {
        var instruction = new FilterInstruction { Code = Constants.BPF_RET | Constants.BPF_K, Value = number };
        var program = new FilterProgram { Length = 1, Instructions = &instruction };
        return Interop.SetSockOpt(socket, Constants.SOL_SOCKET, option, &program, (uint)sizeof(FilterProgram)) == 0;
    }
}
