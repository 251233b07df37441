using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>How a verb gets to the daemon: verbs that only read take it as they find it, verbs that start something bring it up.</summary>
internal sealed class DaemonDoor(UserShell shell)
{
    /// <summary>A daemon that listened a moment ago may have been stopped since; nobody is unlucky that often.</summary>
    private const int MostStarts = 3;

    /// <summary>How long a keeper may take to bring the next daemon: also one that does not start at the first try.</summary>
    private static readonly TimeSpan Succession = TimeSpan.FromSeconds(15);

    /// <summary>From when on the user should know what we wait for.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    /// <summary>The daemon that runs, or null when none does.</summary>
    /// <exception cref="CommandException">There is one and it cannot be asked.</exception>
    public async Task<DaemonConnection?> FindAsync(IClientNotices notices, CancellationToken cancellation)
    {
        var since = shell.Now();
        var isTold = false;
        while (true)
        {
            try
            {
                return await DaemonConnection.ConnectAsync(shell.Home, notices, cancellation);
            }
            catch (DaemonUnreachableException nobody) when (nobody.Reason is UnreachableReason.NobodyHome or UnreachableReason.StalePipe)
            {
                // Where a keeper lives it is bringing the next daemon just now; the pipe's file may be there meanwhile or not.
                if (!KeeperIsAlive() || shell.Now() - since > Succession)
                    return null;
                if (!isTold && shell.Now() - since > Silence)
                    shell.Screen.Say("waiting for the daemon, which is being replaced");
                isTold |= shell.Now() - since > Silence;
                await Task.Delay(20, cancellation);
            }
            catch (DaemonUnreachableException unreachable)
            {
                throw new CommandException(ExitCode.DaemonNotReachable, unreachable.Message);
            }
        }
    }

    /// <summary>The daemon that runs; none is exit 6, and the message says that there is nothing to <c>verb</c>.</summary>
    public async Task<DaemonConnection> RequireAsync(string verb, IClientNotices notices, CancellationToken cancellation) =>
        await FindAsync(notices, cancellation)
        ?? throw new CommandException(
            ExitCode.DaemonNotReachable, $"no daemon is running in {Screen.Safe(shell.Home.Path)}, so `zd {verb}` has nothing to work on; `zd start` starts one");

    /// <summary>The daemon that runs, started if need be.</summary>
    public async Task<DaemonConnection> EnterAsync(IClientNotices notices, CancellationToken cancellation)
    {
        for (var starts = 0; ; starts++)
        {
            try
            {
                return await DaemonConnection.ConnectAsync(shell.Home, notices, cancellation);
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

    private bool KeeperIsAlive()
    {
        var pid = Platform.InstanceLock.ReadHolder(shell.Home.KeeperLock);
        return pid > 0 && Platform.ProcessIdentity.Of(pid)?.IsAlive() == true;
    }
}
