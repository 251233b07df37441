namespace ZeroDown.Keeper;

/// <summary>
/// How long somebody may still take. It is counted in quarters, each of which begins when we look: while we stand still ourselves (a paused container, a stopped process group, a machine that
/// slept with its clock running on), so does whoever we wait for, and that time is nobody's fault.
/// </summary>
internal sealed class Patience
{
    private const int Quarters = 4;

    private readonly TimeSpan _quarter;
    private int _left = Quarters;

    internal Patience(TimeSpan whole, TimeSpan now)
    {
        _quarter = whole / Quarters;
        Next = now + _quarter;
    }

    /// <summary>When <see cref="IsOver"/> wants to be asked next.</summary>
    internal TimeSpan Next { get; private set; }

    /// <summary>To be asked at least once a quarter: one that we have slept through counts as one.</summary>
    internal bool IsOver(TimeSpan now)
    {
        if (_left > 0 && now >= Next)
        {
            _left--;
            Next = now + _quarter;
        }

        return _left == 0;
    }
}
