using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>CLI and daemon do not understand each other: who is older, and what to type. Asked of the daemon itself; `ping` is understood by every version.</summary>
internal static class OtherVersion
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <returns>One line for the user, and whether the versions are the reason.</returns>
    public static async Task<(string Words, bool IsReason)> WordsAsync(HomeFolder home, DaemonRefusedException refused)
    {
        using var late = new CancellationTokenSource(Patience);
        try
        {
            await using var connection = await DaemonConnection.ConnectAsync(home, new NoNotices(), late.Token);
            return Words(await connection.Daemon.PingAsync(new PingCommand(), late.Token), refused);
        }
        catch (Exception gone) when (gone is DaemonUnreachableException or DaemonLeftException or DaemonRefusedException or OperationCanceledException or IOException)
        {
            return (Screen.Safe(refused.Message), refused.Code == RpcError.OtherVersion);
        }
    }

    internal static (string Words, bool IsReason) Words(DaemonInfo daemon, DaemonRefusedException refused)
    {
        var (theirs, ours) = (Screen.Safe(daemon.Version), Versions.Zd);
        var both = $"this is zd {ours}, the daemon that runs (pid {daemon.Pid}) is zd {theirs}";
        return Compare(daemon) switch
        {
            // What an old daemon does not know, it says in its own words; they help nobody who has the new one in his hands.
            < 0 => ($"{both}, which is older and does not know this; `zd update` lets daemon and keeper go on as {ours}, and no worker is touched", true),
            > 0 => ($"{both}, which is newer and does not know this any more; call that zd, or let daemon and keeper go back with `zd update`, if {ours} can read what {theirs} has written", true),
            _ => (Screen.Safe(refused.Message), false),
        };
    }

    /// <summary>Of the daemon with us: by the protocol, and where that is the same, by the program's version.</summary>
    private static int Compare(DaemonInfo daemon) =>
        daemon.Protocol != ProtocolVersion.Current ? daemon.Protocol.CompareTo(ProtocolVersion.Current)
        : Version.TryParse(daemon.Version, out var theirs) && Version.TryParse(Versions.Zd, out var ours) ? Normal(theirs).CompareTo(Normal(ours))
        : 0;

    private static Version Normal(Version version) => new(version.Major, version.Minor, Math.Max(0, version.Build));

    private sealed class NoNotices : IClientNotices
    {
        public void Progress(ProgressNote note)
        {
        }

        public void Log(LogNote note)
        {
        }
    }
}
