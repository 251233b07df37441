namespace ZeroDown.AspNetCore;

/// <summary>
/// This process as the supervisor sees it: its drain and its two lines to the outside. One per process even when the program builds several
/// hosts, because the descriptors exist once. Knows nothing of ASP.NET Core, which a host without a web server may not have at all.
/// </summary>
internal sealed class Worker
{
    private static readonly Lazy<Worker?> Current = new(() => WorkerEnvironment.OfThisProcess is { } e ? new Worker(e) : null);

    private readonly object _lock = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _ready;

    public Worker(WorkerEnvironment environment)
    {
        Environment = environment;
        Notify = environment.NotifyAddress is { Length: > 0 } address ? new NotifySocket(address) : null;
        if (environment.ChannelDescriptor is { } descriptor)
        {
            var channel = new SupervisorChannel(descriptor);
            Drain.Progress = channel.SayDraining;
            _ = Drain.Over.ContinueWith(_ => channel.SayDrained(), TaskScheduler.Default);
            channel.SayHello();
            _ = channel.ListenAsync(Drain.Start);
        }
    }

    public static Worker? OfThisProcess => Current.Value;

    public WorkerEnvironment Environment { get; }

    public Drain Drain { get; } = new();

    public NotifySocket? Notify { get; }

    /// <summary>Completes when the host has started.</summary>
    public Task Started => _started.Task;

    /// <summary>The host has started: everything is bound, and the supervisor may send traffic.</summary>
    public void SayReady()
    {
        _started.TrySetResult();
        lock (_lock)
        {
            if (_ready)
            {
                return;
            }

            _ready = true;
        }

        Notify?.Say("READY=1");
        if (Notify is { } notify && Environment.WatchdogInterval is { } interval && interval > TimeSpan.Zero)
        {
            _ = PingAsync(notify, interval / 2);
        }
    }

    // From the thread pool on purpose: a worker whose pool is stuck answers nobody, and the missing ping says so.
    private static async Task PingAsync(NotifySocket notify, TimeSpan every)
    {
        using var timer = new PeriodicTimer(every);
        do
        {
            notify.Say("WATCHDOG=1");
        }
        while (await timer.WaitForNextTickAsync());
    }
}
