namespace ZeroDown.Platform;

/// <summary>getsockopt and setsockopt for integers.</summary>
internal static unsafe class SocketOptions
{
    internal static void SetOption(this FdHandle socket, int level, int option, int value)
    {
        if (Interop.SetSockOpt(socket, level, option, &value, sizeof(int)) != 0)
        {
            throw SystemCallException.FromLast($"setsockopt({level}, {option})");
        }
    }

    internal static int GetOption(this FdHandle socket, int level, int option)
    {
        int value;
        var length = (uint)sizeof(int);
        return Interop.GetSockOpt(socket, level, option, &value, &length) == 0 ? value : throw SystemCallException.FromLast($"getsockopt({level}, {option})");
    }
}
