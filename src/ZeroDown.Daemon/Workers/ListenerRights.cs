using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>What a listener for an app of another user may be: root binds it, and must not give more than root's file has said or that user could have himself.</summary>
internal static class ListenerRights
{
    /// <summary>Descriptors that stay free of what workers ask for: for the launches, commands and sockets of everybody else.</summary>
    private const int Reserve = 128;

    /// <summary>With whose rights the file of a unix socket is made, moved and removed.</summary>
    /// <param name="address">Where.</param>
    /// <param name="user">Whose app wants it.</param>
    /// <param name="declared">Root's file names it: then it may lie in a folder that only root can write.</param>
    /// <returns>Null: with our own.</returns>
    public static FileUser? Of(ListenerAddress address, RunAs? user, bool declared) =>
        user is null || !OperatingSystem.IsLinux() || user.UserId == CurrentUser.Uid || address is not ListenerAddress.Unix unix || unix.Path.StartsWith('\0') || (declared && IsOursAlone(unix.Path))
            ? null
            : new FileUser(user.UserId, user.GroupId, user.Groups);

    /// <summary>Nobody else can have laid something in its way.</summary>
    public static bool IsOursAlone(ListenAddress address) => !CurrentUser.IsRoot || address is not ListenAddress.Unix { IsAbstract: false } unix || IsOursAlone(unix.Path);

    /// <summary>Why the user's worker does not get what it asks for; null when it may be tried.</summary>
    public static (string Problem, Errno Errno)? Refusal(OpenListener order)
    {
        if (order.Declared)
            return null;
        if (DescriptorRoom.Of(Environment.ProcessId) is < Reserve)
            return ("the daemon has few descriptors left, and keeps them for everything else; raise its limit (prlimit --nofile, LimitNOFILE=)", Errno.EMFILE);
        if (order.Owner is not { UserId: not 0 } owner || owner.UserId == CurrentUser.Uid)
            return null;
        var port = order.Listener.Address switch
        {
            ListenerAddress.Tcp tcp => tcp.Port,
            ListenerAddress.Udp udp => udp.Port,
            _ => 0,
        };
        return port > 0 && port < SystemLimits.FirstUnprivilegedPort
            ? ($"only root may have a port below {SystemLimits.FirstUnprivilegedPort}, and the app runs as {owner.Name}; write 'listen: {port}' into its file if it is to have it", Errno.EACCES)
            : null;
    }

    private static bool IsOursAlone(string path) => Path.GetDirectoryName(path) is { } folder && OwnedFolder.Problem(folder) is null;
}
