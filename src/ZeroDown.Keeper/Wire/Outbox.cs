using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>Messages on their way into a channel: sent at once while there is room, else kept in order until there is. Nobody waits for a slow peer. Not thread-safe.</summary>
internal sealed class Outbox(FdChannel channel) : IDisposable
{
    private readonly Queue<(byte[] Body, FdHandle[] Fds)> _waiting = new();

    /// <summary>True once the other side was found gone: everything that is posted from then on is dropped.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>While true, wait for the channel to become writable, then <see cref="Flush"/>.</summary>
    internal bool HasWaiting => _waiting.Count > 0;

    internal void Post(WireWriter message, params ReadOnlySpan<FdHandle> fds) => Post(message.Written, fds);

    /// <param name="body">Whole message.</param>
    /// <param name="fds">Stay the caller's.</param>
    /// <exception cref="SystemCallException">The message must wait, and there is no descriptor left to keep its own (EMFILE).</exception>
    internal void Post(ReadOnlyMemory<byte> body, params ReadOnlySpan<FdHandle> fds)
    {
        if (!IsClosed && (HasWaiting || !TrySend(body.Span, fds.ToArray())) && !IsClosed)
        {
            var kept = new FdHandle[fds.Length];
            for (var i = 0; i < kept.Length; i++)
            {
                kept[i] = fds[i].Duplicate();
            }

            _waiting.Enqueue((body.ToArray(), kept));
        }
    }

    internal void Flush()
    {
        while (_waiting.TryPeek(out var message) && TrySend(message.Body, message.Fds))
        {
            _waiting.Dequeue();
            CloseAll(message.Fds);
        }

        if (IsClosed)
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        while (_waiting.TryDequeue(out var message))
        {
            CloseAll(message.Fds);
        }
    }

    private bool TrySend(ReadOnlySpan<byte> body, FdHandle[] fds)
    {
        try
        {
            return channel.TrySend(body, fds);
        }
        catch (ChannelClosedException)
        {
            IsClosed = true;
            return false;
        }
    }

    private static void CloseAll(FdHandle[] fds)
    {
        foreach (var fd in fds)
        {
            fd.Dispose();
        }
    }
}
