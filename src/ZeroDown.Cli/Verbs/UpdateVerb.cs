using System.CommandLine;
using System.ComponentModel;
using CliWrap;
using CliWrap.Buffered;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Views;
using ZeroDown.Platform;
using ZeroDown.Protocol;
using Command = System.CommandLine.Command;

namespace ZeroDown.Cli.Verbs;

/// <summary>
/// <c>zd update</c>: daemon and keeper become the program on disk, and no worker is touched. The new program is asked first whether it can; if its daemon then does not
/// start, the old one is back. The connection breaks on the way; the daemon that comes next knows how it went.
/// </summary>
internal sealed class UpdateVerb : FleetVerb
{
    /// <summary>The old daemon leaves, the new one starts or does not, the old one comes back: each of them may be slow.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan PreflightPatience = TimeSpan.FromSeconds(30);

    public override string Name => "update";

    public override string[] OldSpellings => ["updatePM2", "deepUpdate"];

    public override string Summary => "replaces the running daemon and keeper by this zd; workers and clients notice nothing";

    public override string[] Examples => ["zd update", "zd update --with /opt/zd-0.9/zd   another version, also an older one"];

    public override void Declare(Command command) =>
        command.Options.Add(new Option<string?>("--with") { HelpName = "PATH", Description = "the zd to go on with (default: the one that you call)" });

    public override async Task<int> RunAsync(Invocation call)
    {
        var screen = call.Shell.Screen;
        var program = ProgramOf(call.Parsed.GetValue<string?>("--with"));
        await using var connection = await call.Door.FindAsync(Board(call), call.Cancellation, Patience);
        if (connection is null)
        {
            screen.Answer($"no daemon is running in {Screen.Safe(call.Shell.Home.Path)}, so there is nothing to update; the next `zd start` brings this version");
            return ExitCode.Done;
        }

        var before = await connection.Daemon.PingAsync(new PingCommand(), call.Cancellation);
        var version = await PreflightAsync(program, call);
        screen.Say($"zd {Screen.Safe(version)} can go on where zd {Screen.Safe(before.Version)} is; replacing daemon (pid {before.Pid}) and keeper (pid {before.KeeperPid})");
        using var late = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation);
        late.CancelAfter(Patience);
        try
        {
            var reply = await connection.Daemon.UpdateAsync(new UpdateCommand { Version = version, Program = program }, late.Token);
            var after = await connection.Daemon.PingAsync(new PingCommand(), late.Token);
            ReplyText.Write(reply, screen);
            Tell(reply.ExitCode, before, after, screen);
            return reply.ExitCode;
        }
        catch (OperationCanceledException) when (!call.Cancellation.IsCancellationRequested)
        {
            throw new CommandException(
                ExitCode.Failed, $"nothing is known of the update after {Patience.TotalMinutes} minutes; `zd ping` shows who runs, {Screen.Safe(call.Shell.Home.KeeperLog)} may say why");
        }
        catch (DaemonRefusedException unknown) when (unknown.Code == RpcError.MethodNotFound)
        {
            throw new CommandException(
                ExitCode.Failed,
                $"the daemon that runs (zd {Screen.Safe(before.Version)}) is too old to be updated in place; end it with `zd kill` (its apps stop), then `zd start` or `zd resurrect`");
        }
    }

    private static void Tell(int code, DaemonInfo before, DaemonInfo after, Screen screen)
    {
        var line = $"daemon: zd {Screen.Safe(before.Version)} (pid {before.Pid}) → zd {Screen.Safe(after.Version)} (pid {after.Pid}); "
            + $"keeper: zd {Screen.Safe(before.KeeperVersion ?? before.Version)} → zd {Screen.Safe(after.KeeperVersion ?? after.Version)} (pid {after.KeeperPid})";
        if (code == 0)
            screen.Answer($"updated; {line}");
        else
            screen.Say(line);
    }

    /// <exception cref="CommandException">There is no such program: exit 2 for one that was typed.</exception>
    private static string[] ProgramOf(string? typed)
    {
        var self = SelfExecutable.Current;
        if (typed is null)
        {
            return !File.Exists(self.DisplayPath) ? throw Untouched($"the file of this zd, {self.DisplayPath}, is not there any more; install it again, or name another one: zd update --with PATH")
                : self.Arguments.Count > 0 ? [self.Path, .. self.Arguments]
                : [self.DisplayPath];
        }

        var path = Path.GetFullPath(typed);
        return File.Exists(path) ? [path] : throw new CommandException(ExitCode.WrongUsage, $"there is no {Screen.Safe(path)} to update to");
    }

    /// <returns>The program's version.</returns>
    /// <exception cref="CommandException">It cannot go on; nothing was touched.</exception>
    private static async Task<string> PreflightAsync(string[] program, Invocation call)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation);
        late.CancelAfter(PreflightPatience);
        try
        {
            var run = await CliWrap.Cli.Wrap(program[0])
                .WithArguments([.. program[1..], "daemon", "--preflight", "--home", call.Shell.Home.Path])
                .WithValidation(CommandResultValidation.None)
                .ExecuteBufferedAsync(late.Token);
            return run.ExitCode == 0
                ? run.StandardOutput.Trim()
                : throw Untouched(run.StandardError.Trim() is { Length: > 0 } why ? why : $"{program[0]} ended with exit code {run.ExitCode}");
        }
        catch (Win32Exception problem)
        {
            throw Untouched($"{program[0]} cannot be executed: {problem.Message}");
        }
        catch (OperationCanceledException) when (!call.Cancellation.IsCancellationRequested)
        {
            throw Untouched($"{program[0]} did not answer within {PreflightPatience.TotalSeconds} s");
        }
    }

    private static CommandException Untouched(string why) => new(ExitCode.Failed, $"the update was not begun, nothing was touched: {Screen.Safe(why)}");
}
