using System.CommandLine;
using ZeroDown.Cli.Foreground;
using ZeroDown.Cli.Terminal;

namespace ZeroDown.Cli.Verbs;

/// <summary>
/// <c>zd run</c>: everything in the foreground, for containers and terminals; pm2-runtime's place. This process becomes the keeper (as pid 1 it is the init), and the keeper
/// starts it a second time as its attendant, which reads the file, starts the apps and prints what they say.
/// </summary>
internal sealed class RunVerb : StartVerb
{
    public override string Name => "run";

    public override string Summary => "runs apps in the foreground, for containers: logs on stdout, drains on SIGTERM, ends with them";

    public override string[] Examples =>
    [
        "zd run ecosystem.yaml                      in a Dockerfile: CMD [\"zd\", \"run\", \"ecosystem.yaml\"]",
        "zd run ecosystem.config.js --env production --json",
        "zd run server.js -i 2 --listen :3000 --ready-file /run/ready",
    ];

    public override bool Waits => false;

    public override void Declare(Command command)
    {
        base.Declare(command);
        command.Options.Add(new Option<bool>("--json") { Description = "an object per line" });
        command.Options.Add(new Option<bool>("--raw") { Description = "the lines alone, without a prefix" });
        command.Options.Add(new Option<bool>("--format", "--formatted") { Description = "timestamp=… app=… id=… type=… message=…" });
        command.Options.Add(new Option<string?>("--timestamp")
        {
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "FORMAT",
            Description = $"the time before each line; {LogLook.StandardTimestamp} unless another is given",
        });
        command.Options.Add(new Option<string?>("--ready-file") { HelpName = "FILE", Description = "written when every app is ready, removed when the drain begins" });
        command.Options.Add(new Option<bool>("--no-auto-exit") { Description = "go on when nothing runs any more" });
        command.Options.Add(new Option<double>("--delay") { HelpName = "SECONDS", Description = "wait before the apps are started" });
        command.Options.Add(new Option<bool>("--again") { Hidden = true });
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var look = Look(call);
        if (!call.Shell.IsAttendant)
            return BecomeKeeper(call);
        using var attendance = new Attendance(call, look);
        return await attendance.RunAsync(again => ReadAsync(again, Typed(again)));
    }

    private static int BecomeKeeper(Invocation call)
    {
        var home = call.Shell.NewHome(out var instead);
        if (instead is not null)
            call.Shell.Screen.Say($"{Screen.Safe(instead)} The daemon's sockets and locks are in {Screen.Safe(home.Path)} for this run; other zd commands find it there.");
        call.Shell.Screen.Out.Flush();
        return call.Shell.BecomeKeeper(home, false, [.. call.Shell.Words]) is var problem && problem.Length > 0
            ? throw new CommandException(ExitCode.Failed, $"zd could not become the keeper: {Screen.Safe(problem)}")
            : ExitCode.Done;
    }

    private static RunLook Look(Invocation call)
    {
        var parsed = call.Parsed;
        var delay = parsed.GetValue<double>("--delay");
        if (delay is not (>= 0 and <= 86_400))
            throw new CommandException(ExitCode.WrongUsage, "--delay takes seconds, from 0 to 86400");
        return new RunLook
        {
            Log = LogLook.Of(parsed) with { Missing = "whoever reads this did not keep up" },
            ReadyFile = parsed.GetValue<string?>("--ready-file") is { Length: > 0 } file ? Path.GetFullPath(file) : null,
            AutoExit = !parsed.GetValue<bool>("--no-auto-exit"),
            Delay = TimeSpan.FromSeconds(delay),
            IsAgain = parsed.GetValue<bool>("--again"),
        };
    }

    /// <summary><c>pm2-runtime start file</c> and <c>pm2-runtime file</c> are the same.</summary>
    private static string[] Typed(Invocation call) =>
        call.Parsed.GetValue<string[]>("what") is ["start", .. var rest] && !File.Exists("start") ? rest : call.Parsed.GetValue<string[]>("what") ?? [];
}
