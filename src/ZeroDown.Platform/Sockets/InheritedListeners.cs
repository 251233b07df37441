using System.Globalization;
using System.Net.Sockets;

namespace ZeroDown.Platform;

/// <summary>The listening sockets that a supervisor left to this process, as sd_listen_fds(3) has it: from number 3 on.</summary>
public static class InheritedListeners
{
    private const int First = 3;

    /// <summary>
    /// To accept from. None of them owns its descriptor: a .NET socket that does shuts it down when it is disposed of, for everybody who shares it.
    /// </summary>
    public static IReadOnlyList<Socket> Take()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("LISTEN_FDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? said : 0;
        return Environment.GetEnvironmentVariable("LISTEN_PID") == Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            ? [.. Enumerable.Range(First, count).Select(number => new Socket(new SafeSocketHandle(number, ownsHandle: false)))]
            : [];
    }
}
