using ZeroDown.Cli.Terminal;
using ZeroDown.Config;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

internal delegate HomeFolder NewHome(out string? instead);

/// <summary>Everything of the user's side that a verb may touch; tests put their own in its place.</summary>
internal sealed record UserShell
{
    public required HomeFolder Home { get; init; }

    public required Screen Screen { get; init; }

    /// <summary>Environment and current folder; read only by verbs that need them.</summary>
    public required Func<ReadContext> Context { get; init; }

    public required Func<TextReader> In { get; init; }

    /// <summary>What was typed behind <c>zd</c>, for config files that look at it.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Starts keeper and daemon and waits until it listens; null when it does, else why not.</summary>
    public required Func<HomeFolder, string?> StartDaemon { get; init; }

    /// <summary>
    /// Makes this process the keeper of a home, in the foreground (or, for an init system, as its service); beside it a command of ours runs. Returns only when that failed,
    /// and says why.
    /// </summary>
    public Func<HomeFolder, bool, string[], string> BecomeKeeper { get; init; } = (_, _, _) => "not here";

    /// <summary>The home for a daemon that runs in the foreground, ready to be used, and why it is not the ordinary one.</summary>
    public NewHome NewHome { get; init; } = HomeSearch.OfThisProcess().ForNew;

    /// <summary>We were started by a keeper in the foreground, to attend to it.</summary>
    public bool IsAttendant { get; init; }

    public string User { get; init; } = Environment.UserName;

    public Func<DateTimeOffset> Now { get; init; } = () => DateTimeOffset.UtcNow;
}
