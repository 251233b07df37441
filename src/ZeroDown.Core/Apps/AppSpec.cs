namespace ZeroDown.Core.Apps;

/// <summary>
/// Everything that is asked of one app, resolved: paths are absolute, variables are expanded, defaults are filled in.
/// A spec is a value: two equal specs need no roll. Whoever reads an ecosystem file produces it (Config), whoever
/// supervises only reads it. Keys and defaults follow <c>behaviour.md</c>.
/// </summary>
public sealed record AppSpec
{
    public required AppName Name { get; init; }

    public string Namespace { get; init; } = "default";

    public required LaunchSpec Launch { get; init; }

    /// <summary>How many workers are asked for; at least 1. Negative numbers and <c>max</c> are resolved before.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>Addresses that the daemon binds for the app, in the order in which the worker finds them from fd 3 on.</summary>
    public EquatableArray<ListenerSpec> Listen { get; init; } = [];

    public ExecMode ExecMode { get; init; } = ExecMode.Fork;

    /// <summary>Nobody asked for cluster mode: as in pm2, it follows from <c>instances</c> alone. So with one instance it does not mean that the app serves.</summary>
    public bool ClusterImplied { get; init; }

    public ReadyRule Ready { get; init; } = new();

    public RestartRule Restart { get; init; } = new();

    public StopRule Stop { get; init; } = new();

    public ReloadRule Reload { get; init; } = new();

    public LogSpec Log { get; init; } = new();

    public UpkeepRule Upkeep { get; init; } = new();

    /// <summary>False: the app is registered as stopped and waits for <c>zd start name</c>.</summary>
    public bool Autostart { get; init; } = true;

    /// <summary>False turns off the injection of our drain library into an unchanged ASP.NET Core or Node program.</summary>
    public bool Inject { get; init; } = true;

    /// <summary>Command lines for after a move of the app's repository; run by <c>zd pull</c>, never by the daemon.</summary>
    public EquatableArray<string> PostUpdate { get; init; } = [];

    /// <summary>The daemon is the primary of a Node cluster, and the app's workers ask it for their listening sockets.</summary>
    public bool IsNodeCluster => ExecMode == ExecMode.Cluster && Launch.Runtime == Runtime.Node;
}

/// <summary>pm2's two modes. Cluster: the workers share a listening socket that outlives them.</summary>
public enum ExecMode
{
    Fork,
    Cluster,
}

/// <summary>What executes the program, as far as we speak its language.</summary>
public enum Runtime
{
    /// <summary>Anything: systemd's protocols.</summary>
    Other,

    /// <summary>Node, and Bun in fork mode: it also gets a channel as <c>child_process.fork</c> makes it.</summary>
    Node,
}

/// <summary>How the program is started.</summary>
public sealed record LaunchSpec
{
    /// <summary>What the user named, as an absolute path or a program name; shown, and the target of <c>zd restart script</c>.</summary>
    public required string Script { get; init; }

    /// <summary>Absolute path of what is executed: the interpreter if there is one, else the script itself.</summary>
    public required string Program { get; init; }

    /// <summary>argv[1..]: interpreter arguments, the script, the script's arguments.</summary>
    public EquatableArray<string> Arguments { get; init; } = [];

    /// <summary>Name of the interpreter as shown, <c>none</c> when the script is executed itself.</summary>
    public string Interpreter { get; init; } = "none";

    /// <summary>The script's own arguments, a part of <see cref="Arguments"/>; shown by describe and jlist.</summary>
    public EquatableArray<string> ScriptArguments { get; init; } = [];

    /// <summary>The interpreter's arguments, a part of <see cref="Arguments"/>; shown by describe and jlist.</summary>
    public EquatableArray<string> InterpreterArguments { get; init; } = [];

    public Runtime Runtime { get; init; } = Runtime.Other;

    public required string WorkingDirectory { get; init; }

    /// <summary>Null: as whom the daemon runs.</summary>
    public RunAs? RunAs { get; init; }

    /// <summary>The version that the script's package has of itself; null when there is none. Shown only.</summary>
    public string? Version { get; init; }

    /// <summary>The version of the Node that runs it; null for all else. Shown only.</summary>
    public string? NodeVersion { get; init; }

    /// <summary>The worker's whole environment but for what the daemon adds per worker; ordered by name, ordinal.</summary>
    public EquatableArray<EnvironmentVariable> Environment { get; init; } = [];

    /// <summary>The part of <see cref="Environment"/> that the ecosystem file declares (the rest is the user's shell).</summary>
    public EquatableArray<string> DeclaredVariables { get; init; } = [];

    /// <summary>What of the user's shell is not in <see cref="Environment"/>, and does not come in by <c>--update-env</c>.</summary>
    public ShellFilter ShellFilter { get; init; } = new();

    /// <summary>Name of the variable that holds the slot's number; pm2's <c>instance_var</c>.</summary>
    public string InstanceVariable { get; init; } = "NODE_APP_INSTANCE";

    /// <summary>Name of a variable whose configured number grows by one per slot; pm2's <c>increment_var</c>.</summary>
    public string? IncrementVariable { get; init; }
}

/// <summary>One entry of an environment.</summary>
public readonly record struct EnvironmentVariable(string Name, string Value);

/// <summary>Where a worker's output goes. Paths are absolute; null means the default below the home folder.</summary>
public sealed record LogSpec
{
    public string? OutFile { get; init; }

    public string? ErrorFile { get; init; }

    /// <summary>One more file with both streams; <see cref="DefaultFile"/> for one with a default name, null for none.</summary>
    public string? CombinedFile { get; init; }

    /// <summary>One file for all instances instead of one per slot.</summary>
    public bool Merge { get; init; }

    /// <summary>Nothing is written, and nobody can read along.</summary>
    public bool Disabled { get; init; }

    /// <summary>Each line becomes a JSON object.</summary>
    public bool Json { get; init; }

    /// <summary>A date before each line (in JSON: as its timestamp), in the letters of moment and day.js; null: none.</summary>
    public string? DateFormat { get; init; }

    /// <summary>Where the worker's pid is written; its slot's id is put before the ending. Null: the default below the home folder.</summary>
    public string? PidFile { get; init; }

    /// <summary>Stands for a default name where a path could stand.</summary>
    public const string DefaultFile = "";
}
