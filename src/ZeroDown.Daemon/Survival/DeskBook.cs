using System.Collections.Immutable;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Survival;

/// <summary>What the desk where commands wait must know after the daemon was replaced: which numbers it has given out, and which
/// command of a client became which request.</summary>
internal sealed record DeskBook
{
    public static readonly DeskBook Empty = new();

    /// <summary>The last number that a request got.</summary>
    public long LastRequest { get; init; }

    /// <summary>Commands with a token that are pending, or were answered lately; the answered ones in the order of their answers.</summary>
    public ImmutableList<CommandTicket> Tickets { get; init; } = [];
}

/// <summary>A command that its client can ask about again.</summary>
/// <param name="Token">The client's name for it.</param>
/// <param name="Content">Tells it from every other command; see <c>CommandContent</c>.</param>
/// <param name="Request">What it became.</param>
/// <param name="Answer">Null while it is pending.</param>
internal sealed record CommandTicket(string Token, string Content, RequestId Request, Answer? Answer = null);

/// <summary>All that the next daemon goes on from.</summary>
internal sealed record Remembered(FleetState Fleet, DeskBook Desk)
{
    public static readonly Remembered Nothing = new(FleetState.Empty, DeskBook.Empty);
}
