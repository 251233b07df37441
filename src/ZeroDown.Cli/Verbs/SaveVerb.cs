using System.CommandLine;
using ZeroDown.Cli.Views;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd save</c>: what runs now is what <c>zd resurrect</c> and the next boot start.</summary>
internal sealed class SaveVerb : FleetVerb
{
    public override string Name => "save";

    public override string[] Aliases => ["dump"];

    public override string[] OldSpellings => ["write"];

    public override string Summary => "saves what runs, for `zd resurrect` and the next boot";

    public override string[] Examples => ["zd save", "zd save --force   also an empty list"];

    public override void Declare(Command command) =>
        command.Options.Add(new Option<bool>("--force", "-f") { Description = "save an empty list too" });

    public override async Task<int> RunAsync(Invocation call)
    {
        await using var connection = await call.Door.RequireAsync("save", Board(call), call.Cancellation);
        var reply = await connection.Daemon.SaveAsync(new SaveCommand { Force = call.Parsed.GetValue<bool>("--force") }, call.Cancellation);
        ReplyText.Write(reply, call.Shell.Screen);
        return reply.ExitCode;
    }
}
