using System.CommandLine;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary>What stop, delete and reset share: they need names only. A config file stands for the apps in it that the daemon knows.</summary>
internal abstract class NamedVerb : FleetVerb
{
    public override void Declare(Command command)
    {
        command.Arguments.Add(TargetArgument.Required());
        command.Options.Add(OnlyOption());
        command.Options.Add(EnvOption());
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var typed = call.Parsed.GetValue<string[]>("target") ?? [];
        await using var connection = await call.Door.RequireAsync(call.Verb, Board(call), call.Cancellation);
        var words = typed;
        if (typed.Any(Targets.IsFile))
        {
            var targets = await Targets.ReadAsync(typed, Context(call), call.Shell, call.Cancellation);
            var fleet = await connection.Daemon.ListAsync(new ListCommand(), call.Cancellation);
            var known = targets.Apps.Where(fleet.Runs).Select(app => app.Spec.Name.Value).ToArray();
            words = [.. targets.Words, .. known];
            if (words.Length == 0)
                throw new CommandException(ExitCode.Failed, $"none of the apps in {Screen.Safe(string.Join(", ", typed))} is known to the daemon, so there is nothing to {call.Verb}");
        }

        return await FinishAsync(await AskAsync(connection.Daemon, call, new FleetCommand { Targets = words }), connection, call);
    }

    protected abstract Task<CommandReply> AskAsync(IDaemonService daemon, Invocation call, FleetCommand command);
}
