using System.CommandLine;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary>
/// What reload and restart share: names go to the daemon as they are; a config file brings its apps with their new
/// definitions, and those that do not run yet are started, as pm2 does.
/// </summary>
internal abstract class ReplaceVerb : FleetVerb
{
    private readonly AppFlags _flags = new();

    public override bool TakesForeignArguments => true;

    public override void Declare(Command command)
    {
        command.Arguments.Add(TargetArgument.Required());
        command.Options.Add(new Option<bool>("--update-env", "-a") { Description = "the workers take the variables of this shell" });
        command.Options.Add(NoBuildOption());
        command.Options.Add(EnvOption());
        command.Options.Add(OnlyOption());
        command.Options.Add(new Option<bool>("--force", "-f") { Hidden = true });
        _flags.Declare(command);
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var context = Context(call, _flags);
        var targets = await Targets.ReadAsync(call.Parsed.GetValue<string[]>("target") ?? [], context, call.Shell, call.Cancellation);
        string[] words = [.. targets.Words.Select(word => Targets.AsKnown(word, call.Shell))];
        var board = Board(call);
        await using var connection = targets.Apps.IsEmpty
            ? await call.Door.RequireAsync(call.Verb, board, call.Cancellation)
            : await call.Door.FindAsync(board, call.Cancellation, starts: true);

        var fleet = connection is null ? null : await connection.Daemon.ListAsync(new ListCommand(), call.Cancellation);
        var definitions = await SpecBuild.RunAsync(targets.Apps, fleet, context, call.Shell, call.Cancellation);
        var running = definitions.Where(app => fleet?.Apps.Any(known => known.Definition.Name == app.Name) ?? false).ToArray();
        var missing = definitions.Except(running).ToArray();
        var reply = new CommandReply();
        if (running.Length > 0 || words.Length > 0)
        {
            var flags = _flags.Given(call.Parsed);
            var toggle = TogglesWatch && words.Length > 0 ? flags.FirstOrDefault(flag => flag is { Option: "watch", Values: ["true"] }) : null;
            if (toggle is not null)
                flags = flags.Remove(toggle);
            var changes = await NamedChanges.ReadAsync(connection!.Daemon, words, flags, call, context);
            var built = call.Parsed.GetValue<bool>("--no-build")
                ? changes.Changes
                : await NamedBuild.RunAsync(connection.Daemon, words, changes.Changes, fleet, context, call.Shell, call.Cancellation);
            reply = await AskAsync(connection.Daemon, call, new FleetCommand
            {
                Targets = words,
                Apps = running,
                Changes = built,
                Rename = changes.Rename,
                ToggleWatch = toggle is not null,
                UpdatedEnvironment = call.Parsed.GetValue<bool>("--update-env") ? new(context.Environment) : null,
            });
        }

        if (missing.Length == 0 || reply.ExitCode != 0)
            return await FinishAsync(reply, connection!, call);

        call.Shell.Screen.Say($"{Screen.Safe(string.Join(", ", missing.Select(app => app.Name)))} not running yet, starting…");
        await using var started = connection is null ? await call.Door.EnterAsync(board, call.Cancellation) : null;
        var daemon = connection ?? started!;
        return await FinishAsync(Together(reply, await daemon.Daemon.StartAsync(new FleetCommand { Apps = missing }, call.Cancellation)), daemon, call);
    }

    /// <summary>True where a bare <c>--watch</c> at a name means: the other of what it is now.</summary>
    protected virtual bool TogglesWatch => false;

    protected abstract Task<CommandReply> AskAsync(IDaemonService daemon, Invocation call, FleetCommand command);
}
