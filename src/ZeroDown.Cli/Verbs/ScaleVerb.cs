using System.CommandLine;
using System.Globalization;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd scale</c>: more or fewer workers of one app; those above leave after a drain.</summary>
internal sealed class ScaleVerb : FleetVerb
{
    public override string Name => "scale";

    public override string Summary => "sets the number of workers of an app";

    public override string[] Examples =>
    [
        "zd scale api 8     eight workers",
        "zd scale api +2    two more",
        "zd scale api -1    one less; the highest slot drains and goes",
        "zd scale api 0     none; `zd start api` brings back as many as before",
    ];

    public override void Declare(Command command)
    {
        command.Arguments.Add(new Argument<string>("app") { Description = "name or id of one app" });
        command.Arguments.Add(new Argument<string>("number") { Description = "N, +N or -N" });
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var number = call.Parsed.GetValue<string>("number")!;
        if (!int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount) || amount is > 100_000 or < -100_000)
            throw new CommandException(ExitCode.WrongUsage, $"'{Screen.Safe(number)}' is no number of workers; write 4, +2 or -1");
        await using var connection = await call.Door.RequireAsync("scale", Board(call), call.Cancellation);
        var reply = await connection.Daemon.ScaleAsync(
            new ScaleCommand { App = call.Parsed.GetValue<string>("app")!, Amount = amount, Relative = number[0] is '+' or '-' },
            call.Cancellation);
        // As pm2: a script that asked for a change wants to hear that there was none.
        if (reply.Apps is [{ Outcome: "unchanged" }])
            reply = reply with { ExitCode = ExitCode.Failed };
        return await FinishAsync(reply, connection, call);
    }
}
