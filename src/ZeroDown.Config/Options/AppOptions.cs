using System.Collections.Frozen;
using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Config;

/// <summary>
/// The option table: pm2's names, aliases and units where an option is pm2's. A row says what it takes and puts the checked
/// value into the draft; nothing here looks at a second option.
/// </summary>
public static class AppOptions
{
    private static readonly TimeSpan NoMinimum = TimeSpan.Zero;

    public static ImmutableArray<AppOption> All { get; } =
    [
        Text("name", [], null, "what the app is called; default: the script's file name without its ending", (d, v) => d.Name = v),
        Word("name_prefix", [], null, "stands before the name, with a colon: prefix:name", (d, v) => d.NamePrefix = v),
        Flag("append_env_to_name", [], "false", "true: with --env NAME the app is called name-NAME, so that environments can stand side by side", (d, v) => d.AppendEnvironment = v),
        Word("namespace", [], "default", "a group of apps that verbs can name together", (d, v) => d.Namespace = v),
        Word("script", ["exec", "cmd", "command"], null, "a file, a program on PATH, a command line, or a .csproj or .cs that is built first", (d, v) => d.Script = v),
        Words("args", [], "the script's arguments: a list, or one text that is split as a shell does it", (d, v) => d.Arguments = v),
        Word("cwd", [], null, "the working directory; default: the file's folder", (d, v) => d.WorkingDirectory = v),
        Word("interpreter", ["exec_interpreter"], null, "what runs the script; 'none' executes it; default: by its ending", (d, v) => d.Interpreter = v),
        Words("interpreter_args", ["node_args"], "the interpreter's own arguments", (d, v) => d.InterpreterArguments = v),
        new("instances", [], "number | max", "1", "how many workers; 0 and max: one per CPU; -1: one CPU is left free", Instances),
        new("exec_mode", [], "fork | cluster", "fork", "cluster: the workers share a socket that outlives them; 'listen' implies it, for Node 'instances' too", ExecModes),
        Flag("execute_command", [], "false", "true: the same as exec_mode: fork", (d, v) => d.ExecuteCommand = v),
        Flag("source_map_support", [], "true", "Node: stack traces name the sources of compiled files; false: --no-enable-source-maps", (d, v) => d.SourceMaps = v),
        Flag("disable_source_map_support", [], "false", "true: the same as source_map_support: false, whatever that says", (d, v) => d.NoSourceMaps = v),
        new("listen", [], "address | list", null, "addresses that stay open across restarts: host:port, [::]:port (IPv6), :port (both), unix:/path", Listen),
        new("env", [], "mapping", null, "variables for the worker, over those of the shell", (n, d, r) => Environment(n, r, v => d.Environment = v)),
        new("filter_env", [], "true | name | list", "false", "variables of the shell that the worker does not get. true: none of them; a name: this one; a list: all whose name contains one of these", FilterEnvironment),
        Number("port", [], 0, 65535, null, "sets the variable PORT", (d, v) => d.Port = v),
        Word("instance_var", [], "NODE_APP_INSTANCE", "the variable that tells a worker its slot", (d, v) => d.InstanceVariable = v),
        Word("increment_var", [], null, "a variable whose number grows by one per slot", (d, v) => d.IncrementVariable = v),
        new("wait_ready", [], "true | false | strict", "false", "a worker counts when it says so; true: listening counts too, at listen_timeout", WaitReady),
        Duration("listen_timeout", [], 1, "30s", "how long a new worker may take to get ready", (d, v) => d.ListenTimeout = v),
        Duration("min_ready", [], 0, "1s; 3s in a reload; 250ms after it listens or says so", "how long a worker must have lived to count as ready; 0: no wait", (d, v) => d.MinReady = v),
        Duration("drain_timeout", [], 0, "30s", "how long an old worker may keep open connections", (d, v) => d.DrainTimeout = v),
        Duration("kill_timeout", [], 0, "10s", "from the stop signal to SIGKILL", (d, v) => d.KillTimeout = v),
        new("kill_signal", ["stop_signal"], "signal", "SIGTERM, for Node SIGINT", "the signal that asks a worker to stop", KillSignal),
        Flag("shutdown_with_message", [], "false", "Node: the message 'shutdown' instead of the stop signal", (d, v) => d.ShutdownWithMessage = v),
        Flag("treekill", [], "true", "false: at the end of kill_timeout only the worker itself is killed, not what it has started", (d, v) => d.WholeTree = v),
        Flag("autorestart", [], "true", "start again what exits by itself", (d, v) => d.Autorestart = v),
        Flag("autostart", [], "true", "false: registered as stopped", (d, v) => d.Autostart = v),
        Duration("min_uptime", [], 100, "1s", "a shorter life is a crash", (d, v) => d.MinUptime = v),
        Number("max_restarts", [], 0, int.MaxValue, "16", "crashes in a row until the app is errored; 0: the first", (d, v) => d.MaxRestarts = v),
        Duration("restart_delay", [], 0, "0", "a fixed pause before a restart", (d, v) => d.RestartDelay = v),
        Duration("exp_backoff_restart_delay", [], 0, null, "the first pause of a growing one", (d, v) => d.BackoffDelay = v),
        new("stop_exit_codes", [], "number | list", null, "exit codes after which the app stays stopped", StopExitCodes),
        new("reload", [], "mapping", null, "surge: how many workers above 'instances' a reload may use; default: as many as there are. overlap: whether an old and a new worker of one instance may run at once", Reload),
        Number("surge", [], 1, int.MaxValue, null, "the same as reload.surge", (d, v) => d.Surge = v),
        new("overlap", [], "auto | true | false", "auto", "the same as reload.overlap. false: the old worker ends before the new one starts; auto: only an automatic restart after one whose new worker died", Overlap),
        Flag("inject", [], "true", "false: no drain library goes into an unchanged ASP.NET Core or Node program", (d, v) => d.Inject = v),
        Text("out_file", ["out", "output", "out_log"], null, "where stdout goes; NULL or /dev/null: nowhere", (d, v) => d.OutFile = v),
        Text("error_file", ["error", "err", "err_file", "err_log"], null, "where stderr goes; NULL or /dev/null: nowhere", (d, v) => d.ErrorFile = v),
        Flag("merge_logs", ["combine_logs"], "false", "one log file for all instances", (d, v) => d.MergeLogs = v),
        new("post_update", [], "text | list", null, "command lines that `zd pull` runs in the working directory before it reloads", PostUpdate),
        .. LogOptions.All,
        .. UpkeepOptions.All,
        .. UserOptions.All,
        .. Pm2Service.Options,
        .. WithoutEffect.Options,
    ];

    private static readonly FrozenDictionary<string, AppOption> BySpelling =
        All.SelectMany(o => o.Spellings.Select(s => (s, o))).ToFrozenDictionary(p => p.s, p => p.o, StringComparer.Ordinal);

    /// <summary>By name or alias, in snake or camel case.</summary>
    public static AppOption? Find(string spelling) => BySpelling.GetValueOrDefault(spelling);

    /// <summary>The nearest spelling to one that does not exist, of equally near ones that of the same style.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="most">How many letters it may be away.</param>
    public static string? DidYouMean(string typed, int most = int.MaxValue)
    {
        var isCamel = typed.Any(char.IsAsciiLetterUpper);
        return Nearest.Hint(typed, BySpelling.Keys.OrderBy(s => s.Any(char.IsAsciiLetterUpper) != isCamel).ThenBy(s => s, StringComparer.Ordinal), most);
    }

    internal static void Environment(ConfigNode node, ValueReader reader, Action<Setting<ImmutableArray<KeyValuePair<string, string>>>> set)
    {
        if (node is not MappingNode mapping)
        {
            reader.Wrong(node, "a mapping of variables");
            return;
        }

        var variables = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var (key, value, _) in mapping.Entries)
        {
            if (key.Value.Length == 0 || key.Value.Contains('=') || key.Value.Contains('\0'))
                reader.Fail(key, $"'{Printable.Short(key.Value)}' is no name of a variable");
            else if (value is ScalarNode { IsNull: true })
                variables.Add(new(key.Value, ""));
            else if (value is ScalarNode ? reader.Text(value, out var text) : JsonText.TryWrite(value, reader, out text))
                variables.Add(new(key.Value, text));
        }

        set(new(variables.ToImmutable(), node.Place));
    }

    internal static AppOption Text(string name, ImmutableArray<string> aliases, string? standard, string meaning, Action<AppDraft, Setting<string>> set) =>
        new(name, aliases, "text", standard, meaning, (n, d, r) =>
        {
            if (r.Text(n, out var value))
                set(d, new(value, n.Place));
        });

    internal static AppOption Word(string name, ImmutableArray<string> aliases, string? standard, string meaning, Action<AppDraft, Setting<string>> set) =>
        new(name, aliases, "text", standard, meaning, (n, d, r) =>
        {
            if (r.Word(n, out var value))
                set(d, new(value, n.Place));
        });

    internal static AppOption Words(string name, ImmutableArray<string> aliases, string meaning, Action<AppDraft, Setting<ImmutableArray<string>>> set) =>
        new(name, aliases, "text | list", null, meaning, (n, d, r) =>
        {
            if (r.Words(n, out var value))
                set(d, new(value, n.Place));
        });

    internal static AppOption Flag(string name, ImmutableArray<string> aliases, string standard, string meaning, Action<AppDraft, Setting<bool>> set) =>
        new(name, aliases, "true | false", standard, meaning, (n, d, r) =>
        {
            if (r.Flag(n, out var value))
                set(d, new(value, n.Place));
        });

    internal static AppOption Number(string name, ImmutableArray<string> aliases, int min, int max, string? standard, string meaning, Action<AppDraft, Setting<int>> set) =>
        new(name, aliases, "number", standard, meaning, (n, d, r) =>
        {
            if (r.Number(n, min, max, out var value))
                set(d, new(value, n.Place));
        });

    internal static AppOption Duration(string name, ImmutableArray<string> aliases, int minMs, string? standard, string meaning, Action<AppDraft, Setting<TimeSpan>> set) =>
        new(name, aliases, "duration", standard, meaning, (n, d, r) =>
        {
            if (r.Duration(n, minMs == 0 ? NoMinimum : TimeSpan.FromMilliseconds(minMs), out var value))
                set(d, new(value, n.Place));
        });

    private static void Instances(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        const int most = 10_000;
        if (reader.IsPm2File && Pm2Instances.Of(node, reader) is { } meant)
            node = meant;
        if (node is not ScalarNode)
            reader.Wrong(node, "a number or 'max'");
        else if (!reader.Text(node, out var text))
            return;
        else if (text.Equals("max", StringComparison.OrdinalIgnoreCase))
            draft.Instances = new(reader.Context.ProcessorCount, node.Place);
        else if (text.Length == 0 || text.AsSpan(text[0] == '-' ? 1 : 0).ContainsAnyExceptInRange('0', '9') || text == "-")
            reader.Wrong(node, "a number or 'max'");
        else if (reader.Number(node, int.MinValue, most, out var number))
            draft.Instances = new(number > 0 ? number : Math.Max(1, reader.Context.ProcessorCount + number), node.Place);
    }

    private static void ExecModes(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (!reader.Word(node, out var text))
            return;
        switch (text)
        {
            case "fork" or "fork_mode":
                draft.ExecMode = new(ExecMode.Fork, node.Place);
                break;
            case "cluster" or "cluster_mode":
                draft.ExecMode = new(ExecMode.Cluster, node.Place);
                break;
            default:
                reader.Fail(node, $"expected fork or cluster, got {node.Kind}", Nearest.Hint(text, ["fork", "cluster"]));
                break;
        }
    }

    private static void WaitReady(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (node is ScalarNode { Value: "strict" })
            draft.WaitReady = new(ReadyWord.Strict, node.Place);
        else if (node is not ScalarNode { Value: var text } || text.ToLowerInvariant() is not ("true" or "false") && !text.Contains('$'))
            reader.Wrong(node, "true, false or strict");
        else if (reader.Flag(node, out var value))
            draft.WaitReady = new(value ? ReadyWord.Yes : ReadyWord.No, node.Place);
    }

    private static void KillSignal(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (!reader.Word(node, out var text))
            return;
        if (Signals.Canonical(text) is { } signal)
            draft.KillSignal = new(signal, node.Place);
        else
            reader.Fail(node, $"'{Printable.Short(text)}' is no signal that ends a program", Nearest.Hint(text, Signals.Names) ?? "SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 are the usual ones");
    }

    private static void FilterEnvironment(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (node is MappingNode)
            reader.Wrong(node, "true, a name or a list of parts of names");
        else if (node is ScalarNode { Value: "true" or "false" } word)
            draft.ShellFilter = new(new ShellFilter { Everything = word.Value == "true" }, node.Place);
        else if (node is ScalarNode && reader.Word(node, out var name))
            draft.ShellFilter = new(new ShellFilter { Names = [name] }, node.Place);
        else if (node is SequenceNode list)
            draft.ShellFilter = new(new ShellFilter { Parts = list.Items.Select(i => reader.Word(i, out var part) ? part : null).OfType<string>().ToEquatableArray() }, node.Place);
    }

    private static void StopExitCodes(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        var codes = ImmutableArray.CreateBuilder<int>();
        foreach (var item in ValueReader.OneOrMany(node))
        {
            if (reader.Number(item, 0, 255, out var code) && !codes.Contains(code))
                codes.Add(code);
        }

        draft.StopExitCodes = new(codes.ToImmutable(), node.Place);
    }

    private static void PostUpdate(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        var lines = ImmutableArray.CreateBuilder<string>();
        foreach (var item in ValueReader.OneOrMany(node))
        {
            if (reader.Word(item, out var line))
                lines.Add(line);
        }

        draft.PostUpdate = new(lines.ToImmutable(), node.Place);
    }

    private static void Reload(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (node is not MappingNode mapping)
        {
            reader.Wrong(node, "a mapping with 'surge' or 'overlap'");
            return;
        }

        foreach (var (key, value, _) in mapping.Entries)
        {
            if (key.Value is not ("surge" or "overlap"))
                reader.Fail(key, $"unknown key '{Printable.Short(key.Value)}' in reload", Nearest.Hint(key.Value, ["surge", "overlap"]));
            else if (value is ScalarNode { IsNull: true })
                continue;
            else if (key.Value == "overlap")
                Overlap(value, draft, reader);
            else if (reader.Number(value, 1, int.MaxValue, out var surge))
                draft.Surge = new(surge, value.Place);
        }
    }

    private static void Overlap(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        if (node is ScalarNode { Value: "auto" })
            draft.Overlap = new(null, node.Place);
        else if (node is not ScalarNode { Value: var text } || (text.ToLowerInvariant() is not ("true" or "false") && !text.Contains('$')))
            reader.Wrong(node, "auto, true or false");
        else if (reader.Flag(node, out var value))
            draft.Overlap = new(value, node.Place);
    }

    private static void Listen(ConfigNode node, AppDraft draft, ValueReader reader)
    {
        var listeners = ImmutableArray.CreateBuilder<ListenDraft>();
        foreach (var item in ValueReader.OneOrMany(node))
        {
            if (ListenEntry.Read(item, reader) is { } listener)
                listeners.Add(listener);
        }

        draft.Listen = new(listeners.ToImmutable(), node.Place);
    }
}
