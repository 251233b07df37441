using System.Globalization;

namespace ZeroDown.Platform;

/// <summary>What a worker told its supervisor: lines of KEY=VALUE, as sd_notify(3) defines them. Unknown keys and unreadable values are ignored.</summary>
/// <param name="Ready">READY=1: it can take traffic.</param>
/// <param name="Stopping">STOPPING=1: it is on its way out.</param>
/// <param name="Reloading">RELOADING=1: it reads its configuration anew.</param>
/// <param name="Status">STATUS=: one line for people.</param>
/// <param name="ExtendTimeout">EXTEND_TIMEOUT_USEC=: whatever it is doing may take this much longer from now.</param>
/// <param name="Watchdog">WATCHDOG=1: it is alive.</param>
/// <param name="WatchdogTrigger">WATCHDOG=trigger: it asks to be treated as if the watchdog had run out.</param>
/// <param name="WatchdogTimeout">WATCHDOG_USEC=: its new watchdog time.</param>
/// <param name="MainPid">MAINPID=: the process that matters.</param>
/// <param name="ErrorNumber">ERRNO=: why it fails.</param>
/// <param name="Barrier">BARRIER=1: it waits until we have dealt with everything before this.</param>
public sealed record NotifyMessage(
    bool Ready = false,
    bool Stopping = false,
    bool Reloading = false,
    string? Status = null,
    TimeSpan? ExtendTimeout = null,
    bool Watchdog = false,
    bool WatchdogTrigger = false,
    TimeSpan? WatchdogTimeout = null,
    int? MainPid = null,
    int? ErrorNumber = null,
    bool Barrier = false)
{
    private const long TicksPerMicrosecond = TimeSpan.TicksPerMillisecond / 1000;

    public static NotifyMessage Parse(string text)
    {
        var message = new NotifyMessage();
        foreach (var line in text.Split('\n'))
        {
            var equals = line.IndexOf('=');
            if (equals > 0)
            {
                message = message.With(line[..equals], line[(equals + 1)..]);
            }
        }

        return message;
    }

    private NotifyMessage With(string key, string value) => (key, value) switch
    {
        ("READY", "1") => this with { Ready = true },
        ("STOPPING", "1") => this with { Stopping = true },
        ("RELOADING", "1") => this with { Reloading = true },
        ("STATUS", _) => this with { Status = value },
        ("EXTEND_TIMEOUT_USEC", _) => this with { ExtendTimeout = Microseconds(value) ?? ExtendTimeout },
        ("WATCHDOG", "1") => this with { Watchdog = true },
        ("WATCHDOG", "trigger") => this with { WatchdogTrigger = true },
        ("WATCHDOG_USEC", _) => this with { WatchdogTimeout = Microseconds(value) ?? WatchdogTimeout },
        ("MAINPID", _) => this with { MainPid = Number(value) is > 0 and var pid ? pid : MainPid },
        ("ERRNO", _) => this with { ErrorNumber = Number(value) ?? ErrorNumber },
        ("BARRIER", "1") => this with { Barrier = true },
        _ => this,
    };

    private static int? Number(string value) => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>"Infinite" is written as the largest 64-bit number; it becomes the longest time there is.</summary>
    private static TimeSpan? Microseconds(string value) => ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
        ? microseconds < (ulong)(TimeSpan.MaxValue.Ticks / TicksPerMicrosecond) ? TimeSpan.FromTicks((long)microseconds * TicksPerMicrosecond) : TimeSpan.MaxValue
        : null;
}
