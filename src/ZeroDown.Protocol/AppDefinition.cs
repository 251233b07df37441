namespace ZeroDown.Protocol;

/// <summary>An app on the wire and in the state file: <c>AppSpec</c> in plain values. Durations in milliseconds.</summary>
public sealed record AppDefinition
{
    public required string Name { get; init; }

    public string Namespace { get; set; } = "default";

    public required string Script { get; init; }

    public required string Program { get; init; }

    public string[] Arguments { get; set; } = [];

    public string Interpreter { get; set; } = "none";

    /// <summary><c>node</c>: it gets Node's channel. <c>other</c>: it does not.</summary>
    public string Runtime { get; set; } = "other";

    public string[] ScriptArguments { get; set; } = [];

    public string[] InterpreterArguments { get; set; } = [];

    public required string WorkingDirectory { get; init; }

    public Dictionary<string, string> Environment { get; set; } = [];

    public string[] DeclaredVariables { get; set; } = [];

    public string InstanceVariable { get; set; } = "NODE_APP_INSTANCE";

    public string? IncrementVariable { get; set; }

    public int Instances { get; set; } = 1;

    public ListenDefinition[] Listen { get; set; } = [];

    /// <summary><c>fork</c> or <c>cluster</c>.</summary>
    public string ExecMode { get; set; } = "fork";

    /// <summary><c>settled</c>, <c>listening</c>, <c>spoken</c> or <c>spokenStrict</c>.</summary>
    public string ReadySign { get; set; } = "settled";

    public long ListenTimeoutMs { get; set; } = 30_000;

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

    public bool Autostart { get; set; } = true;

    public bool Inject { get; set; } = true;

    public string? OutFile { get; set; }

    public string? ErrorFile { get; set; }

    public bool MergeLogs { get; set; }
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
