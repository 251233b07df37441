namespace ZeroDown.Daemon;

/// <summary>For trouble that comes back as long as its cause is there: the same words are said at most once in a while.</summary>
internal sealed class SeldomSaid(Action<string> say)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private string? _last;
    private long _saidAt;

    /// <summary>From any thread.</summary>
    public void Say(Exception problem)
    {
        lock (_gate)
        {
            if (problem.Message == _last && System.Diagnostics.Stopwatch.GetElapsedTime(_saidAt) < Pause)
                return;
            (_last, _saidAt) = (problem.Message, System.Diagnostics.Stopwatch.GetTimestamp());
        }

        say(problem.Message);
    }
}
