namespace LoadClient;

/// <summary>
/// The time limit of one client's current request: one reusable token source per client instead of one timer per request.
/// </summary>
internal sealed class RequestLimit(TimeSpan limit) : IDisposable
{
    private CancellationTokenSource _source = new();

    public CancellationToken Token => _source.Token;

    /// <summary>Starts the clock for a request.</summary>
    public void Arm()
    {
        Renew();
        _source.CancelAfter(limit);
    }

    /// <summary>Stops the clock: what follows may take as long as it wants.</summary>
    public void Disarm() => Renew();

    public void Dispose() => _source.Dispose();

    private void Renew()
    {
        if (_source.TryReset())
            return;
        _source.Dispose();
        _source = new CancellationTokenSource();
    }
}
