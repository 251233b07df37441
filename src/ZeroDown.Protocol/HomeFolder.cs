namespace ZeroDown.Protocol;

/// <summary>
/// Where a daemon lives: one folder (<c>ZD_HOME</c>, default <c>~/.zd</c>), 0700, one daemon. CLI, daemon and keeper meet
/// through these paths and nothing else.
/// </summary>
public sealed class HomeFolder(string path)
{
    public string Path { get; } = path;

    /// <summary>The named pipe's rendezvous: an absolute path, because a bare name would lie in the shared temp folder.</summary>
    public string Pipe => System.IO.Path.Combine(Path, "zd.pipe");

    /// <summary>The daemon's pid, for monitors; pm2's pm2.pid. We ourselves go by <see cref="DaemonLock"/>.</summary>
    public string DaemonPid => System.IO.Path.Combine(Path, "zd.pid");

    public string DaemonLog => System.IO.Path.Combine(Path, "zd.log");

    public string KeeperLog => System.IO.Path.Combine(Path, "keeper.log");

    public string KeeperLock => System.IO.Path.Combine(Path, "keeper.lock");

    public string DaemonLock => System.IO.Path.Combine(Path, "daemon.lock");

    public string State => System.IO.Path.Combine(Path, "state.json");

    /// <summary>The state before that one.</summary>
    public string PreviousState => System.IO.Path.Combine(Path, "state.previous.json");

    /// <summary>The state that the last daemon left when this one began anew, after a boot or a <c>zd kill</c>: what it began with, whatever is started since.</summary>
    public string LastState => System.IO.Path.Combine(Path, "state.last.json");

    /// <summary>What <c>zd save</c> has saved.</summary>
    public string Dump => System.IO.Path.Combine(Path, "dump.json");

    /// <summary>What it had saved before.</summary>
    public string PreviousDump => System.IO.Path.Combine(Path, "dump.previous.json");

    /// <summary>What <c>zd set</c> keeps.</summary>
    public string Settings => System.IO.Path.Combine(Path, "settings.json");

    /// <summary>Log files of the workers, pm2's names.</summary>
    public string Logs => System.IO.Path.Combine(Path, "logs");

    public string Pids => System.IO.Path.Combine(Path, "pids");

    /// <summary>Notify sockets and other things that die with the machine.</summary>
    public string Run => System.IO.Path.Combine(Path, "run");

    /// <summary>Where one worker speaks to the daemon; its number in the name.</summary>
    public string NotifySocket(long worker) =>
        System.IO.Path.Combine(Run, $"{worker.ToString(System.Globalization.CultureInfo.InvariantCulture)}.notify");

    /// <summary>What <c>zd</c> built from .csproj and .cs scripts, one folder per build.</summary>
    public string Builds => System.IO.Path.Combine(Path, "builds");

    /// <summary>Libraries that travel inside <c>zd</c>, laid out one copy per version.</summary>
    public string Libraries => System.IO.Path.Combine(Path, "lib");

    /// <summary>The folders in it that a daemon needs.</summary>
    public IReadOnlyList<string> Folders => [Logs, Run, Builds, Libraries];

    /// <summary>The folder that the user's environment asks for: <c>ZD_HOME</c>, else <c>~/.zd</c>.</summary>
    /// <param name="homeVariable">The value of <c>ZD_HOME</c>.</param>
    /// <param name="userHome">The user's home folder.</param>
    /// <param name="currentFolder">Where a relative <c>ZD_HOME</c> starts.</param>
    public static HomeFolder Find(string? homeVariable, string userHome, string currentFolder) =>
        new(string.IsNullOrEmpty(homeVariable)
            ? System.IO.Path.Combine(userHome, ".zd")
            : System.IO.Path.GetFullPath(homeVariable, currentFolder));
}
