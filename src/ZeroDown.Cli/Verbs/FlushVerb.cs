using System.CommandLine;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Views;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd flush</c>: empties log files.</summary>
internal sealed class FlushVerb : Verb
{
    public override string Name => "flush";

    public override string Summary => "empties the log files";

    public override string[] Examples => ["zd flush        of all apps", "zd flush api"];

    public override bool Waits => false;

    public override void Declare(Command command) => command.Arguments.Add(TargetArgument.Optional("all"));

    public override async Task<int> RunAsync(Invocation call)
    {
        await using var connection = await call.Door.RequireAsync("flush", new ProgressBoard(call.Shell.Screen), call.Cancellation);
        var reply = await connection.Daemon.FlushAsync(
            new FleetCommand { Targets = await KnownWords.OfAsync(call, connection.Daemon, call.Parsed.GetValue<string[]>("target") ?? []) }, call.Cancellation);
        ReplyText.Write(reply, call.Shell.Screen);
        return reply.ExitCode;
    }
}
