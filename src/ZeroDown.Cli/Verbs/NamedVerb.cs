using System.CommandLine;
using ZeroDown.Cli.Asking;
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
        var words = await KnownWords.OfAsync(call, connection.Daemon, typed);
        return await FinishAsync(await AskAsync(connection.Daemon, call, new FleetCommand { Targets = words }), connection, call);
    }

    protected abstract Task<CommandReply> AskAsync(IDaemonService daemon, Invocation call, FleetCommand command);
}
