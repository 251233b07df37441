using System.CommandLine;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Views;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary><c>zd list</c>: what runs. Never starts a daemon; none is an empty table and a hint.</summary>
internal sealed class ListVerb : Verb
{
    public override string Name => "list";

    public override string[] Aliases => ["ls", "l", "ps", "status"];

    public override string Summary => "shows what runs";

    public override string[] Examples =>
    [
        "zd list          a table; old workers of a reload show as draining",
        "zd list --json   for programs, a versioned shape (pm2's shape: zd jlist)",
        "zd list --sort memory:desc",
    ];

    public override void Declare(Command command)
    {
        command.Options.Add(new Option<bool>("--json") { Description = "JSON on stdout and nothing else" });
        command.Options.Add(new Option<bool>("--watch") { Description = "again and again, until Ctrl-C" });
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        if (call.Parsed.GetValue<bool>("--watch"))
            return await new FleetWatch(call).RunAsync(showLogs: false);
        var fleet = await FindFleetAsync(call);
        if (call.Parsed.GetValue<bool>("--json"))
            call.Shell.Screen.Out.WriteLine(FleetJson.Of(fleet ?? Nothing));
        else
            Write(fleet ?? Nothing, call);
        Warn(fleet, call);
        if (fleet is null)
            call.Shell.Screen.Say($"no daemon is running in {Screen.Safe(call.Shell.Home.Path)}; `zd start` starts one");
        return ExitCode.Done;
    }

    /// <summary>What is wrong with the daemon itself.</summary>
    public static void Warn(FleetSnapshot? fleet, Invocation call)
    {
        foreach (var warning in fleet?.Daemon.Warnings ?? [])
            call.Shell.Screen.Warn(Screen.Safe(warning));
    }

    public static FleetSnapshot Nothing => new() { Daemon = new DaemonInfo { Version = Versions.Zd, Home = "" } };

    /// <summary>Null when there is no daemon.</summary>
    public static async Task<FleetSnapshot?> FindFleetAsync(Invocation call)
    {
        await using var connection = await call.Door.FindAsync(new ProgressBoard(call.Shell.Screen), call.Cancellation);
        return connection is null ? null : await connection.Daemon.ListAsync(new ListCommand(), call.Cancellation);
    }

    public static void Write(FleetSnapshot fleet, Invocation call)
    {
        var order = Order(call);
        if (call.Parsed.GetValue<bool>("--mini-list"))
            call.Shell.Screen.Out.Write(FleetTable.Mini(fleet, order, call.Shell.Now()));
        else
            FleetTable.Of(fleet, order, call.Shell.User, call.Shell.Now()).Write(call.Shell.Screen);
    }

    /// <summary>As <c>--sort</c> says.</summary>
    /// <exception cref="CommandException">Exit 2.</exception>
    public static FleetOrder Order(Invocation call)
    {
        if (call.Parsed.GetValue<string?>("--sort") is not { } asked)
            return FleetOrder.ByName;
        return FleetOrder.Find(asked) ?? throw new CommandException(
            ExitCode.WrongUsage, $"'{Screen.Safe(asked)}' is no order; write a field, or field:desc. There are {FleetOrder.Names}");
    }
}
