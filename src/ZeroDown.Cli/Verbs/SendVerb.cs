using System.CommandLine;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd send</c>: a line for a worker's stdin. Unlike pm2's it works in cluster mode too.</summary>
internal sealed class SendVerb : FleetVerb
{
    public override string Name => "send";

    public override string Summary => "writes a line to the stdin of a worker";

    public override string[] Examples => ["zd send 0 \"reload templates\""];

    public override bool Waits => false;

    public override void Declare(Command command)
    {
        command.Arguments.Add(new Argument<string>("id") { Description = "a worker's id, or the name of an app with one worker" });
        command.Arguments.Add(new Argument<string>("line"));
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        await using var connection = await call.Door.RequireAsync(call.Verb, Board(call), call.Cancellation);
        var command = new SendLineCommand { Target = call.Parsed.GetValue<string>("id")!, Line = call.Parsed.GetValue<string>("line")! };
        return await FinishAsync(await connection.Daemon.SendLineAsync(command, call.Cancellation), connection, call);
    }
}
