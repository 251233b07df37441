using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>Collects the keeper's answer to Hello, message by message.</summary>
internal sealed class GiveBackReader
{
    private readonly Dictionary<string, HeldFd> _held = [];
    private readonly List<KeptWorker> _workers = [];
    private (int Version, int Pid, int Predecessors, int QuickDeaths, TimeSpan AloneSince) _keeper;

    /// <returns>Null as long as there is more to come.</returns>
    /// <exception cref="IOException">The keeper does not want us; the message is for people.</exception>
    internal GiveBack? Add(FdMessage message)
    {
        var fields = new WireReader(message.Body.Span);
        switch ((News)fields.U8())
        {
            case News.Welcome:
                _keeper = (fields.I32(), fields.I32(), fields.I32(), fields.I32(), fields.IsAtEnd ? MonotonicClock.Now : new TimeSpan(fields.I64()));
                break;
            case News.Refused:
                throw new IOException($"the keeper does not accept this daemon: {fields.Text()}");
            case News.Held when message.FdCount == 1:
                var key = fields.Text();
                var kind = (HoldKind)fields.U8();
                _held[key] = new HeldFd(message.Take(0), kind, fields.I64());
                break;
            case News.Kept:
                _workers.Add(Worker(ref fields));
                break;
            case News.EndOfGiveBack:
                return new GiveBack(_held, _workers, _keeper.Predecessors, _keeper.QuickDeaths, _keeper.Pid, _keeper.Version, _keeper.AloneSince);
        }

        return null;
    }

    private static KeptWorker Worker(ref WireReader fields)
    {
        var launchId = fields.I64();
        var state = (KeptState)fields.U8();
        return new KeptWorker(
            launchId,
            state,
            fields.I32(),
            fields.I64(),
            fields.Bytes().ToArray(),
            state == KeptState.Exited ? fields.Exit() : null,
            state == KeptState.Failed ? fields.Failure() : null);
    }
}
