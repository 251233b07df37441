namespace ZeroDown.Core.Apps;

/// <summary>When a worker counts as ready; <c>worker-contract.md</c>, "Ready". Never "the pid exists".</summary>
public sealed record ReadyRule
{
    public ReadySign Sign { get; init; } = ReadySign.Settled;

    /// <summary>How long a worker of a roll may take to get ready, and how long a start waits for it.</summary>
    public TimeSpan ListenTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a worker must have lived before it counts, whatever its sign is. It may make the wait longer than <see cref="ListenTimeout"/>.
    /// Null: 1 s where nothing listens (3 s for a newcomer of a roll), and 250 ms after the sign where there is one.</summary>
    public TimeSpan? MinReady { get; init; }
}

/// <summary>What is taken as the sign that a worker is ready.</summary>
public enum ReadySign
{
    /// <summary>No listener and no word: the program listens on a port of its own, or has lived for <see cref="ReadyRule.MinReady"/>.</summary>
    Settled,

    /// <summary>A process of the worker watches every declared listener (epoll, or a thread in accept, poll, select). In a Node
    /// cluster: it says that it listens on as many addresses as its predecessor did.</summary>
    Listening,

    /// <summary><c>wait_ready: true</c>: the worker says so; one that only listens counts at the deadline, with a warning.</summary>
    Spoken,

    /// <summary><c>wait_ready: strict</c>: the worker says so, or it has failed.</summary>
    SpokenStrict,
}

/// <summary>What happens when a worker exits without having been asked; pm2's options with pm2's meaning, but per slot.</summary>
public sealed record RestartRule
{
    public bool Autorestart { get; init; } = true;

    /// <summary>A shorter life counts as a crash; a longer one resets the count.</summary>
    public TimeSpan MinUptime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Crashes in a row that make the slot errored; 0: the first.</summary>
    public int MaxRestarts { get; init; } = 16;

    /// <summary>Fixed pause before a restart.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>First pause of a growing one: ×1.5 per crash, at most 15 s, jitter derived from the worker's id.</summary>
    public TimeSpan? BackoffDelay { get; init; }

    /// <summary>Exit codes after which the slot stays stopped.</summary>
    public EquatableArray<int> StopExitCodes { get; init; } = [];
}

/// <summary>How a worker is asked to leave, and how long it may take.</summary>
public sealed record StopRule
{
    /// <summary>Name as in signal(7), with the SIG prefix: <c>SIGTERM</c>.</summary>
    public string Signal { get; init; } = "SIGTERM";

    /// <summary>Instead of the signal, the text <c>shutdown</c> goes over the worker's channel, where there is one.</summary>
    public bool ByMessage { get; init; }

    /// <summary>From the stop signal to SIGKILL for the whole group, once nothing is open any more.</summary>
    public TimeSpan KillTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long open connections (in stop and restart: requests in flight) may go on.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>pm2's treekill. False: SIGKILL goes to the worker alone, and what it has started lives on.</summary>
    public bool WholeTree { get; init; } = true;
}

/// <summary>How a reload goes about it.</summary>
public sealed record ReloadRule
{
    /// <summary>How many workers above <see cref="AppSpec.Instances"/> a roll may use; null: a whole generation at once.</summary>
    public int? Surge { get; init; }

    /// <summary>False: the old worker of a slot ends before the new one starts. True: they always run side by side, where the sockets are ours. Null: side by
    /// side, and an automatic restart whose new worker died so stops the old one first at its second try.</summary>
    public bool? Overlap { get; init; }
}
