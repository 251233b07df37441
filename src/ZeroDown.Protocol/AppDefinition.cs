namespace ZeroDown.Protocol;

/// <summary>An app on the wire and in the state file: <c>AppSpec</c> in plain values. Durations in milliseconds.</summary>
public sealed record AppDefinition
{
    public required string Name { get; init; }

    public string Namespace { get; set; } = "default";

    public required string Script { get; init; }

    public required string Program { get; init; }

    /// <summary>Null: as whom the daemon runs.</summary>
    public RunAsDefinition? RunAs { get; set; }

    public string[] Arguments { get; set; } = [];

    public string Interpreter { get; set; } = "none";

    /// <summary><c>node</c>: it gets Node's channel. <c>other</c>: it does not.</summary>
    public string Runtime { get; set; } = "other";

    public string[] ScriptArguments { get; set; } = [];

    public string[] InterpreterArguments { get; set; } = [];

    public required string WorkingDirectory { get; init; }

    public string? Version { get; set; }

    public string? NodeVersion { get; set; }

    public Dictionary<string, string> Environment { get; set; } = [];

    public string[] DeclaredVariables { get; set; } = [];

    /// <summary>What of the user's shell the workers do not get; null: nothing is held back.</summary>
    public ShellFilterDefinition? ShellFilter { get; set; }

    public string InstanceVariable { get; set; } = "NODE_APP_INSTANCE";

    public string? IncrementVariable { get; set; }

    public int Instances { get; set; } = 1;

    public ListenDefinition[] Listen { get; set; } = [];

    /// <summary><c>fork</c> or <c>cluster</c>.</summary>
    public string ExecMode { get; set; } = "fork";

    /// <summary>Cluster mode follows from <c>instances</c> alone; nobody asked for it.</summary>
    public bool ClusterImplied { get; set; }

    /// <summary><c>settled</c>, <c>listening</c>, <c>spoken</c> or <c>spokenStrict</c>.</summary>
    public string ReadySign { get; set; } = "settled";

    public long ListenTimeoutMs { get; set; } = 30_000;

    /// <summary>Null: the defaults, which differ between a start and a reload.</summary>
    public long? MinReadyMs { get; set; }

    public bool Autorestart { get; set; } = true;

    public long MinUptimeMs { get; set; } = 1_000;

    public int MaxRestarts { get; set; } = 16;

    public long RestartDelayMs { get; set; }

    public long? BackoffDelayMs { get; set; }

    public int[] StopExitCodes { get; set; } = [];

    public string StopSignal { get; set; } = "SIGTERM";

    /// <summary>The text <c>shutdown</c> over the Node channel instead of the signal.</summary>
    public bool StopByMessage { get; set; }

    public long KillTimeoutMs { get; set; } = 10_000;

    public long DrainTimeoutMs { get; set; } = 30_000;

    public int? Surge { get; set; }

    /// <summary>Null: auto.</summary>
    public bool? Overlap { get; set; }

    public bool Autostart { get; set; } = true;

    public bool Inject { get; set; } = true;

    /// <summary>Command lines that <c>zd pull</c> runs before it reloads.</summary>
    public string[] PostUpdate { get; set; } = [];

    public string? OutFile { get; set; }

    public string? ErrorFile { get; set; }

    /// <summary>One more file with both streams; empty for its default name, null for none.</summary>
    public string? LogFile { get; set; }

    public bool MergeLogs { get; set; }

    public bool DisableLogs { get; set; }

    /// <summary>pm2's <c>log_type: json</c>.</summary>
    public bool JsonLogs { get; set; }

    /// <summary>In the letters of moment and day.js.</summary>
    public string? LogDateFormat { get; set; }

    /// <summary>Absolute; null for the default.</summary>
    public string? PidFile { get; set; }

    /// <summary>Null: only commands and exits replace its workers.</summary>
    public UpkeepDefinition? Upkeep { get; set; }

    /// <summary>pm2's treekill.</summary>
    public bool WholeTree { get; set; } = true;
}

/// <summary>A filter of shell variables on the wire.</summary>
public sealed record ShellFilterDefinition
{
    public bool Everything { get; set; }

    public string[] Names { get; set; } = [];

    public string[] Parts { get; set; } = [];
}

/// <summary>As whom a worker runs.</summary>
public sealed record RunAsDefinition
{
    public required string Name { get; init; }

    public required uint UserId { get; init; }

    public required uint GroupId { get; init; }

    public uint[] Groups { get; set; } = [];
}

/// <summary>One listener on the wire.</summary>
public sealed record ListenDefinition
{
    /// <summary>IP address without brackets; null for a unix socket.</summary>
    public string? Host { get; set; }

    public int Port { get; set; }

    public bool DualStack { get; set; }

    /// <summary>Absolute path of a unix socket; null for TCP.</summary>
    public string? Path { get; set; }

    public int? Mode { get; set; }

    public required string Name { get; init; }

    public int Backlog { get; set; } = 511;
}
