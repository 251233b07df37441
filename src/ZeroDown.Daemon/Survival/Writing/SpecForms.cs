using ZeroDown.Core.Apps;

namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>
/// Forms of what is asked of an app. Nothing is left out for being as by default: a spec says what was asked for when it was
/// read, also when a later version has another default.
/// </summary>
internal static class SpecForms
{
    public static readonly Form<ListenerAddress> Address = new CaseForm<ListenerAddress>()
        .Or("tcp", new RecordForm<ListenerAddress.Tcp>(new(null!, 0))
            .Must("address", PlainForms.Address, tcp => tcp.Address, (tcp, value) => tcp with { Address = value })
            .Must("port", PlainForms.Int, tcp => tcp.Port, (tcp, value) => tcp with { Port = value })
            .May("dualStack", PlainForms.Bool, tcp => tcp.DualStack, (tcp, value) => tcp with { DualStack = value }))
        .Or("unix", new RecordForm<ListenerAddress.Unix>(new(null!))
            .Must("path", PlainForms.Text, unix => unix.Path, (unix, value) => unix with { Path = value })
            .May("mode", PlainForms.Int.OrNothing(), unix => unix.Mode, (unix, value) => unix with { Mode = value }))
        .Or("udp", new RecordForm<ListenerAddress.Udp>(new(null!, 0))
            .Must("address", PlainForms.Address, udp => udp.Address, (udp, value) => udp with { Address = value })
            .Must("port", PlainForms.Int, udp => udp.Port, (udp, value) => udp with { Port = value })
            .May("dualStack", PlainForms.Bool, udp => udp.DualStack, (udp, value) => udp with { DualStack = value })
            .May("reuse", PlainForms.Bool, udp => udp.Reuse, (udp, value) => udp with { Reuse = value }))
        .Or("chosen", new RecordForm<ListenerAddress.Chosen>(new(default, 0, null!))
            .Must("app", PlainForms.AppName, chosen => chosen.App, (chosen, value) => chosen with { App = value })
            .Must("index", PlainForms.Int, chosen => chosen.Index, (chosen, value) => chosen with { Index = value })
            .Must("from", new LaterForm<ListenerAddress>(() => Address!), chosen => chosen.From, (chosen, value) => chosen with { From = value }));

    public static readonly Form<ListenerSpec> Listener = new RecordForm<ListenerSpec>(new(null!, null!), sparse: false)
        .Must("address", Address, spec => spec.Address, (spec, value) => spec with { Address = value })
        .Must("name", PlainForms.Text, spec => spec.Name, (spec, value) => spec with { Name = value })
        .May("backlog", PlainForms.Int, spec => spec.Backlog, (spec, value) => spec with { Backlog = value });

    private static readonly Form<EquatableArray<string>> Texts = PlainForms.Text.InEquatableArray();

    private static readonly Form<EnvironmentVariable> Variable = new RecordForm<EnvironmentVariable>(default, sparse: false)
        .Must("name", PlainForms.Text, variable => variable.Name, (variable, value) => variable with { Name = value })
        .Must("value", PlainForms.Text, variable => variable.Value, (variable, value) => variable with { Value = value });

    private static readonly Form<ShellFilter> Filter = new RecordForm<ShellFilter>(new(), sparse: false)
        .May("everything", PlainForms.Bool, filter => filter.Everything, (filter, value) => filter with { Everything = value })
        .May("names", Texts, filter => filter.Names, (filter, value) => filter with { Names = value })
        .May("parts", Texts, filter => filter.Parts, (filter, value) => filter with { Parts = value });

    private static readonly Form<RunAs> RunAs = new RecordForm<RunAs>(new() { Name = null!, UserId = 0, GroupId = 0 }, sparse: false)
        .Must("name", PlainForms.Text, who => who.Name, (who, value) => who with { Name = value })
        .Must("userId", PlainForms.UInt, who => who.UserId, (who, value) => who with { UserId = value })
        .Must("groupId", PlainForms.UInt, who => who.GroupId, (who, value) => who with { GroupId = value })
        .May("groups", PlainForms.UInt.InEquatableArray(), who => who.Groups, (who, value) => who with { Groups = value });

    private static readonly Form<LaunchSpec> Launch = new RecordForm<LaunchSpec>(new() { Script = null!, Program = null!, WorkingDirectory = null! }, sparse: false)
        .Must("script", PlainForms.Text, spec => spec.Script, (spec, value) => spec with { Script = value })
        .Must("program", PlainForms.Text, spec => spec.Program, (spec, value) => spec with { Program = value })
        .May("arguments", Texts, spec => spec.Arguments, (spec, value) => spec with { Arguments = value })
        .May("interpreter", PlainForms.Text, spec => spec.Interpreter, (spec, value) => spec with { Interpreter = value })
        .May("scriptArguments", Texts, spec => spec.ScriptArguments, (spec, value) => spec with { ScriptArguments = value })
        .May("interpreterArguments", Texts, spec => spec.InterpreterArguments, (spec, value) => spec with { InterpreterArguments = value })
        .May("runtime", PlainForms.Enum<Runtime>(), spec => spec.Runtime, (spec, value) => spec with { Runtime = value })
        .Must("workingDirectory", PlainForms.Text, spec => spec.WorkingDirectory, (spec, value) => spec with { WorkingDirectory = value })
        .May("runAs", RunAs.OrNull(), spec => spec.RunAs, (spec, value) => spec with { RunAs = value })
        .May("version", PlainForms.Text.OrNull(), spec => spec.Version, (spec, value) => spec with { Version = value })
        .May("nodeVersion", PlainForms.Text.OrNull(), spec => spec.NodeVersion, (spec, value) => spec with { NodeVersion = value })
        .May("environment", Variable.InEquatableArray(), spec => spec.Environment, (spec, value) => spec with { Environment = value })
        .May("declaredVariables", Texts, spec => spec.DeclaredVariables, (spec, value) => spec with { DeclaredVariables = value })
        .May("shellFilter", Filter, spec => spec.ShellFilter, (spec, value) => spec with { ShellFilter = value })
        .May("instanceVariable", PlainForms.Text, spec => spec.InstanceVariable, (spec, value) => spec with { InstanceVariable = value })
        .May("incrementVariable", PlainForms.Text.OrNull(), spec => spec.IncrementVariable, (spec, value) => spec with { IncrementVariable = value });

    private static readonly Form<ReadyRule> Ready = new RecordForm<ReadyRule>(new(), sparse: false)
        .May("sign", PlainForms.Enum<ReadySign>(), rule => rule.Sign, (rule, value) => rule with { Sign = value })
        .May("listenTimeout", PlainForms.Duration, rule => rule.ListenTimeout, (rule, value) => rule with { ListenTimeout = value })
        .May("minReady", PlainForms.Duration.OrNothing(), rule => rule.MinReady, (rule, value) => rule with { MinReady = value });

    private static readonly Form<RestartRule> Restart = new RecordForm<RestartRule>(new(), sparse: false)
        .May("autorestart", PlainForms.Bool, rule => rule.Autorestart, (rule, value) => rule with { Autorestart = value })
        .May("minUptime", PlainForms.Duration, rule => rule.MinUptime, (rule, value) => rule with { MinUptime = value })
        .May("maxRestarts", PlainForms.Int, rule => rule.MaxRestarts, (rule, value) => rule with { MaxRestarts = value })
        .May("delay", PlainForms.Duration, rule => rule.Delay, (rule, value) => rule with { Delay = value })
        .May("backoffDelay", PlainForms.Duration.OrNothing(), rule => rule.BackoffDelay, (rule, value) => rule with { BackoffDelay = value })
        .May("stopExitCodes", PlainForms.Int.InEquatableArray(), rule => rule.StopExitCodes, (rule, value) => rule with { StopExitCodes = value });

    private static readonly Form<StopRule> Stop = new RecordForm<StopRule>(new(), sparse: false)
        .May("signal", PlainForms.Text, rule => rule.Signal, (rule, value) => rule with { Signal = value })
        .May("byMessage", PlainForms.Bool, rule => rule.ByMessage, (rule, value) => rule with { ByMessage = value })
        .May("killTimeout", PlainForms.Duration, rule => rule.KillTimeout, (rule, value) => rule with { KillTimeout = value })
        .May("drainTimeout", PlainForms.Duration, rule => rule.DrainTimeout, (rule, value) => rule with { DrainTimeout = value })
        .May("wholeTree", PlainForms.Bool, rule => rule.WholeTree, (rule, value) => rule with { WholeTree = value });

    private static readonly Form<ReloadRule> Reload = new RecordForm<ReloadRule>(new(), sparse: false)
        .May("surge", PlainForms.Int.OrNothing(), rule => rule.Surge, (rule, value) => rule with { Surge = value })
        .May("overlap", PlainForms.Bool.OrNothing(), rule => rule.Overlap, (rule, value) => rule with { Overlap = value });

    private static readonly Form<LogSpec> Log = new RecordForm<LogSpec>(new(), sparse: false)
        .May("outFile", PlainForms.Text.OrNull(), log => log.OutFile, (log, value) => log with { OutFile = value })
        .May("errorFile", PlainForms.Text.OrNull(), log => log.ErrorFile, (log, value) => log with { ErrorFile = value })
        .May("combinedFile", PlainForms.Text.OrNull(), log => log.CombinedFile, (log, value) => log with { CombinedFile = value })
        .May("merge", PlainForms.Bool, log => log.Merge, (log, value) => log with { Merge = value })
        .May("disabled", PlainForms.Bool, log => log.Disabled, (log, value) => log with { Disabled = value })
        .May("json", PlainForms.Bool, log => log.Json, (log, value) => log with { Json = value })
        .May("dateFormat", PlainForms.Text.OrNull(), log => log.DateFormat, (log, value) => log with { DateFormat = value })
        .May("pidFile", PlainForms.Text.OrNull(), log => log.PidFile, (log, value) => log with { PidFile = value });

    private static readonly Form<WatchRule> Watch = new RecordForm<WatchRule>(new(), sparse: false)
        .May("enabled", PlainForms.Bool, rule => rule.Enabled, (rule, value) => rule with { Enabled = value })
        .May("paths", Texts, rule => rule.Paths, (rule, value) => rule with { Paths = value })
        .May("ignore", Texts, rule => rule.Ignore, (rule, value) => rule with { Ignore = value })
        .May("delay", PlainForms.Duration, rule => rule.Delay, (rule, value) => rule with { Delay = value })
        .May("depth", PlainForms.Int.OrNothing(), rule => rule.Depth, (rule, value) => rule with { Depth = value })
        .May("followLinks", PlainForms.Bool, rule => rule.FollowLinks, (rule, value) => rule with { FollowLinks = value });

    private static readonly Form<UpkeepRule> Upkeep = new RecordForm<UpkeepRule>(new(), sparse: false)
        .May("maxMemoryBytes", PlainForms.Long.OrNothing(), rule => rule.MaxMemoryBytes, (rule, value) => rule with { MaxMemoryBytes = value })
        .May("cron", PlainForms.Text.OrNull(), rule => rule.Cron, (rule, value) => rule with { Cron = value })
        .May("watch", Watch.OrNull(), rule => rule.Watch, (rule, value) => rule with { Watch = value });

    public static readonly Form<AppSpec> App = new RecordForm<AppSpec>(new() { Name = default, Launch = null! }, sparse: false)
        .Must("name", PlainForms.AppName, spec => spec.Name, (spec, value) => spec with { Name = value })
        .May("namespace", PlainForms.Text, spec => spec.Namespace, (spec, value) => spec with { Namespace = value })
        .Must("launch", Launch, spec => spec.Launch, (spec, value) => spec with { Launch = value })
        .May("instances", PlainForms.Int, spec => spec.Instances, (spec, value) => spec with { Instances = value })
        .May("listen", Listener.InEquatableArray(), spec => spec.Listen, (spec, value) => spec with { Listen = value })
        .May("execMode", PlainForms.Enum<ExecMode>(), spec => spec.ExecMode, (spec, value) => spec with { ExecMode = value })
        .May("clusterImplied", PlainForms.Bool, spec => spec.ClusterImplied, (spec, value) => spec with { ClusterImplied = value })
        .May("ready", Ready, spec => spec.Ready, (spec, value) => spec with { Ready = value })
        .May("restart", Restart, spec => spec.Restart, (spec, value) => spec with { Restart = value })
        .May("stop", Stop, spec => spec.Stop, (spec, value) => spec with { Stop = value })
        .May("reload", Reload, spec => spec.Reload, (spec, value) => spec with { Reload = value })
        .May("log", Log, spec => spec.Log, (spec, value) => spec with { Log = value })
        .May("upkeep", Upkeep, spec => spec.Upkeep, (spec, value) => spec with { Upkeep = value })
        .May("postUpdate", Texts, spec => spec.PostUpdate, (spec, value) => spec with { PostUpdate = value })
        .May("autostart", PlainForms.Bool, spec => spec.Autostart, (spec, value) => spec with { Autostart = value })
        .May("inject", PlainForms.Bool, spec => spec.Inject, (spec, value) => spec with { Inject = value });
}
