using System.Collections.Frozen;
using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Config;

/// <summary>
/// Flags at a verb that names an app which is known already: <c>zd restart api --kill-timeout 5s</c>. The flags are read as those of a
/// start of the same script are, so they mean the same and are checked alike; then only what they say is carried over. A flag with
/// the value <c>null</c> puts the option back to its default.
/// </summary>
public static class SpecChange
{
    private const string Nothing = "null";

    /// <summary>What an option carries over, from a fresh reading to the spec that is known.</summary>
    private static readonly FrozenDictionary<string, Func<AppSpec, AppSpec, AppSpec>> Rows = new Dictionary<string, Func<AppSpec, AppSpec, AppSpec>>
    {
        ["namespace"] = (it, read) => it with { Namespace = read.Namespace },
        ["args"] = (it, read) => it with { Launch = WithWords(it.Launch, it.Launch.InterpreterArguments, read.Launch.ScriptArguments) },
        ["interpreter_args"] = (it, read) => it with { Launch = WithWords(it.Launch, read.Launch.InterpreterArguments, it.Launch.ScriptArguments) },
        ["source_map_support"] = WithSourceMaps,
        ["disable_source_map_support"] = WithSourceMaps,
        ["filter_env"] = (it, read) => it with { Launch = Filtered(it.Launch, read.Launch.ShellFilter) },
        ["max_memory_restart"] = (it, read) => it with { Upkeep = it.Upkeep with { MaxMemoryBytes = read.Upkeep.MaxMemoryBytes } },
        ["cron_restart"] = (it, read) => it with { Upkeep = it.Upkeep with { Cron = read.Upkeep.Cron } },
        ["watch"] = (it, read) => Watching(it, read.Upkeep.Watch is { } rule ? Known(it) with { Enabled = rule.Enabled, Paths = rule.Paths } : null),
        ["ignore_watch"] = (it, read) => Watching(it, Known(it) with { Ignore = (read.Upkeep.Watch ?? new WatchRule()).Ignore }),
        ["watch_delay"] = (it, read) => Watching(it, Known(it) with { Delay = (read.Upkeep.Watch ?? new WatchRule()).Delay }),
        ["treekill"] = (it, read) => it with { Stop = it.Stop with { WholeTree = read.Stop.WholeTree } },
        ["cwd"] = (it, read) => it with { Launch = it.Launch with { WorkingDirectory = read.Launch.WorkingDirectory } },
        ["interpreter"] = (it, read) => it with
        {
            Launch = it.Launch with { Program = read.Launch.Program, Arguments = read.Launch.Arguments, Interpreter = read.Launch.Interpreter },
        },
        ["instances"] = (it, read) => it with { Instances = read.Instances },
        // A listener is what makes the workers share a socket, whatever the mode is called.
        ["exec_mode"] = (it, read) => it.Listen.Count > 0 ? it : it with { ExecMode = read.ExecMode, ClusterImplied = read.ClusterImplied, Ready = it.Ready with { Sign = Sign(it, read, it.Listen) } },
        ["listen"] = (it, read) => it with { Listen = read.Listen, ExecMode = read.ExecMode, ClusterImplied = read.ClusterImplied, Ready = it.Ready with { Sign = Sign(it, read, read.Listen) } },
        ["wait_ready"] = (it, read) => it with
        {
            Ready = it.Ready with { Sign = IsSpoken(read) ? read.Ready.Sign : it.Listen.Count > 0 ? ReadySign.Listening : read.Ready.Sign },
        },
        ["listen_timeout"] = (it, read) => it with { Ready = it.Ready with { ListenTimeout = read.Ready.ListenTimeout } },
        ["min_ready"] = (it, read) => it with { Ready = it.Ready with { MinReady = read.Ready.MinReady } },
        ["drain_timeout"] = (it, read) => it with { Stop = it.Stop with { DrainTimeout = read.Stop.DrainTimeout } },
        ["kill_timeout"] = (it, read) => it with { Stop = it.Stop with { KillTimeout = read.Stop.KillTimeout } },
        ["shutdown_with_message"] = (it, read) => it with { Stop = it.Stop with { ByMessage = read.Stop.ByMessage } },
        ["kill_signal"] = (it, read) => it with { Stop = it.Stop with { Signal = read.Stop.Signal } },
        ["autorestart"] = (it, read) => it with { Restart = it.Restart with { Autorestart = read.Restart.Autorestart } },
        ["min_uptime"] = (it, read) => it with { Restart = it.Restart with { MinUptime = read.Restart.MinUptime } },
        ["max_restarts"] = (it, read) => it with { Restart = it.Restart with { MaxRestarts = read.Restart.MaxRestarts } },
        ["restart_delay"] = (it, read) => it with { Restart = it.Restart with { Delay = read.Restart.Delay } },
        ["exp_backoff_restart_delay"] = (it, read) => it with { Restart = it.Restart with { BackoffDelay = read.Restart.BackoffDelay } },
        ["stop_exit_codes"] = (it, read) => it with { Restart = it.Restart with { StopExitCodes = read.Restart.StopExitCodes } },
        ["surge"] = (it, read) => it with { Reload = it.Reload with { Surge = read.Reload.Surge } },
        ["overlap"] = (it, read) => it with { Reload = it.Reload with { Overlap = read.Reload.Overlap } },
        ["autostart"] = (it, read) => it with { Autostart = read.Autostart },
        ["inject"] = (it, read) => it with { Inject = read.Inject },
        ["out_file"] = (it, read) => it with { Log = it.Log with { OutFile = read.Log.OutFile } },
        ["error_file"] = (it, read) => it with { Log = it.Log with { ErrorFile = read.Log.ErrorFile } },
        ["log_file"] = (it, read) => it with { Log = it.Log with { CombinedFile = read.Log.CombinedFile } },
        ["log_date_format"] = (it, read) => it with { Log = it.Log with { DateFormat = read.Log.DateFormat } },
        ["time"] = (it, read) => it with { Log = it.Log with { DateFormat = read.Log.DateFormat } },
        ["log_type"] = (it, read) => it with { Log = it.Log with { Json = read.Log.Json } },
        ["disable_logs"] = (it, read) => it with { Log = it.Log with { Disabled = read.Log.Disabled } },
        ["pid_file"] = (it, read) => it with { Log = it.Log with { PidFile = read.Log.PidFile } },
        ["merge_logs"] = (it, read) => it with { Log = it.Log with { Merge = read.Log.Merge } },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>True for an option that can be changed by a flag while its app is known.</summary>
    public static bool Knows(string option) => AppOptions.Find(option) is { } known && Rows.ContainsKey(known.Name);

    /// <summary>What the app is to become.</summary>
    /// <param name="running">What it is.</param>
    /// <param name="options">The flags.</param>
    /// <param name="arguments">What stands behind <c>--</c>; empty: the script keeps its arguments.</param>
    /// <param name="context">The user's shell; relative paths start at its current directory.</param>
    public static ConfigResult Apply(AppSpec running, IReadOnlyList<GivenOption> options, IReadOnlyList<string> arguments, ReadContext context)
    {
        ImmutableArray<GivenOption> set = [.. options.Where(option => option.Values is not [Nothing])];
        var read = Read(running, set, arguments, context);
        if (read.HasErrors)
            return read;
        var standard = set.Length == options.Count ? read : Read(running, [], [], context, knownWatch: false);
        var spec = running;
        foreach (var option in options)
        {
            if (Rows.GetValueOrDefault(AppOptions.Find(option.Option)?.Name ?? "") is { } carry)
                spec = carry(spec, (set.Contains(option) ? read : standard).Apps[0].Spec);
        }

        if (arguments.Count > 0)
            spec = Rows["args"](spec, read.Apps[0].Spec);
        return read with { Apps = [new ConfiguredApp { Spec = spec }] };
    }

    /// <summary>The same script, read anew with these flags.</summary>
    private static ConfigResult Read(AppSpec running, ImmutableArray<GivenOption> options, IReadOnlyList<string> arguments, ReadContext context, bool knownWatch = true)
    {
        var launch = running.Launch;
        context = context with { Overrides = [], Only = [], EnvironmentName = null };
        // Flags for paths start where the user stands; the script stands where it did.
        ImmutableArray<GivenOption> seed = options.Any(option => AppOptions.Find(option.Option)?.Name == "cwd") ? [] : [new("cwd", "", launch.WorkingDirectory)];
        // How to watch can be said apart from what is watched; it is read together.
        if (knownWatch)
            seed = seed.Add(running.Upkeep.Watch is { Enabled: true } watch ? new("watch", "", watch.Paths.Items) : new("watch", "", "false"));
        // Its arguments say what some runners run (tsx, ts-node).
        arguments = arguments.Count > 0 ? arguments : launch.ScriptArguments.Items;
        var byEnding = EcosystemFile.FromCommandLine(launch.Script, arguments, [.. seed, .. options], context);
        // What a build has made is recorded with how that is executed, which nobody has asked for.
        if (byEnding.Apps is [{ Project: not null }] && launch.Interpreter is ("none" or "dotnet"))
            return byEnding;
        return byEnding.Apps is not [{ Spec.Launch.Interpreter: var natural }] || natural == launch.Interpreter || options.Any(IsInterpreter)
            ? byEnding
            : EcosystemFile.FromCommandLine(launch.Script, arguments, [.. seed, new("interpreter", "", launch.Interpreter), .. options], context);
    }

    private static bool IsInterpreter(GivenOption option) => AppOptions.Find(option.Option)?.Name == "interpreter";

    /// <summary>Between the two kinds of arguments may stand the script, or what a build made of it.</summary>
    private static LaunchSpec WithWords(LaunchSpec launch, EquatableArray<string> interpreterArguments, EquatableArray<string> scriptArguments)
    {
        var between = launch.Arguments.Items[launch.InterpreterArguments.Count..^launch.ScriptArguments.Count];
        return launch with
        {
            Arguments = [.. interpreterArguments, .. between, .. scriptArguments],
            InterpreterArguments = interpreterArguments,
            ScriptArguments = scriptArguments,
        };
    }

    /// <summary>The option is an argument of Node's, which stands among the others.</summary>
    private static AppSpec WithSourceMaps(AppSpec it, AppSpec read)
    {
        var others = it.Launch.InterpreterArguments.Where(argument => !SourceMaps.IsArgument(argument));
        var wanted = read.Launch.InterpreterArguments.Where(SourceMaps.IsArgument);
        return it with { Launch = WithWords(it.Launch, [.. wanted, .. others], it.Launch.ScriptArguments) };
    }

    /// <summary>What was recorded already goes too; what is held back no longer comes with <c>--update-env</c>.</summary>
    private static LaunchSpec Filtered(LaunchSpec launch, ShellFilter filter) => launch with
    {
        ShellFilter = filter,
        Environment = launch.Environment.Where(variable => launch.DeclaredVariables.Contains(variable.Name) || !filter.Drops(variable.Name)).ToEquatableArray(),
    };

    private static AppSpec Watching(AppSpec it, WatchRule? rule) => it with { Upkeep = it.Upkeep with { Watch = rule } };

    /// <summary>How files are watched, or would be if they were.</summary>
    private static WatchRule Known(AppSpec it) => it.Upkeep.Watch ?? new WatchRule { Enabled = false, Paths = [it.Launch.WorkingDirectory] };

    private static ReadySign Sign(AppSpec it, AppSpec read, EquatableArray<ListenerSpec> listeners) =>
        IsSpoken(it) ? it.Ready.Sign : listeners.Count > 0 ? ReadySign.Listening : read.Ready.Sign;

    private static bool IsSpoken(AppSpec spec) => spec.Ready.Sign is ReadySign.Spoken or ReadySign.SpokenStrict;
}
