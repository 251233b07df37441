using System.Net;
using ZeroDown.Core.Apps;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Rpc;

/// <summary>
/// Between a spec and its plain form on the wire and in the state file. The two are separate on purpose: Core knows
/// nothing of JSON, and the wire may stand still while Core moves.
/// </summary>
public static class AppDefinitions
{
    /// <summary>Workers of one app.</summary>
    public const int MostInstances = 1024;

    public static AppDefinition FromSpec(AppSpec spec) => new()
    {
        Name = spec.Name.Value,
        Namespace = spec.Namespace,
        Script = spec.Launch.Script,
        Program = spec.Launch.Program,
        RunAs = spec.Launch.RunAs is { } user
            ? new RunAsDefinition { Name = user.Name, UserId = user.UserId, GroupId = user.GroupId, Groups = [.. user.Groups] }
            : null,
        Arguments = [.. spec.Launch.Arguments],
        Interpreter = spec.Launch.Interpreter,
        Runtime = spec.Launch.Runtime == Runtime.Node ? "node" : "other",
        ScriptArguments = [.. spec.Launch.ScriptArguments],
        InterpreterArguments = [.. spec.Launch.InterpreterArguments],
        WorkingDirectory = spec.Launch.WorkingDirectory,
        Version = spec.Launch.Version,
        NodeVersion = spec.Launch.NodeVersion,
        Environment = spec.Launch.Environment.ToDictionary(variable => variable.Name, variable => variable.Value),
        DeclaredVariables = [.. spec.Launch.DeclaredVariables],
        ShellFilter = spec.Launch.ShellFilter == new ShellFilter() ? null : new ShellFilterDefinition
        {
            Everything = spec.Launch.ShellFilter.Everything,
            Names = [.. spec.Launch.ShellFilter.Names],
            Parts = [.. spec.Launch.ShellFilter.Parts],
        },
        InstanceVariable = spec.Launch.InstanceVariable,
        IncrementVariable = spec.Launch.IncrementVariable,
        Instances = spec.Instances,
        Listen = [.. spec.Listen.Select(FromListener)],
        ExecMode = spec.ExecMode == ExecMode.Cluster ? "cluster" : "fork",
        ClusterImplied = spec.ClusterImplied,
        ReadySign = spec.Ready.Sign switch
        {
            ReadySign.Settled => "settled",
            ReadySign.Listening => "listening",
            ReadySign.Spoken => "spoken",
            ReadySign.SpokenStrict => "spokenStrict",
            _ => throw new ArgumentOutOfRangeException(nameof(spec)),
        },
        ListenTimeoutMs = Milliseconds(spec.Ready.ListenTimeout),
        MinReadyMs = spec.Ready.MinReady is { } minReady ? Milliseconds(minReady) : null,
        Autorestart = spec.Restart.Autorestart,
        MinUptimeMs = Milliseconds(spec.Restart.MinUptime),
        MaxRestarts = spec.Restart.MaxRestarts,
        RestartDelayMs = Milliseconds(spec.Restart.Delay),
        BackoffDelayMs = spec.Restart.BackoffDelay is { } backoff ? Milliseconds(backoff) : null,
        StopExitCodes = [.. spec.Restart.StopExitCodes],
        StopSignal = spec.Stop.Signal,
        StopByMessage = spec.Stop.ByMessage,
        KillTimeoutMs = Milliseconds(spec.Stop.KillTimeout),
        DrainTimeoutMs = Milliseconds(spec.Stop.DrainTimeout),
        Surge = spec.Reload.Surge,
        Overlap = spec.Reload.Overlap,
        Autostart = spec.Autostart,
        Inject = spec.Inject,
        PostUpdate = [.. spec.PostUpdate],
        OutFile = spec.Log.OutFile,
        ErrorFile = spec.Log.ErrorFile,
        LogFile = spec.Log.CombinedFile,
        MergeLogs = spec.Log.Merge,
        DisableLogs = spec.Log.Disabled,
        JsonLogs = spec.Log.Json,
        LogDateFormat = spec.Log.DateFormat,
        PidFile = spec.Log.PidFile,
        Upkeep = UpkeepDefinitions.FromRule(spec.Upkeep),
        WholeTree = spec.Stop.WholeTree,
    };

    /// <summary>The spec that a definition means.</summary>
    /// <exception cref="FormatException">It comes from a foreign client and makes no sense; the message says what.</exception>
    public static AppSpec ToSpec(AppDefinition definition)
    {
        DefinitionRules.Check(definition);
        return Translate(definition);
    }

    private static AppSpec Translate(AppDefinition definition) => new()
    {
        Name = new AppName(Text(definition.Name, "name")),
        Namespace = Text(definition.Namespace, "namespace"),
        Launch = new LaunchSpec
        {
            Script = Text(definition.Script, "script"),
            Program = AbsolutePath(definition.Program, "program"),
            RunAs = definition.RunAs is { } user
                ? new RunAs { Name = user.Name, UserId = user.UserId, GroupId = user.GroupId, Groups = user.Groups.ToEquatableArray() }
                : null,
            Arguments = definition.Arguments.ToEquatableArray(),
            Interpreter = definition.Interpreter,
            Runtime = definition.Runtime switch
            {
                "node" => Runtime.Node,
                "other" => Runtime.Other,
                _ => throw new FormatException($"runtime is \"{definition.Runtime}\"; it can be node or other"),
            },
            ScriptArguments = definition.ScriptArguments.ToEquatableArray(),
            InterpreterArguments = definition.InterpreterArguments.ToEquatableArray(),
            WorkingDirectory = AbsolutePath(definition.WorkingDirectory, "workingDirectory"),
            Version = definition.Version,
            NodeVersion = definition.NodeVersion,
            Environment = definition.Environment
                .OrderBy(variable => variable.Key, StringComparer.Ordinal)
                .Select(variable => new EnvironmentVariable(variable.Key, variable.Value))
                .ToEquatableArray(),
            DeclaredVariables = definition.DeclaredVariables.ToEquatableArray(),
            ShellFilter = definition.ShellFilter is { } filter
                ? new ShellFilter { Everything = filter.Everything, Names = filter.Names.ToEquatableArray(), Parts = filter.Parts.ToEquatableArray() }
                : new ShellFilter(),
            InstanceVariable = Text(definition.InstanceVariable, "instanceVariable"),
            IncrementVariable = definition.IncrementVariable,
        },
        Instances = Between(definition.Instances, 1, MostInstances, "instances"),
        Listen = definition.Listen.Select(ToListener).ToEquatableArray(),
        ExecMode = definition.ExecMode switch
        {
            "cluster" => ExecMode.Cluster,
            "fork" => ExecMode.Fork,
            _ => throw new FormatException($"execMode is \"{definition.ExecMode}\"; it can be fork or cluster"),
        },
        ClusterImplied = definition.ClusterImplied,
        Ready = new ReadyRule
        {
            Sign = definition.ReadySign switch
            {
                "settled" => ReadySign.Settled,
                "listening" => ReadySign.Listening,
                "spoken" => ReadySign.Spoken,
                "spokenStrict" => ReadySign.SpokenStrict,
                _ => throw new FormatException($"readySign is \"{definition.ReadySign}\"; it can be settled, listening, spoken or spokenStrict"),
            },
            ListenTimeout = Duration(definition.ListenTimeoutMs, "listenTimeoutMs"),
            MinReady = definition.MinReadyMs is { } minReady ? Duration(minReady, "minReadyMs") : null,
        },
        Restart = new RestartRule
        {
            Autorestart = definition.Autorestart,
            MinUptime = Duration(definition.MinUptimeMs, "minUptimeMs"),
            MaxRestarts = Between(definition.MaxRestarts, 0, int.MaxValue, "maxRestarts"),
            Delay = Duration(definition.RestartDelayMs, "restartDelayMs"),
            BackoffDelay = definition.BackoffDelayMs is { } backoff ? Duration(backoff, "backoffDelayMs") : null,
            StopExitCodes = definition.StopExitCodes.ToEquatableArray(),
        },
        Stop = new StopRule
        {
            Signal = StopSignal(definition.StopSignal),
            ByMessage = definition.StopByMessage,
            KillTimeout = Duration(definition.KillTimeoutMs, "killTimeoutMs"),
            DrainTimeout = Duration(definition.DrainTimeoutMs, "drainTimeoutMs"),
            WholeTree = definition.WholeTree,
        },
        Reload = new ReloadRule
        {
            Surge = definition.Surge is { } surge ? Between(surge, 1, int.MaxValue, "surge") : null,
            Overlap = definition.Overlap,
        },
        Log = new LogSpec
        {
            OutFile = definition.OutFile,
            ErrorFile = definition.ErrorFile,
            CombinedFile = definition.LogFile,
            Merge = definition.MergeLogs,
            Disabled = definition.DisableLogs,
            Json = definition.JsonLogs,
            DateFormat = definition.LogDateFormat,
            PidFile = definition.PidFile is { } pidFile ? AbsolutePath(pidFile, "pidFile") : null,
        },
        Upkeep = UpkeepDefinitions.ToRule(definition.Upkeep),
        Autostart = definition.Autostart,
        Inject = definition.Inject,
        PostUpdate = definition.PostUpdate.ToEquatableArray(),
    };

    private static ListenDefinition FromListener(ListenerSpec listener) => listener.Address switch
    {
        ListenerAddress.Tcp tcp => new ListenDefinition
        {
            Host = tcp.Address.ToString(),
            Port = tcp.Port,
            DualStack = tcp.DualStack,
            Name = listener.Name,
            Backlog = listener.Backlog,
        },
        ListenerAddress.Unix unix => new ListenDefinition
        {
            Path = unix.Path,
            Mode = unix.Mode,
            Name = listener.Name,
            Backlog = listener.Backlog,
        },
        _ => throw new ArgumentOutOfRangeException(nameof(listener)),
    };

    private static ListenerSpec ToListener(ListenDefinition listener)
    {
        ListenerAddress address;
        if (listener.Path is { } path)
            address = new ListenerAddress.Unix(AbsolutePath(path, "listen.path"), listener.Mode);
        else if (IPAddress.TryParse(listener.Host, out var ip))
            address = new ListenerAddress.Tcp(ip, Between(listener.Port, 0, 65535, "listen.port"), listener.DualStack);
        else
            throw new FormatException($"listen.host is \"{listener.Host}\"; it must be an IP address");

        return new ListenerSpec(address, listener.Name, Between(listener.Backlog, 1, 1_000_000, "listen.backlog"));
    }

    internal static long Milliseconds(TimeSpan duration) => (long)duration.TotalMilliseconds;

    internal static TimeSpan Duration(long milliseconds, string name) =>
        milliseconds is >= 0 and <= 1000L * 60 * 60 * 24 * 365
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw new FormatException($"{name} is {milliseconds}; it must be between 0 and a year");

    internal static int Between(int value, int low, int high, string name) =>
        value >= low && value <= high ? value : throw new FormatException($"{name} is {value}; it must be between {low} and {high}");

    private static string Text(string value, string name) =>
        string.IsNullOrEmpty(value) ? throw new FormatException($"{name} is empty") : value;

    private static string StopSignal(string value) =>
        Signals.TryParse(Text(value, "stopSignal"), out _) ? value : throw new FormatException($"stopSignal is \"{value}\", which is no signal of this system; write it as SIGTERM, term or 15");

    internal static string AbsolutePath(string value, string name) =>
        Path.IsPathFullyQualified(value) ? value : throw new FormatException($"{name} is \"{value}\"; it must be an absolute path");
}
