namespace ZeroDown.Platform;

/// <summary>Who connected a unix socket, as the kernel noted it at that moment. Linux only.</summary>
/// <param name="Pid">It may have ended, and its number may be another's now.</param>
/// <param name="Uid">Effective user.</param>
/// <param name="Gid">Effective group.</param>
public readonly record struct PeerCredentials(int Pid, int Uid, int Gid)
{
    /// <summary>Null if the socket has no peer, or the system cannot tell.</summary>
    public static unsafe PeerCredentials? Of(FdHandle socket)
    {
        LinuxUcred peer;
        var length = (uint)sizeof(LinuxUcred);
        return OperatingSystem.IsLinux() && Interop.GetSockOpt(socket, Constants.SOL_SOCKET, Constants.SO_PEERCRED, &peer, &length) == 0 && peer.Pid > 0
            ? new PeerCredentials(peer.Pid, (int)peer.Uid, (int)peer.Gid)
            : null;
    }
}
