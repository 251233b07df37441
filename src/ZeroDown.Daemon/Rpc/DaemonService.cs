using System.Collections.Immutable;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Survival;
using ZeroDown.Platform;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Rpc;

/// <summary>
/// The commands of one client. Each becomes one event for the core and waits for its answer; reads come from the
/// snapshot. Nothing here changes state.
/// </summary>
internal sealed class DaemonService(
    SupervisorLoop loop,
    RequestDesk desk,
    Phrases phrases,
    FleetViews views,
    FleetFacts facts,
    LogDesk logs,
    LogFlush flush,
    SavedFleet saved,
    Func<WorkerId, string, string?> sendLine,
    UpdateDesk updates,
    Func<DaemonInfo> info,
    IClientNotices client) : IDaemonService
{
    public Task<DaemonInfo> PingAsync(PingCommand command, CancellationToken cancellation) => Task.FromResult(info());

    public Task<CommandReply> StartAsync(FleetCommand command, CancellationToken cancellation) =>
        RunAsync(CommandName.Of("start", command), command, (id, targets) => new StartRequested(id, targets), cancellation);

    public Task<CommandReply> ReloadAsync(FleetCommand command, CancellationToken cancellation) =>
        RunAsync(CommandName.Of("reload", command), command, (id, targets) => new ReloadRequested(id, targets, command.WaitDrained), cancellation);

    public Task<CommandReply> RestartAsync(FleetCommand command, CancellationToken cancellation) =>
        RunAsync(CommandName.Of("restart", command), command, (id, targets) => new RestartRequested(id, targets), cancellation);

    public async Task<CommandReply> StopAsync(FleetCommand command, CancellationToken cancellation)
    {
        var reply = await RunAsync(CommandName.Of("stop", command), command, (id, targets) => new StopRequested(id, targets), cancellation);
        return reply with { Apps = [.. reply.Apps.Select(SayWhatMayStartIt)] };
    }

    public Task<CommandReply> DeleteAsync(FleetCommand command, CancellationToken cancellation) =>
        RunAsync(CommandName.Of("delete", command), command, (id, targets) => new DeleteRequested(id, targets), cancellation);

    public Task<CommandReply> ResetAsync(FleetCommand command, CancellationToken cancellation) =>
        RunAsync(CommandName.Of("reset", command), command, (id, targets) => new ResetRequested(id, targets), cancellation);

    public async Task<CommandReply> WatchAsync(WatchCommand command, CancellationToken cancellation)
    {
        var name = CommandName.Of("watch", command);
        if (await FindAsync(name, cancellation) is { } known)
            return known;
        var fleet = loop.Current;
        var (targets, errors) = TargetGrammar.Resolve(command.Targets, fleet);
        if (errors.Length > 0 || targets.IsEmpty)
            return Refusal(errors.IsEmpty ? ["nothing to do: no app was named"] : errors);
        // Files are watched for an app, not for one of its slots.
        targets = [.. targets.Select(target => target with { Slots = null })];
        if (command.On != false && BuiltByZd(targets, fleet) is { } built)
            return Refusal([CannotWatch(built)]);
        var answer = await SubmitAsync(name, id => new WatchRequested(id, targets, command.On), cancellation);
        return phrases.Reply(answer, []);
    }

    public async Task<CommandReply> ScaleAsync(ScaleCommand command, CancellationToken cancellation)
    {
        var name = CommandName.Of("scale", command);
        if (await FindAsync(name, cancellation) is { } known)
            return known;
        var (targets, errors) = TargetGrammar.Resolve([command.App], loop.Current);
        if (targets.Length != 1)
            return Refusal(errors.IsEmpty ? [$"\"{command.App}\" names {targets.Length} apps; scale takes one"] : errors);
        var now = Scaling.InstancesOf(loop.Current.Find(targets[0].App)!);
        var wanted = command.Relative ? (long)now + command.Amount : command.Amount;
        if (wanted > AppDefinitions.MostInstances)
            return Refusal([$"{targets[0].App} would have {wanted} workers; an app may have {AppDefinitions.MostInstances} at most"]);
        if (wanted < 0)
            return Refusal([$"{targets[0].App} has {now} workers, so it cannot have {-(long)command.Amount} less; to end all of them: zd scale {targets[0].App} 0"]);

        var answer = await SubmitAsync(name, id => new ScaleRequested(id, targets[0].App, command.Amount, command.Relative), cancellation);
        var reply = phrases.Reply(answer, []);
        return reply with { Apps = [.. reply.Apps.Select(SayWhatStaysAtZero)] };
    }

    public Task<CommandReply> FlushAsync(FleetCommand command, CancellationToken cancellation) =>
        OnLogFiles(command, flush.Flush, "flushed", app => $"logs of {app} are empty now");

    public Task<CommandReply> ReloadLogsAsync(FleetCommand command, CancellationToken cancellation) =>
        OnLogFiles(command, flush.Reopen, "reopened", app => $"logs of {app} are opened again");

    private Task<CommandReply> OnLogFiles(
        FleetCommand command, Func<AppState, ImmutableArray<int>?, string[]> act, string outcome, Func<AppName, string> sentence)
    {
        var fleet = loop.Current;
        var (targets, errors) = command.Targets.Length == 0 ? (All(fleet), []) : TargetGrammar.Resolve(command.Targets, fleet);
        // An unknown target spoils the whole command before anything is touched, as in RunAsync.
        if (errors.Length > 0)
            return Task.FromResult(Refusal(errors));
        var apps = targets.Select(target =>
        {
            var problems = act(fleet.Find(target.App)!, target.Slots);
            return new AppReply
            {
                App = target.App.Value,
                Outcome = problems.Length == 0 ? outcome : "failed",
                Message = problems.Length == 0 ? sentence(target.App) : string.Join("; ", problems),
            };
        }).ToArray();
        return Task.FromResult(new CommandReply { ExitCode = apps.Any(app => app.Outcome == "failed") ? 1 : 0, Apps = apps });
    }

    public Task<CommandReply> SignalAsync(SignalCommand command, CancellationToken cancellation) =>
        Signals.TryParse(command.Signal, out var number)
            ? RunAsync(
                CommandName.Of("signal", command),
                new FleetCommand { Targets = command.Targets },
                (id, targets) => new SignalRequested(id, targets, Signals.All.Any(signal => signal.Number == number) ? Signals.NameOf(number) : $"{number}"),
                cancellation)
            : Task.FromResult(Refusal([$"\"{command.Signal}\" is no signal of this system; write it as SIGUSR2, usr2 or 12"]));

    public Task<CommandReply> SendLineAsync(SendLineCommand command, CancellationToken cancellation)
    {
        var fleet = loop.Current;
        var (targets, errors) = TargetGrammar.Resolve([command.Target], fleet);
        var workers = targets
            .SelectMany(target => fleet.Find(target.App)!.Slots
                .Where(slot => target.Slots?.Contains(slot.Slot) ?? true)
                .Select(slot => (target.App, slot.PmId, slot.Current)))
            .ToArray();
        if (errors.Length > 0)
            return Task.FromResult(Refusal(errors));
        if (workers is not [var (app, pmId, current)])
        {
            var ids = string.Join(", ", workers.Select(worker => worker.PmId));
            return Task.FromResult(Refusal([$"\"{command.Target}\" has {workers.Length} workers and a line goes to one; name its id: {ids}"]));
        }

        if (current is not { } worker)
            return Task.FromResult(Refusal([$"{app} is not running, so there is nobody to read the line; start it: zd start {app}"]));
        var problem = sendLine(worker, command.Line + command.End);
        return Task.FromResult(problem is null
            ? new CommandReply { Apps = [new AppReply { App = app.Value, Outcome = "sent", Message = $"{app}:{pmId} has got the line" }] }
            : Refusal([$"{app}:{pmId} did not get the line: {problem}"]));
    }

    public Task<FleetSnapshot> ListAsync(ListCommand command, CancellationToken cancellation)
    {
        var fleet = loop.Current;
        var (targets, errors) = command.Targets.Length == 0 ? (All(fleet), []) : TargetGrammar.Resolve(command.Targets, fleet);
        return Task.FromResult(new FleetSnapshot
        {
            Daemon = info(),
            Apps = [.. targets.Select(target =>
                views.App(fleet, fleet.Find(target.App)!, slot => target.Slots?.Contains(slot.Slot) ?? true))],
            Errors = [.. errors],
        });
    }

    public async Task<CommandReply> LogsAsync(LogsCommand command, CancellationToken cancellation)
    {
        var fleet = loop.Current;
        var (targets, errors) = command.Targets.Length == 0 ? (All(fleet), []) : TargetGrammar.Resolve(command.Targets, fleet);
        if (errors.Length > 0)
            return Refusal(errors);

        await logs.SendAsync(command, fleet, targets, client, cancellation);
        return new CommandReply();
    }

    public Task<CommandReply> SaveAsync(SaveCommand command, CancellationToken cancellation)
    {
        var fleet = loop.Current;
        if (fleet.Apps.IsEmpty && !command.Force)
            return Task.FromResult(Refusal(["there is no app, and an empty list would take the place of the one that was saved before; --force saves it"]));
        return Task.FromResult(SaveNow(fleet));
    }

    public async Task<CommandReply> ResurrectAsync(ResurrectCommand command, CancellationToken cancellation)
    {
        var name = CommandName.Of("resurrect", command);
        if (await FindAsync(name, cancellation) is { } known)
            return known;
        var found = saved.Read();
        string[] notes = [.. found.Problems, .. found is { File: { } file, Problems.IsEmpty: false } ? [$"{file} is used instead"] : Array.Empty<string>()];
        if (found.File is null)
        {
            return found.Problems.IsEmpty
                ? new CommandReply { Lines = ["nothing was saved, so there is nothing to resurrect; `zd save` saves what runs"] }
                : new CommandReply { ExitCode = 1, Errors = [.. found.Problems, "nothing that was saved can be used; start the apps from their files and `zd save` again"] };
        }

        if (saved.IsWantedState(found.File))
            notes = [.. notes, "nothing was saved with `zd save`; this is what last ran"];
        var fleet = loop.Current;
        var missing = found.Apps.Where(app => fleet.Find(app.Spec.Name) is null or { Deleting: true }).ToList();
        if (missing.Count == 0)
            return new CommandReply { Notes = notes, Lines = [found.Apps.IsEmpty ? "the saved list is empty" : "every saved app is there already"] };
        ImmutableArray<Target> targets = [.. missing.Select(app => new Target(app.Spec.Name, null, app.Spec) { Running = app.Running, ScaledToZero = app.ScaledToZero })];
        var reply = phrases.Reply(await SubmitAsync(name, id => new StartRequested(id, targets), cancellation), []);
        return reply with { Notes = notes, Lines = [$"resurrected {missing.Count} of {found.Apps.Length} saved apps from {found.File}"] };
    }

    private CommandReply SaveNow(FleetState fleet)
    {
        try
        {
            return new CommandReply { Lines = [$"{saved.Write(fleet)}"] };
        }
        catch (IOException problem)
        {
            return Refusal([$"nothing was saved: {problem.Message}"]);
        }
    }

    public Task<CommandReply> UpdateAsync(UpdateCommand command, CancellationToken cancellation) => updates.AnswerAsync(command, cancellation);

    public async Task<CommandReply> KillAsync(KillCommand command, CancellationToken cancellation) =>
        phrases.Reply(await SubmitAsync(CommandName.Of("kill", command), id => new ShutdownRequested(id), cancellation), []);

    /// <summary>A schedule starts what is stopped, and whoever has just stopped it should know.</summary>
    private AppReply SayWhatMayStartIt(AppReply app) =>
        app.Outcome is "stopped" or "unchanged" && loop.Current.Find(new AppName(app.App)) is { ScaledToZero: false, Spec.Upkeep.Cron: { } cron }
            ? app with { Warnings = [.. app.Warnings, $"App {app.App} stopped but CRON RESTART is still UP {cron}; to end that too: zd restart {app.App} --cron-restart 0, or delete it"] }
            : app;

    /// <summary>A schedule starts what is stopped, but not what was scaled to 0.</summary>
    private AppReply SayWhatStaysAtZero(AppReply app) =>
        loop.Current.Find(new AppName(app.App)) is { ScaledToZero: true, Spec.Upkeep.Cron: { } cron }
            ? app with { Warnings = [.. app.Warnings, $"the schedule of {app.App} ({cron}) starts nothing while it is scaled to 0"] }
            : app;

    private async Task<CommandReply> RunAsync(
        CommandName? called, FleetCommand command, Func<RequestId, ImmutableArray<Target>, Requested> make, CancellationToken cancellation)
    {
        if (await FindAsync(called, cancellation) is { } known)
            return known;
        var fleet = loop.Current;
        var (named, errors) = TargetGrammar.Resolve(command.Targets, fleet);
        // An unknown target spoils the whole command before anything is touched, as a mistyped path would.
        if (errors.Length > 0)
            return Refusal(errors);

        named = [.. named.Select(target => OrWhole(target, fleet))];
        ImmutableArray<Target> defined;
        try
        {
            defined = [.. command.Apps.Select(app => AppDefinitions.ToSpec(app)).Select(spec => new Target(spec.Name, null, spec))];
            named = Changed(named, [.. command.Changes.Select(AppDefinitions.ToSpec)]);
            DefinitionRules.CheckEnvironment(command.UpdatedEnvironment ?? []);
            DefinitionRules.CheckName(command.Rename ?? "");
        }
        catch (FormatException problem)
        {
            return Refusal([problem.Message]);
        }

        if (command.ToggleWatch)
        {
            if (BuiltByZd(named, fleet) is { } built)
                return Refusal([CannotWatch(built)]);
            named = [.. named.Select(target => fleet.Find(target.App) is { } app ? target with { NewSpec = WatchSwitch.Apply(app, target.NewSpec ?? app.Spec, on: null) } : target)];
        }

        if (command.UpdatedEnvironment is { } environment)
            named = [.. named.Select(target => target with { NewSpec = EnvironmentUpdate.Apply(target.NewSpec ?? fleet.Find(target.App)!.Spec, environment) })];
        if (command.Rename is { } name)
        {
            if (named is not [var one] || !defined.IsEmpty || name.Length == 0)
                return Refusal([$"only one app can be called \"{name}\"; name one target"]);
            named = [one with { NewSpec = (one.NewSpec ?? fleet.Find(one.App)!.Spec) with { Name = new AppName(name) } }];
        }

        ImmutableArray<Target> targets = [.. defined, .. named.Where(target => defined.All(other => other.App != target.App))];
        if (targets.IsEmpty)
            return Refusal(["nothing to do: no app was named"]);

        // Facts that the core needs to judge a reload are looked up now; they may be a moment old when they are used.
        facts.PostOwnPorts(fleet, targets);
        targets = [.. targets.Select(target => target with { Memory = FleetFacts.Memory(fleet, target.App) })];
        return SayWhatIsDropped(phrases.Reply(await SubmitAsync(called, id => make(id, targets), cancellation), []));
    }

    private CommandReply SayWhatIsDropped(CommandReply reply)
    {
        var fleet = loop.Current;
        return reply with
        {
            Apps = [.. reply.Apps.Select(app => fleet.Find(new AppName(app.App)) is { } known && flush.Problems(known) is { Length: > 0 } problems
                ? app with { Warnings = [.. app.Warnings, .. problems] }
                : app)],
        };
    }

    private static AppSpec? BuiltByZd(IEnumerable<Target> targets, FleetState fleet) =>
        targets.Select(target => fleet.Find(target.App)!.Spec).FirstOrDefault(spec => Path.GetExtension(spec.Launch.Script) is ".csproj" or ".cs");

    private static string CannotWatch(AppSpec built) =>
        $"{built.Name} is built from {Path.GetFileName(built.Launch.Script)}, and only `zd` builds, not the daemon: after a change, `zd reload` with its file builds it and rolls";

    /// <summary>Whoever names every slot of an app by its id means the app.</summary>
    private static Target OrWhole(Target target, FleetState fleet) =>
        target.Slots is { } slots && fleet.Find(target.App)!.Slots.All(slot => slots.Contains(slot.Slot)) ? target with { Slots = null } : target;

    private static ImmutableArray<Target> Changed(ImmutableArray<Target> named, ImmutableArray<AppSpec> changes) =>
        [.. named.Select(target => changes.FirstOrDefault(spec => spec.Name == target.App) is { } spec ? target with { NewSpec = spec } : target)];

    private Task<Answer> SubmitAsync(CommandName? name, Func<RequestId, Requested> make, CancellationToken cancellation) =>
        desk.Submit(name, make, Tell).WaitAsync(cancellation);

    /// <summary>The reply to a command that was sent before. It comes first: what the words of the command mean may have changed by the command itself.</summary>
    private async Task<CommandReply?> FindAsync(CommandName? name, CancellationToken cancellation) =>
        desk.Find(name, Tell) is { } answer ? phrases.Reply(await answer.WaitAsync(cancellation), []) : null;

    private void Tell(FleetNews news) => client.Progress(Note(news));

    private static ProgressNote Note(FleetNews news)
    {
        var of = news as FleetNews.OfWorker;
        return new ProgressNote
        {
            Text = NewsText.Line(news),
            Status = NewsText.Status(news),
            App = of?.App.Value,
            Slot = of?.Slot,
            PmId = of?.PmId,
            Worker = of?.Worker.Number,
            Generation = (news as FleetNews.Starting)?.Generation ?? (news as FleetNews.Online)?.Generation,
        };
    }

    private static ImmutableArray<Target> All(FleetState fleet) => [.. fleet.Apps.Select(app => new Target(app.Spec.Name))];

    private static CommandReply Refusal(IEnumerable<string> errors) => new() { ExitCode = 1, Errors = [.. errors] };
}
