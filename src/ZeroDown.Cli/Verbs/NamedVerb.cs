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
        if (await BeforeAsync(connection.Daemon, words, call) is { ExitCode: not 0 } refused)
            return await FinishAsync(refused, connection, call);
        return await FinishAsync(await AskAsync(connection.Daemon, new FleetCommand { Targets = words }, call.Cancellation), connection, call);
    }

    /// <summary>What else the flags ask for; a refusal ends the command.</summary>
    protected virtual Task<CommandReply?> BeforeAsync(IDaemonService daemon, string[] words, Invocation call) => Task.FromResult<CommandReply?>(null);

    protected abstract Task<CommandReply> AskAsync(IDaemonService daemon, FleetCommand command, CancellationToken cancellation);
}
