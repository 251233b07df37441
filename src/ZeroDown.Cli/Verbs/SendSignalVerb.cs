using System.CommandLine;
using ZeroDown.Cli.Asking;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd send-signal</c>: a signal of the user's own. What the worker makes of it is its affair.</summary>
internal sealed class SendSignalVerb : FleetVerb
{
    public override string Name => "send-signal";

    public override string[] OldSpellings => ["sendSignal", "sendsignal"];

    public override string Summary => "sends a signal to the workers of an app";

    public override string[] Examples => ["zd send-signal SIGUSR2 api", "zd send-signal hup 3       one worker by its id"];

    public override bool Waits => false;

    public override void Declare(Command command)
    {
        command.Arguments.Add(new Argument<string>("signal") { Description = "SIGUSR2, usr2 or 12" });
        command.Arguments.Add(TargetArgument.Required());
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        await using var connection = await call.Door.RequireAsync(call.Verb, Board(call), call.Cancellation);
        var command = new SignalCommand
        {
            Signal = call.Parsed.GetValue<string>("signal")!,
            Targets = await KnownWords.OfAsync(call, connection.Daemon, call.Parsed.GetValue<string[]>("target")!),
        };
        return await FinishAsync(await connection.Daemon.SignalAsync(command, call.Cancellation), connection, call);
    }
}
