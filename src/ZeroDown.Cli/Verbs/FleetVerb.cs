using System.CommandLine;
using System.CommandLine.Parsing;
using ZeroDown.Cli.Asking;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Views;
using ZeroDown.Config;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Verbs;

/// <summary>What verbs that change the fleet have in common: progress while they run, then what became of each app, then the table.</summary>
internal abstract class FleetVerb : Verb
{
    /// <summary>Writes the answer and, as pm2 does, the table.</summary>
    protected static async Task<int> FinishAsync(CommandReply reply, LastingConnection connection, Invocation call)
    {
        ReplyText.Write(reply, call.Shell.Screen);
        if (reply.Apps.Length > 0 && !call.Shell.Screen.Silent)
            ListVerb.Write(await connection.Daemon.ListAsync(new ListCommand(), call.Cancellation), call);
        if (reply.ExitCode == ExitCode.Done && reply.Apps.Length > 0 && call.Parsed.GetResult("--attach") is OptionResult { Implicit: false })
            await FollowAsync(reply, call);
        return reply.ExitCode;
    }

    /// <summary>pm2's <c>--attach</c>: what the apps print from now on, until Ctrl-C.</summary>
    private static async Task FollowAsync(CommandReply reply, Invocation call)
    {
        call.Shell.Screen.Out.Flush();
        using var leaving = call.UntilReaderGone();
        await using var connection = await call.Door.FindAsync(new LogPrinter(call.Shell.Screen, new LogLook()), call.Cancellation);
        if (connection is null)
            return;
        try
        {
            await connection.Daemon.LogsAsync(new LogsCommand { Targets = [.. reply.Apps.Select(app => app.App)], Lines = 0, Follow = true }, leaving.Token);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C leaves the apps running.
        }
    }

    /// <summary>What two requests of one command came to.</summary>
    protected static CommandReply Together(CommandReply first, CommandReply second) => new()
    {
        ExitCode = first.ExitCode != 0 ? first.ExitCode : second.ExitCode,
        Apps = [.. first.Apps, .. second.Apps],
        Errors = [.. first.Errors, .. second.Errors],
    };

    protected static ProgressBoard Board(Invocation call) => new(call.Shell.Screen);

    public static ReadContext Context(Invocation call, AppFlags? flags = null) => call.Shell.Context() with
    {
        EnvironmentName = call.Parsed.GetValue<string?>("--env"),
        Only = [.. (call.Parsed.GetValue<string?>("--only") ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)],
        Overrides = flags is null ? [] : flags.Given(call.Parsed),
    };

    protected static Option<bool> NoBuildOption() => new("--no-build") { Description = "apps that are named keep the build that they have" };

    protected static Option<string?> EnvOption() => new("--env") { Description = "takes env_NAME of the file over env", HelpName = "NAME" };

    protected static Option<string?> OnlyOption() => new("--only") { Description = "of a file, only these apps", HelpName = "a,b" };
}
