namespace ZeroDown.Daemon;

/// <summary>Whatever has to be closed at the end: the last one first.</summary>
internal sealed class Parts : IDisposable
{
    private readonly Stack<IDisposable> _parts = new();

    public T Keep<T>(T part)
        where T : IDisposable
    {
        _parts.Push(part);
        return part;
    }

    public void Dispose()
    {
        while (_parts.TryPop(out var part))
            part.Dispose();
    }
}
