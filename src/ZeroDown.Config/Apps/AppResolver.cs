using System.Collections.Immutable;
using System.Globalization;
using ZeroDown.Core.Apps;

namespace ZeroDown.Config;

/// <summary>
/// A draft becomes a spec: values meet each other, defaults that depend on others are chosen, paths become absolute,
/// and the file system is asked whether what is named is there.
/// </summary>
/// <param name="folder">Absolute; of the file, or the current directory. Relative paths start here.</param>
/// <param name="reader">Where problems go, and the user's shell.</param>
internal sealed class AppResolver(string folder, ValueReader reader)
{
    private readonly ReadContext _context = reader.Context;
    private readonly Problems _problems = reader.Problems;

    /// <summary>The app's name, also for a draft that cannot be resolved; null when there is no script to take it from.</summary>
    public static Setting<string>? NameOf(AppDraft draft, ReadContext context)
    {
        if (BaseNameOf(draft) is not { } name)
            return null;
        if (draft.AppendEnvironment is { Value: true } && context.EnvironmentName is { } environment)
            name += "-" + environment;
        if (draft.NamePrefix is { } prefix && !name.Contains(prefix.Value, StringComparison.Ordinal))
            name = $"{prefix.Value}:{name}";
        return new(name, draft.Name?.Place ?? draft.Script!.Value.Place);
    }

    /// <summary>The name before anything is put before or behind it.</summary>
    public static string? BaseNameOf(AppDraft draft) => draft.Name?.Value ?? (draft.Script is { } script ? DefaultName(script.Value) : null);

    /// <summary>Null after a problem was noted.</summary>
    public ConfiguredApp? Resolve(AppDraft draft)
    {
        if (draft.Script is not { } script)
        {
            _problems.Error(draft.Place, "this app has no 'script'", "name a file, a program or a command line");
            return null;
        }

        var name = NameOf(draft, _context)!.Value;
        CheckName(name);
        var cwd = WorkingDirectory(draft);
        var user = new UserResolution(_context.Accounts, _problems).Of(draft);
        var environment = Variables(draft, name.Value, user?.Account, out var declared);
        // PATH and HOME of the shell serve to find the program also where filter_env keeps them from the worker.
        var lookup = new Dictionary<string, string>(_context.Environment);
        foreach (var variable in declared)
            lookup[variable] = environment[variable];
        var program = Program(draft, script, cwd, lookup);
        var listeners = Listeners(draft, name.Value);
        if (program is null || _problems.HasErrors)
            return null;

        var mode = Mode(draft, listeners.Count, program);
        var arguments = (draft.Arguments?.Value ?? [])[program.TakenArguments..];
        var interpreterArguments = InterpreterArguments(draft, program);
        return new ConfiguredApp
        {
            Project = program.Project,
            Spec = new AppSpec
            {
                Name = new AppName(name.Value),
                Namespace = draft.Namespace?.Value ?? "default",
                Launch = new LaunchSpec
                {
                    Script = program.Script,
                    Program = program.Program,
                    Arguments = [.. interpreterArguments, .. program.BeforeArguments, .. arguments],
                    Interpreter = program.Interpreter,
                    ScriptArguments = arguments.ToEquatableArray(),
                    InterpreterArguments = interpreterArguments.ToEquatableArray(),
                    Runtime = program.HasChannel ? Runtime.Node : Runtime.Other,
                    WorkingDirectory = cwd,
                    RunAs = user?.RunAs,
                    Environment = environment.Select(v => new EnvironmentVariable(v.Key, v.Value)).ToEquatableArray(),
                    DeclaredVariables = declared.ToEquatableArray(),
                    ShellFilter = draft.ShellFilter?.Value ?? new ShellFilter(),
                    InstanceVariable = InstanceVariable(draft),
                    IncrementVariable = draft.IncrementVariable?.Value,
                },
                Instances = draft.Instances?.Value ?? 1,
                Listen = listeners,
                ExecMode = mode,
                ClusterImplied = mode == ExecMode.Cluster && draft.ExecMode is null && listeners.Count == 0,
                Ready = Ready(draft, listeners.Count > 0 || (mode == ExecMode.Cluster && program.IsNode)),
                Restart = Restart(draft),
                Stop = Stop(draft, program.HasChannel),
                Reload = new ReloadRule { Surge = draft.Surge?.Value, Overlap = draft.Overlap?.Value },
                Log = Log(draft, cwd, alone: mode == ExecMode.Fork && (draft.Instances?.Value ?? 1) == 1),
                Upkeep = new UpkeepResolution(cwd, Absolute, _problems).Of(draft, program),
                Autostart = draft.Autostart?.Value ?? true,
                Inject = draft.Inject?.Value ?? true,
                PostUpdate = (draft.PostUpdate?.Value ?? []).ToEquatableArray(),
            },
        };
    }

    private ResolvedScript? Program(AppDraft draft, Setting<string> script, string cwd, Dictionary<string, string> variables)
    {
        if (script.Value != StaticSite.Script || File.Exists(Path.Combine(cwd, script.Value)) || !StaticSite.IsMeant(draft, new SearchPath(variables, cwd)))
            return new ScriptResolver(folder, cwd, variables, _problems).Resolve(script, draft.Interpreter, draft.InterpreterArguments?.Value ?? [], draft.Arguments?.Value ?? []);
        draft.Listen ??= new(StaticSite.Listen(draft, variables, _context, _problems), script.Place);
        draft.WaitReady ??= new(ReadyWord.Yes, script.Place);
        // pm2's server is in fork mode, so the files of a single one have no number.
        if (draft is { ExecMode: null } && (draft.Instances?.Value ?? 1) == 1)
            draft.MergeLogs ??= new(true, script.Place);
        return StaticSite.Resolve(draft, variables, cwd, _context, _problems);
    }

    private ImmutableArray<string> InterpreterArguments(AppDraft draft, ResolvedScript program)
    {
        var given = draft.InterpreterArguments?.Value ?? [];
        if (program.Interpreter == ResolvedScript.NoInterpreter)
        {
            if (!given.IsEmpty)
                _problems.Warning(draft.InterpreterArguments!.Value.Place, $"{Path.GetFileName(program.Program)} is executed without an interpreter; interpreter_args are ignored", "put them into 'script' or 'args'");
            given = [];
        }

        return program.IsNode && SourceMaps.Argument(draft) is { } wanted ? [wanted, .. given.Where(argument => !SourceMaps.IsArgument(argument))] : given;
    }

    /// <summary>pm2 lets one variable of the shell rename it for all apps.</summary>
    private string InstanceVariable(AppDraft draft) =>
        _context.Environment.GetValueOrDefault("PM2_PROCESS_INSTANCE_VAR") is { Length: > 0 } forAll ? forAll : draft.InstanceVariable?.Value ?? "NODE_APP_INSTANCE";

    private static string DefaultName(string script)
    {
        // pm2 takes a command line for a path: "node jobs.js --all" is "node jobs". Where that makes no name, its program gives it one.
        if (script.Contains(' ') && Path.GetFileNameWithoutExtension(script) is var whole && whole == whole.Trim() && AppNames.WhyNone(whole) is null)
            return whole;
        var word = script.Contains(' ') && ShellLine.TrySplit(script, out var words) && words.Length > 0 ? words[0] : script;
        var name = Path.GetFileNameWithoutExtension(word.TrimEnd('/'));
        return name.Length > 0 ? name : Path.GetFileName(word);
    }

    private void CheckName(Setting<string> name)
    {
        if (AppNames.WhyNone(name.Value) is var (problem, hint))
            _problems.Error(name.Place, problem, hint);
    }

    private string WorkingDirectory(AppDraft draft)
    {
        if (draft.WorkingDirectory is not { } cwd)
            return folder;
        var path = Absolute(cwd.Value, folder);
        if (File.Exists(path))
            _problems.Error(cwd.Place, $"the cwd {path} is a file", "name the folder that it lies in");
        else if (!Directory.Exists(path))
            _problems.Error(cwd.Place, $"the cwd {path} does not exist", NearestFiles.Hint(path));
        return path;
    }

    /// <summary>Low to high: the shell, <c>deploy.NAME.env</c>, <c>env</c>, <c>port</c>, <c>env_NAME</c>, what <c>zd set</c> keeps. Ordered by name.</summary>
    private SortedDictionary<string, string> Variables(AppDraft draft, string app, Account? account, out IReadOnlyCollection<string> declared)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in _context.Environment)
        {
            if (draft.ShellFilter is not { } filter || !filter.Value.Drops(name))
                all[name] = value;
        }

        var own = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (account is not null)
            (own["HOME"], own["USER"], own["LOGNAME"]) = (account.Home, account.Name, account.Name);
        foreach (var (name, value) in draft.DeployEnvironment?.Value ?? [])
            own[name] = value;
        foreach (var (name, value) in draft.Environment?.Value ?? [])
            own[name] = value;
        if (draft.Port is { } port)
            own["PORT"] = port.Value.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in draft.SelectedEnvironment?.Value ?? [])
            own[name] = value;
        foreach (var (name, value) in _context.Kept(app))
            own[name] = value;
        foreach (var (name, value) in own)
            all[name] = value;
        declared = own.Keys;
        return all;
    }

    private EquatableArray<ListenerSpec> Listeners(AppDraft draft, string app)
    {
        var result = ImmutableArray.CreateBuilder<ListenerSpec>();
        var safeName = string.Concat(app.Select(c => ListenEntry.IsNameCharacter(c) ? c : '-'));
        foreach (var entry in draft.Listen?.Value ?? [])
        {
            var address = entry.Address.Address;
            if (address is ListenerAddress.Unix unix)
            {
                address = unix with { Path = Absolute(unix.Path, folder) };
                if (ListenAddressText.TooLong(((ListenerAddress.Unix)address).Path) is { } tooLong)
                    _problems.Error(entry.Place, tooLong, "choose a shorter one, for example below /run");
            }

            // The app's name and the position, so that a further listener does not rename the first.
            var name = entry.Name ?? $"{safeName}-{result.Count}";
            if (result.Any(l => l.Address == address && address is not ListenerAddress.Tcp { Port: 0 }))
                _problems.Error(entry.Place, $"{address} is listed twice");
            else if (result.Any(l => l.Name == name))
                _problems.Error(entry.Place, $"two listeners are called '{name}'");
            result.Add(new ListenerSpec(address, name, entry.Backlog));
        }

        return new(result.ToImmutable());
    }

    /// <summary>
    /// For Node, cluster means its cluster module; it follows from the mere mention of <c>instances</c>, as in pm2. For other programs
    /// it means that there is a shared socket.
    /// </summary>
    private ExecMode Mode(AppDraft draft, int listeners, ResolvedScript program)
    {
        if (program.IsBun)
        {
            if (draft.ExecMode is { Value: ExecMode.Cluster, Place: var place })
                _problems.Warning(place, "Bun does not take a listening socket from its parent; its workers run in fork mode, each binds for itself", "let the program set reusePort: true, or keep to one instance");
            return ExecMode.Fork;
        }

        if (program.IsWrapper)
        {
            if (draft.ExecMode is { Value: ExecMode.Cluster, Place: var said })
                _problems.Warning(said, $"{Path.GetFileName(program.Script)} starts the program as a process of its own, which cannot share a socket in Node's cluster; it runs in fork mode", "name the program itself as 'script'");
            return ExecMode.Fork;
        }

        if (program.IsNode)
            return draft.ExecMode?.Value ?? (draft.Instances is not null || listeners > 0 ? ExecMode.Cluster : ExecMode.Fork);
        if (listeners > 0)
            return ExecMode.Cluster;
        if (draft.ExecMode is not { Value: ExecMode.Cluster } asked)
            return ExecMode.Fork;
        _problems.Warning(asked.Place, "cluster mode needs 'listen' for a program that is not Node; it runs in fork mode", "for example listen: 127.0.0.1:4000");
        return ExecMode.Fork;
    }

    private static ReadyRule Ready(AppDraft draft, bool listens)
    {
        var rule = new ReadyRule
        {
            MinReady = draft.MinReady?.Value,
            Sign = draft.WaitReady?.Value switch
            {
                ReadyWord.Strict => ReadySign.SpokenStrict,
                ReadyWord.Yes => ReadySign.Spoken,
                _ => listens ? ReadySign.Listening : ReadySign.Settled,
            },
        };
        return draft.ListenTimeout is { } timeout ? rule with { ListenTimeout = timeout.Value } : rule;
    }

    private static RestartRule Restart(AppDraft draft)
    {
        var standard = new RestartRule();
        return new RestartRule
        {
            Autorestart = draft.Autorestart?.Value ?? standard.Autorestart,
            MinUptime = draft.MinUptime?.Value ?? standard.MinUptime,
            MaxRestarts = draft.MaxRestarts?.Value ?? standard.MaxRestarts,
            Delay = draft.RestartDelay?.Value ?? standard.Delay,
            BackoffDelay = draft.BackoffDelay is { } delay && delay.Value > TimeSpan.Zero ? delay.Value : null,
            StopExitCodes = (draft.StopExitCodes?.Value ?? []).ToEquatableArray(),
        };
    }

    private StopRule Stop(AppDraft draft, bool hasChannel)
    {
        var standard = new StopRule();
        if (draft.ShutdownWithMessage is { Value: true, Place: var place } && !hasChannel)
            _problems.Warning(place, "only a Node or Bun program can be sent a message; it gets its stop signal", "remove shutdown_with_message, or set kill_signal");
        return new StopRule
        {
            // Node programs that were written for pm2 clean up on SIGINT; most other servers drain on SIGTERM.
            Signal = draft.KillSignal?.Value ?? (hasChannel ? "SIGINT" : standard.Signal),
            ByMessage = hasChannel && draft.ShutdownWithMessage is { Value: true },
            KillTimeout = draft.KillTimeout?.Value ?? standard.KillTimeout,
            DrainTimeout = draft.DrainTimeout?.Value ?? standard.DrainTimeout,
            WholeTree = draft.WholeTree?.Value ?? standard.WholeTree,
        };
    }

    /// <summary>Relative to the working directory, as in pm2.</summary>
    /// <param name="draft">What was said.</param>
    /// <param name="cwd">The working directory.</param>
    /// <param name="alone">A single worker in fork mode has files without a number; recorded, because the app may be scaled while somebody reads them.</param>
    private LogSpec Log(AppDraft draft, string cwd, bool alone)
    {
        var date = draft.LogDateFormat?.Value is { Length: > 0 } pattern && pattern is not ("false" or "null") ? pattern : null;
        return new LogSpec
        {
            OutFile = At(draft.OutFile?.Value),
            ErrorFile = At(draft.ErrorFile?.Value),
            CombinedFile = draft.LogFile is { } combined ? At(combined.Value) ?? LogSpec.DefaultFile : null,
            Merge = alone || (draft.MergeLogs?.Value ?? false),
            Disabled = draft.DisableLogs?.Value ?? false,
            Json = draft.JsonLogs?.Value ?? false,
            DateFormat = date ?? (draft.Time is { Value: true } ? "YYYY-MM-DDTHH:mm:ss" : null),
            PidFile = draft.PidFile is { } pid ? Absolute(pid.Value, cwd) : null,
        };

        string? At(string? file) => file switch
        {
            null or "" => null,
            "NULL" or "/dev/null" => "/dev/null",
            var path => Absolute(path, cwd),
        };
    }

    private string Absolute(string path, string from)
    {
        if (path == "~" || path.StartsWith("~/", StringComparison.Ordinal))
            path = (_context.Environment.GetValueOrDefault("HOME") ?? "~") + path[1..];
        return Path.TrimEndingDirectorySeparator(Path.GetFullPath(path, from));
    }
}
