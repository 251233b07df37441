using System.CommandLine;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary>
/// <c>zd logs</c>: the last lines of each file, then what is written from now on. A slow terminal holds up nobody: the
/// daemon leaves lines out for it and says how many. Ctrl-C is the ordinary end, so its exit code is 0, as in pm2.
/// </summary>
internal sealed class LogsVerb : Verb
{
    public override string Name => "logs";

    public override string[] Aliases => ["log"];

    public override string Summary => "the last lines of the logs, then new ones as they come";

    public override string[] Examples =>
    [
        "zd logs                        of all apps and the daemon",
        "zd logs api --lines 200        more of what was before",
        "zd logs api --err --nostream   the last errors, and back to the shell",
        "zd logs /^worker/ --json       an object per line, of all whose names match",
    ];

    public override void Declare(Command command)
    {
        command.Arguments.Add(TargetArgument.Optional("everything"));
        command.Options.Add(new Option<int>("--lines") { Description = "how many of the last lines of each file", HelpName = "N", DefaultValueFactory = _ => 15 });
        command.Options.Add(new Option<bool>("--nostream") { Description = "do not wait for new lines" });
        command.Options.Add(new Option<bool>("--raw") { Description = "the lines alone, without a prefix" });
        command.Options.Add(new Option<bool>("--json") { Description = "an object per line" });
        command.Options.Add(new Option<bool>("--out") { Description = "stdout only" });
        command.Options.Add(new Option<bool>("--err") { Description = "stderr only" });
        command.Options.Add(new Option<bool>("--format") { Description = "timestamp=… app=… id=… type=… message=…" });
        command.Options.Add(new Option<string?>("--timestamp")
        {
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "FORMAT",
            Description = $"the time before each new line; {LogLook.StandardTimestamp} unless another is given",
        });
        command.Options.Add(new Option<string?>("--highlight") { Arity = ArgumentArity.ZeroOrOne, HelpName = "WORDS", Description = "make these stand out on a terminal" });
    }

    public override async Task<int> RunAsync(Invocation call)
    {
        var parsed = call.Parsed;
        var lines = parsed.GetValue<int>("--lines");
        if (lines is < 0 or > 1_000_000)
            throw new CommandException(ExitCode.WrongUsage, "--lines takes a number from 0 to 1000000");
        var look = Look(parsed);
        var targets = parsed.GetValue<string[]>("target") ?? [];

        using var leaving = call.UntilReaderGone();
        var printer = new LogPrinter(call.Shell.Screen, look);
        await using var connection = await call.Door.FindAsync(printer, call.Cancellation)
            ?? throw new CommandException(
                ExitCode.DaemonNotReachable, $"no daemon is running; what was logged before lies in {Screen.Safe(call.Shell.Home.Logs)}");
        targets = await KnownWords.OfAsync(call, connection.Daemon, targets);
        if (targets.Length > 0 && await connection.Daemon.ListAsync(new ListCommand { Targets = targets }, call.Cancellation) is { Errors: { Length: > 0 } unknown })
            throw new CommandException(ExitCode.Failed, Screen.Safe(string.Join("; ", unknown)));
        if (look.Style == LogStyle.Prefixed && lines > 0)
        {
            var whose = targets.Length == 0 ? "all" : Screen.Safe(string.Join(", ", targets));
            call.Shell.Screen.Answer($"[TAILING] Tailing last {lines} lines for [{whose}] processes (change the value with --lines option)");
            call.Shell.Screen.Out.Flush();
        }

        var (onlyOut, onlyErr) = (parsed.GetValue<bool>("--out"), parsed.GetValue<bool>("--err"));
        try
        {
            var reply = await connection.Daemon.LogsAsync(
                new LogsCommand
                {
                    Targets = targets,
                    Lines = lines,
                    Follow = !parsed.GetValue<bool>("--nostream"),
                    Out = onlyOut || !onlyErr,
                    Error = onlyErr || !onlyOut,
                },
                leaving.Token);
            foreach (var error in reply.Errors)
                call.Shell.Screen.Fail(Screen.Safe(error));
            return reply.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Done;
        }
    }

    private static LogLook Look(ParseResult parsed) => LogLook.Of(parsed) with { Highlight = parsed.GetValue<string?>("--highlight") };
}
