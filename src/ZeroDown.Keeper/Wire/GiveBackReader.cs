using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>Collects the keeper's answer to Hello, message by message.</summary>
internal sealed class GiveBackReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, HeldFd> _held = [];
    private UpdateNote? _update;
    private bool _afterSuccession;

    /// <summary>Every launch, with what the daemon itself does not ask for.</summary>
    internal List<KeptRecord> Launches { get; } = [];

    /// <summary>Pidfds that came with launches, by launch id. The caller's.</summary>
    internal Dictionary<long, FdHandle> PidFds { get; } = [];

    internal KeeperFields Keeper { get; private set; } = new(0, 0, 0, 0);

    /// <param name="channel">From where.</param>
    /// <param name="who">For people: who speaks there.</param>
    /// <exception cref="KeeperGoneException">It is gone, or silent.</exception>
    /// <exception cref="IOException">It does not want us; the message is for people.</exception>
    internal GiveBack Receive(FdChannel channel, string who)
    {
        var list = new PollList();
        var deadline = MonotonicClock.Now + Patience;
        while (true)
        {
            var outcome = channel.TryReceive(out var message);
            using (message)
            {
                if (message is not null && Add(message) is { } complete)
                {
                    return complete;
                }
            }

            if (outcome == ReceiveOutcome.Closed || MonotonicClock.Now > deadline)
            {
                throw new KeeperGoneException(outcome == ReceiveOutcome.Closed ? $"{who} is gone" : $"{who} has not spoken for {Patience.TotalSeconds} s");
            }

            if (outcome == ReceiveOutcome.Empty)
            {
                list.Clear();
                list.Add(channel.Handle, FdInterest.Read);
                list.Wait(deadline - MonotonicClock.Now);
            }
        }
    }

    /// <returns>Null as long as there is more to come.</returns>
    /// <exception cref="IOException">The keeper does not want us; the message is for people.</exception>
    internal GiveBack? Add(FdMessage message)
    {
        var fields = new WireReader(message.Body.Span);
        switch ((News)fields.U8())
        {
            case News.Welcome:
                Keeper = KeeperFields.Read(ref fields);
                _afterSuccession = !fields.IsAtEnd && fields.Flag();
                break;
            case News.Refused:
                throw new IOException($"the keeper does not accept this daemon: {fields.Text()}");
            case News.Held when message.FdCount == 1:
                var key = fields.Text();
                var kind = (HoldKind)fields.U8();
                _held[key] = new HeldFd(message.Take(0), kind, fields.I64());
                break;
            case News.Kept:
                Launches.Add(fields.Kept());
                if (message.FdCount == 1)
                {
                    PidFds[Launches[^1].Worker.LaunchId] = message.Take(0);
                }

                break;
            case News.Updated:
                _update = EventReader.Update(ref fields);
                break;
            case News.EndOfGiveBack:
                return new GiveBack(
                    _held, [.. Launches.Select(launch => launch.Worker)], Keeper.Predecessors, Keeper.QuickDeaths, Keeper.Pid, Keeper.ContractVersion, Keeper.AloneSince)
                {
                    KeeperVersion = Keeper.Version,
                    Failures = Keeper.Failures,
                    AfterSuccession = _afterSuccession,
                    Update = _update,
                };
        }

        return null;
    }
}

/// <summary>The other side was gone, or silent, before it had given everything back.</summary>
public sealed class KeeperGoneException(string message) : IOException(message);
