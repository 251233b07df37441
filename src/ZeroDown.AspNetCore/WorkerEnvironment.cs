using System.Globalization;

namespace ZeroDown.AspNetCore;

/// <summary>
/// What the supervisor told this process through its environment: systemd's variables, and a few of ours. Null when the process is
/// nobody's worker. Variables are inherited by children, so they count only when they name this very pid
/// (<c>LISTEN_PID</c> or <c>SYSTEMD_EXEC_PID</c>): a child of a worker must not adopt its parent's sockets or answer for it.
/// </summary>
/// <param name="SocketCount">Listening sockets that were passed; they are the file descriptors from 3 on (sd_listen_fds(3)).</param>
/// <param name="NotifyAddress">Where <c>READY=1</c> goes (sd_notify(3)): a path, or an abstract name that starts with <c>@</c>.</param>
/// <param name="WatchdogInterval">The supervisor wants a sign of life at least this often.</param>
/// <param name="ChannelDescriptor">Our end of the supervisor's channel; see the README's section "channel".</param>
/// <param name="DrainTimeout">How long a drain may take when the stop signal comes without a drain message.</param>
/// <param name="IdleTimeout">How long such a drain leaves idle connections open.</param>
internal sealed record WorkerEnvironment(
    int SocketCount,
    string? NotifyAddress,
    TimeSpan? WatchdogInterval,
    int? ChannelDescriptor,
    TimeSpan? DrainTimeout,
    TimeSpan? IdleTimeout)
{
    private const string ChannelVariable = "ZD_CHANNEL_FD";
    private const int FirstSocket = 3;

    private static readonly Lazy<WorkerEnvironment?> Current = new(ReadAndSecure);

    public static WorkerEnvironment? OfThisProcess => Current.Value;

    public IEnumerable<int> SocketDescriptors => Enumerable.Range(FirstSocket, SocketCount);

    internal static WorkerEnvironment? Read(Func<string, string?> variable, int pid)
    {
        bool Names(string name) => Number(variable(name)) == pid;

        var listens = Names("LISTEN_PID");
        if (!listens && !Names("SYSTEMD_EXEC_PID"))
        {
            return null;
        }

        var sockets = listens ? (int)(Number(variable("LISTEN_FDS")) ?? 0) : 0;
        var channel = Number(variable(ChannelVariable));
        if (sockets <= 0 && channel is null && variable("ZD_APP") is null)
        {
            return null; // a plain systemd service without sockets: none of our business
        }

        var watchdogPid = Number(variable("WATCHDOG_PID"));
        return new WorkerEnvironment(
            Math.Max(0, sockets),
            variable("NOTIFY_SOCKET"),
            watchdogPid is null || watchdogPid == pid ? Scaled("WATCHDOG_USEC", TimeSpan.TicksPerMicrosecond) : null,
            (int?)channel,
            Scaled("ZD_DRAIN_TIMEOUT_MS", TimeSpan.TicksPerMillisecond),
            Scaled("ZD_IDLE_TIMEOUT_MS", TimeSpan.TicksPerMillisecond));

        TimeSpan? Scaled(string name, long ticks) => Number(variable(name)) is { } n ? TimeSpan.FromTicks(n * ticks) : null;
    }

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n <= int.MaxValue * 1000L ? n : null;

    private static WorkerEnvironment? ReadAndSecure()
    {
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var environment = Read(Environment.GetEnvironmentVariable, Environment.ProcessId);
        if (environment?.ChannelDescriptor is { } channel)
        {
            // Descriptors and variables are inherited by default; this one is between the supervisor and us.
            CloseOnExec.Set(channel);
            Environment.SetEnvironmentVariable(ChannelVariable, null);
        }

        return environment;
    }
}
