using System.CommandLine;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Views;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd reload-logs</c>: opens the log files anew after a rotation has moved the old ones away.</summary>
internal sealed class ReloadLogsVerb : Verb
{
    public override string Name => "reload-logs";

    public override string[] OldSpellings => ["reloadLogs", "reloadlogs"];

    public override string Summary => "opens the log files anew, after a rotation has moved them";

    public override string[] Examples => ["mv api-out.log api-out.log.1 && zd reload-logs", "zd reload-logs api"];

    public override bool Waits => false;

    public override void Declare(Command command) => command.Arguments.Add(TargetArgument.Optional("all"));

    public override async Task<int> RunAsync(Invocation call)
    {
        await using var connection = await call.Door.RequireAsync(call.Verb, new ProgressBoard(call.Shell.Screen), call.Cancellation);
        var reply = await connection.Daemon.ReloadLogsAsync(
            new FleetCommand { Targets = await KnownWords.OfAsync(call, connection.Daemon, call.Parsed.GetValue<string[]>("target") ?? []) }, call.Cancellation);
        ReplyText.Write(reply, call.Shell.Screen);
        return reply.ExitCode;
    }
}
