namespace ZeroDown.Daemon.Workers;

/// <summary>What is made for one launch: what nobody has taken by the end of it is closed, whether it came about or not.</summary>
internal sealed class LaunchParts : IDisposable
{
    private readonly List<IDisposable> _untaken = [];

    public T Add<T>(T part)
        where T : IDisposable
    {
        _untaken.Add(part);
        return part;
    }

    /// <summary>It has an owner now.</summary>
    public void Taken(IDisposable part) => _untaken.Remove(part);

    /// <summary>A part that owns an earlier one, and is itself nobody's yet.</summary>
    public T Instead<T>(IDisposable earlier, T part)
        where T : IDisposable
    {
        Taken(earlier);
        return Add(part);
    }

    public void Dispose() => _untaken.ForEach(part => part.Dispose());
}
