namespace ZeroDown.Platform;

/// <summary>One message from an <see cref="FdChannel"/>. Disposing closes every descriptor that <see cref="Take"/> has not handed out.</summary>
public sealed class FdMessage : IDisposable
{
    private readonly FdHandle?[] _fds;

    internal FdMessage(byte[] body, IEnumerable<FdHandle> fds)
    {
        Body = body;
        _fds = [.. fds];
    }

    public ReadOnlyMemory<byte> Body { get; }

    public int FdCount => _fds.Length;

    /// <summary>It came without its descriptors, because this process has no free ones (EMFILE).</summary>
    public bool LostFds { get; init; }

    /// <summary>Hands a descriptor over to the caller, who closes it from now on.</summary>
    /// <param name="index">0-based, in the order in which they were sent.</param>
    public FdHandle Take(int index)
    {
        var taken = _fds[index] ?? throw new InvalidOperationException($"descriptor {index} of this message was already taken");
        _fds[index] = null;
        return taken;
    }

    public void Dispose()
    {
        foreach (var fd in _fds)
        {
            fd?.Dispose();
        }
    }
}

/// <summary>What a non-blocking receive found.</summary>
public enum ReceiveOutcome
{
    /// <summary>A whole message.</summary>
    Message,

    /// <summary>Nothing yet (EAGAIN).</summary>
    Empty,

    /// <summary>The other side is gone, and all that it sent has been received.</summary>
    Closed,
}
