namespace ZeroDown.Protocol;

/// <summary>An app on the wire and in the state file: <c>AppSpec</c> in plain values. Durations in milliseconds.</summary>
public sealed record AppDefinition
{
    public required string Name { get; init; }

    public string Namespace { get; init; } = "default";

    public required string Script { get; init; }

    public required string Program { get; init; }

    public string[] Arguments { get; init; } = [];

    public string Interpreter { get; init; } = "none";

    public string[] ScriptArguments { get; init; } = [];

    public string[] InterpreterArguments { get; init; } = [];

    public required string WorkingDirectory { get; init; }

    public Dictionary<string, string> Environment { get; init; } = [];

    public string[] DeclaredVariables { get; init; } = [];

    public string InstanceVariable { get; init; } = "NODE_APP_INSTANCE";

    public string? IncrementVariable { get; init; }

    public int Instances { get; init; } = 1;

    public ListenDefinition[] Listen { get; init; } = [];

    /// <summary><c>fork</c> or <c>cluster</c>.</summary>
    public string ExecMode { get; init; } = "fork";

    /// <summary><c>settled</c>, <c>listening</c>, <c>spoken</c> or <c>spokenStrict</c>.</summary>
    public string ReadySign { get; init; } = "settled";

    public long ListenTimeoutMs { get; init; } = 30_000;

    public bool Autorestart { get; init; } = true;

    public long MinUptimeMs { get; init; } = 1_000;

    public int MaxRestarts { get; init; } = 16;

    public long RestartDelayMs { get; init; }

    public long? BackoffDelayMs { get; init; }

    public int[] StopExitCodes { get; init; } = [];

    public string StopSignal { get; init; } = "SIGTERM";

    public long KillTimeoutMs { get; init; } = 10_000;

    public long DrainTimeoutMs { get; init; } = 30_000;

    public int? Surge { get; init; }

    public bool Autostart { get; init; } = true;

    public bool Inject { get; init; } = true;

    public string? OutFile { get; init; }

    public string? ErrorFile { get; init; }

    public bool MergeLogs { get; init; }
}

/// <summary>One listener on the wire.</summary>
public sealed record ListenDefinition
{
    /// <summary>IP address without brackets; null for a unix socket.</summary>
    public string? Host { get; init; }

    public int Port { get; init; }

    public bool DualStack { get; init; }

    /// <summary>Absolute path of a unix socket; null for TCP.</summary>
    public string? Path { get; init; }

    public int? Mode { get; init; }

    public required string Name { get; init; }

    public int Backlog { get; init; } = 511;
}
