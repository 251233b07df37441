using System.Collections.Immutable;
using System.CommandLine;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary>
/// <c>zd start</c>: files, scripts, command lines or names, in any mixture. Everything is read, checked and built before
/// the daemon hears of it, so a mistake in the last of three apps leaves the first two alone.
/// </summary>
internal class StartVerb : FleetVerb
{
    private readonly AppFlags _flags = new();

    public override string Name => "start";

    public override string Summary => "starts apps and waits until they are ready; what runs already is rolled";

    public override string[] Examples =>
    [
        "zd start                                the ecosystem file of this folder",
        "zd start ecosystem.yaml --only api      one app of it, with env_staging: --env staging",
        "zd start server.js -i 4 --listen :3000  four workers on one socket",
        "zd start app.py -n api -- --verbose     arguments for the script behind --",
        "zd start api                            an app that was stopped",
    ];

    public override bool TakesForeignArguments => true;

    public override void Declare(Command command)
    {
        command.Arguments.Add(new Argument<string[]>("what")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = "an ecosystem file, a script, a program, \"a command line\", or the name, namespace or id of a known app. "
                + "None: ecosystem.yaml, .yml, .json, .config.js, .cjs, .mjs or .ts of this folder. What follows -- is for the script",
        });
        command.Options.Add(EnvOption());
        command.Options.Add(OnlyOption());
        command.Options.Add(new Option<bool>("--force", "-f") { Description = "a script that runs already is rolled; it keeps its options, but for the flags as given" });
        command.Options.Add(NoBuildOption());
        command.Options.Add(new Option<bool>("--update-env", "-a") { Description = "apps that are named take the variables of this shell" });
        _flags.Declare(command);
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var context = Context(call, _flags);
        var what = Asked(call.Parsed.GetValue<string[]>("what") ?? [], context);
        var targets = await Targets.ReadAsync(what, context, call.Shell, call.Cancellation);

        var board = Board(call);
        await using var running = await call.Door.FindAsync(board, call.Cancellation, starts: true);
        var fleet = running is null ? null : await running.Daemon.ListAsync(new ListCommand(), call.Cancellation);
        var force = call.Parsed.GetValue<bool>("--force");
        var names = targets.Words.Where(word => IsName(word, fleet, force, context, call)).ToArray();
        string[] others = [.. targets.Words.Where(word => !names.Contains(word))];
        var scripts = Scripts(others, context, fleet, call);
        if (running is null && names.Length > 0)
            throw new CommandException(ExitCode.DaemonNotReachable, $"no daemon is running in {Screen.Safe(call.Shell.Home.Path)}, so there is nothing called '{names[0]}'");
        foreach (var (script, word) in scripts.Zip(others))
            KnownApp.Find(fleet, script.Spec.Name.Value)?.RefuseAsScript(script, [word], call, force);
        if (force)
            scripts = WithRecordedOptions(scripts, fleet, context, call);
        var changes = running is null ? NamedChanges.None : await NamedChanges.ReadAsync(running.Daemon, names, _flags.Given(call.Parsed), call, context);
        if (changes.Rename is { } rename)
            throw new CommandException(ExitCode.WrongUsage, $"'{Screen.Safe(names[0])}' is an app that exists; a restart gives it another name: zd restart {Screen.Safe(names[0])} --name {Screen.Safe(rename)}");

        var definitions = await SpecBuild.RunAsync([.. targets.Apps, .. scripts], fleet, context, call.Shell, call.Cancellation);
        var built = running is null || call.Parsed.GetValue<bool>("--no-build")
            ? changes.Changes
            : await NamedBuild.RunAsync(running.Daemon, names, changes.Changes, fleet, context, call.Shell, call.Cancellation);
        if (definitions.Length == 0 && names.Length == 0)
            throw new CommandException(ExitCode.Failed, "there is nothing to start: the file has no apps");
        var command = new FleetCommand
        {
            Targets = names,
            Apps = definitions,
            Changes = built,
            UpdatedEnvironment = call.Parsed.GetValue<bool>("--update-env") ? new(context.Environment) : null,
        };
        await using var started = running is null ? await call.Door.EnterAsync(board, call.Cancellation) : null;
        var connection = running ?? started!;
        return await FinishAsync(await connection.Daemon.StartAsync(command, call.Cancellation), connection, call);
    }

    /// <summary>What files and scripts say, built, as if nothing ran yet.</summary>
    protected async Task<AppDefinition[]> ReadAsync(Invocation call, string[] typed)
    {
        var context = Context(call, _flags);
        var targets = await Targets.ReadAsync(Asked(typed, context), context, call.Shell, call.Cancellation);
        var scripts = Scripts(targets.Words, context, null, call);
        return await SpecBuild.RunAsync([.. targets.Apps, .. scripts], null, context, call.Shell, call.Cancellation);
    }

    /// <summary>The word names something that exists. Typed with flags or arguments, it may as well be a script.</summary>
    /// <exception cref="CommandException">Exit 1: it is an app's name, and here a script that is another program.</exception>
    private bool IsName(string word, FleetSnapshot? fleet, bool force, ReadContext context, Invocation call)
    {
        if (fleet is null)
            return word == "all";
        var flags = _flags.Given(call.Parsed);
        if (!fleet.Knows(word) || KnownApp.Find(fleet, word) is not { } known || (flags.IsEmpty && call.ForeignArguments.Count == 0))
            return fleet.Knows(word);
        // A project's folder often has the name of its app, and is rarely meant.
        if (Directory.Exists(Path.GetFullPath(word, context.CurrentDirectory)) || Read(word, flags, context, call) is not { HasErrors: false, Apps: [var script] })
            return true;
        if (script.Spec.Name.Value != word)
            return false;
        known.RefuseIfNameOf(script, word, call, force);
        return true;
    }

    /// <summary>A script that is known under its name keeps what is recorded; flags that were typed are carried over, as at a name.</summary>
    private ImmutableArray<ConfiguredApp> WithRecordedOptions(ImmutableArray<ConfiguredApp> scripts, FleetSnapshot? fleet, ReadContext context, Invocation call)
    {
        var flags = _flags.Given(call.Parsed).RemoveAll(flag => flag.Option == "name");
        return [.. scripts.Select(Recorded)];

        ConfiguredApp Recorded(ConfiguredApp script)
        {
            if (fleet?.Apps.FirstOrDefault(app => app.Definition.Name == script.Spec.Name.Value && app.Definition.Script == script.Spec.Launch.Script) is not { } known)
                return script;
            var result = NamedChanges.Apply(known.Definition, flags, call, context);
            Targets.ThrowIfInvalid(Targets.Report(result, call.Shell.Screen));
            var spec = result.Apps[0].Spec;
            return script with
            {
                Spec = call.Parsed.GetValue<bool>("--update-env") ? spec with { Launch = spec.Launch with { Environment = script.Spec.Launch.Environment } } : spec,
            };
        }
    }

    private static string[] Asked(string[] typed, ReadContext context)
    {
        if (typed.FirstOrDefault(word => word.Length > 1 && word[0] == '-') is { } flag)
            throw new CommandException(ExitCode.WrongUsage, $"there is no option '{Screen.Safe(flag)}'; arguments for the script follow --; see zd start --help");
        if (typed.Length > 0)
            return typed;
        return EcosystemFile.FindIn(context.CurrentDirectory) is { } found
            ? [Path.GetFileName(found)]
            : throw new CommandException(
                ExitCode.Failed, $"there is no {string.Join(", ", EcosystemFile.DefaultNames)} in {Screen.Safe(context.CurrentDirectory)}; name a file or a script: zd start server.js");
    }

    private ImmutableArray<ConfiguredApp> Scripts(IEnumerable<string> scripts, ReadContext context, FleetSnapshot? fleet, Invocation call)
    {
        var apps = ImmutableArray.CreateBuilder<ConfiguredApp>();
        var errors = new List<Diagnostic>();
        foreach (var script in scripts)
        {
            var result = Read(script, _flags.Given(call.Parsed), context, call);
            errors.AddRange(Targets.Report(result, call.Shell.Screen));
            apps.AddRange(result.Apps);
            if (result.HasErrors && Nearest.Hint(script, fleet?.Apps.Select(app => app.Definition.Name) ?? []) is { } hint)
                call.Shell.Screen.Say($"  or an app that exists: {Screen.Safe(hint)}");
        }

        Targets.ThrowIfInvalid(errors);
        return apps.ToImmutable();
    }

    private static ConfigResult Read(string script, ImmutableArray<GivenOption> flags, ReadContext context, Invocation call) =>
        EcosystemFile.FromCommandLine(script, call.ForeignArguments, flags, context with { Overrides = [], Only = [] });
}
