using System.Diagnostics;
using ZeroDown.Cli.Terminal;
using ZeroDown.Daemon.Survival;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>How a verb gets to the daemon: verbs that only read take it as they find it, verbs that start something bring it up.</summary>
internal sealed class DaemonDoor(UserShell shell)
{
    /// <summary>A daemon that listened a moment ago may have been stopped since; nobody is unlucky that often.</summary>
    private const int MostStarts = 3;

    /// <summary>After so long a user wonders what he is waiting for.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    /// <summary>The daemon that runs, or null when none does.</summary>
    /// <param name="notices">Of whichever daemon.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <param name="patience">How long to wait for a next daemon.</param>
    /// <param name="starts">True if the command starts a daemon where there is none: then it also does where keeper and daemon are killed while it waits.</param>
    /// <exception cref="CommandException">There is one and it cannot be asked.</exception>
    public async Task<LastingConnection?> FindAsync(IClientNotices notices, CancellationToken cancellation, TimeSpan? patience = null, bool starts = false)
    {
        var since = Stopwatch.StartNew();
        var said = false;
        while (true)
        {
            try
            {
                return await LastingConnection.ConnectAsync(shell.Home, notices, cancellation, patience, starts ? StartAgainAsync : BringBackAsync);
            }
            catch (DaemonUnreachableException nobody) when (nobody.Reason is UnreachableReason.NobodyHome or UnreachableReason.StalePipe)
            {
                // Either its keeper is starting the next one just now, or nobody was ever here, or keeper and daemon are gone both.
                if (KeeperOfHome.Pid(shell.Home) is not { } keeper)
                {
                    if (LeftAlone.Problem(shell.Home) is { } problem)
                        throw new CommandException(ExitCode.DaemonNotReachable, Screen.Safe(problem));
                    return LeftAlone.In(shell.Home) ? await EnterAsync(notices, cancellation) : null;
                }

                if (since.Elapsed > LastingConnection.Patience)
                {
                    throw new CommandException(
                        ExitCode.DaemonNotReachable,
                        $"the keeper in {Screen.Safe(shell.Home.Path)} (pid {keeper}) has brought no daemon within {LastingConnection.Patience.TotalSeconds:0} s; {Screen.Safe(KeeperOfHome.WhyNoDaemon(shell.Home))}. Workers serve on without one");
                }

                if (since.Elapsed > Silence && !said)
                {
                    shell.Screen.Say("the daemon is being replaced; waiting for the new one");
                    said = true;
                }

                await Task.Delay(20, cancellation);
            }
            catch (DaemonUnreachableException unreachable)
            {
                throw new CommandException(ExitCode.DaemonNotReachable, unreachable.Message);
            }
        }
    }

    /// <summary>The daemon that runs; none is exit 6, and the message says that there is nothing to <c>verb</c>.</summary>
    public async Task<LastingConnection> RequireAsync(string verb, IClientNotices notices, CancellationToken cancellation) =>
        await FindAsync(notices, cancellation)
        ?? throw new CommandException(
            ExitCode.DaemonNotReachable, $"no daemon is running in {Screen.Safe(shell.Home.Path)}, so `zd {verb}` has nothing to work on; `zd start` starts one");

    /// <summary>The daemon that runs, started if need be.</summary>
    public async Task<LastingConnection> EnterAsync(IClientNotices notices, CancellationToken cancellation)
    {
        for (var starts = 0; ; starts++)
        {
            try
            {
                var connection = await LastingConnection.ConnectAsync(shell.Home, notices, cancellation, bringBack: StartAgainAsync);
                if (starts > 0)
                    await TellRecoveryAsync(connection, cancellation);
                return connection;
            }
            catch (DaemonUnreachableException unreachable)
            {
                if (unreachable.Reason == UnreachableReason.NotPermitted || starts == MostStarts)
                    throw new CommandException(ExitCode.DaemonNotReachable, unreachable.Message);
            }

            shell.Home.Prepare();
            if (starts == 0)
                shell.Screen.Say($"Starting the zd daemon in {Screen.Safe(shell.Home.Path)}");
            if (await Task.Run(() => shell.StartDaemon(shell.Home), cancellation).WaitAsync(cancellation) is { } problem)
                throw new CommandException(ExitCode.DaemonNotReachable, $"the daemon could not be started: {Screen.Safe(problem)}");
        }
    }

    /// <summary>A daemon that is killed together with its keeper while it is asked has nobody who would bring the next one: then we do, where there is something to supervise.</summary>
    /// <returns>False: there is no keeper, and no reason to start one.</returns>
    private async Task<bool> BringBackAsync(CancellationToken cancellation) => await BringBackAsync(LeftAlone.In(shell.Home), cancellation);

    /// <summary>Likewise for a command that starts a daemon where there is none: it does so again.</summary>
    private async Task<bool> StartAgainAsync(CancellationToken cancellation) => await BringBackAsync(true, cancellation);

    private async Task<bool> BringBackAsync(bool wanted, CancellationToken cancellation)
    {
        if (KeeperOfHome.Pid(shell.Home) is not null)
            return true;
        if (!wanted)
            return false;
        await using var connection = await EnterAsync(new ProgressBoard(shell.Screen), cancellation);
        return true;
    }

    /// <summary>Who brings a daemon back after keeper and daemon were killed hears what was found, and what may be lost.</summary>
    private async Task TellRecoveryAsync(LastingConnection connection, CancellationToken cancellation)
    {
        var daemon = await connection.Daemon.PingAsync(new PingCommand(), cancellation);
        foreach (var line in daemon.Recovery)
            shell.Screen.Warn(Screen.Safe(line));
    }
}
