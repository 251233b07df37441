namespace ZeroDown.Keeper;

/// <summary>When the next daemon is started: at once, unless they keep dying quickly.</summary>
internal sealed class DaemonSchedule
{
    /// <summary>One that lived shorter than this died quickly.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>For daemons that end by themselves: in between, the processor belongs to the workers.</summary>
    private static readonly TimeSpan LongestAfterFailures = TimeSpan.FromSeconds(10);

    /// <summary>For daemons that somebody kills: the next may well live, and until it is there nobody starts a dead worker again.</summary>
    private static readonly TimeSpan LongestAfterKills = TimeSpan.FromSeconds(1);

    /// <summary>How many daemons have ended so far.</summary>
    internal int Predecessors { get; private set; }

    /// <summary>How many of the last ones in a row died quickly.</summary>
    internal int QuickDeaths { get; private set; }

    /// <summary>How many in a row died quickly by a failure of their own. One that somebody killed says nothing about the next.</summary>
    internal int Failures { get; private set; }

    internal TimeSpan NextStart { get; private set; }

    /// <summary>Goes on counting where a keeper before us was killed, or where an earlier image of this process stood.</summary>
    internal void Inherit(KeeperFields before) => (Predecessors, QuickDeaths, Failures) = (before.Predecessors, before.QuickDeaths, before.Failures);

    /// <summary>It has left in good order, because its keeper was killed: no death, but a predecessor, whose long life forgives as ever.</summary>
    internal void HandedOver(TimeSpan startedAt, TimeSpan now)
    {
        Predecessors++;
        if (now - startedAt >= LongEnough)
        {
            QuickDeaths = Failures = 0;
        }
    }

    /// <summary>It has left in good order, to make room for one of another program, which gets a chance of its own.</summary>
    internal void Left(TimeSpan now)
    {
        Predecessors++;
        Failures = 0;
        NextStart = now;
    }

    internal void Ended(TimeSpan startedAt, TimeSpan now, bool failed = false)
    {
        Predecessors++;
        var isQuick = now - startedAt < LongEnough;
        QuickDeaths = isQuick ? QuickDeaths + 1 : 0;
        Failures = !isQuick ? 0 : failed ? Failures + 1 : Failures;
        NextStart = now + Pause;
    }

    private TimeSpan Pause
    {
        get
        {
            var (afterKills, afterFailures) = (Doubled(QuickDeaths, LongestAfterKills), Doubled(Failures, LongestAfterFailures));
            return afterKills > afterFailures ? afterKills : afterFailures;
        }
    }

    /// <summary>The first quick death may be an accident; from the second on 100 ms, doubled each time.</summary>
    private static TimeSpan Doubled(int deaths, TimeSpan longest)
    {
        if (deaths <= 1)
        {
            return TimeSpan.Zero;
        }

        var pause = FirstPause * Math.Pow(2, Math.Min(deaths - 2, 10));
        return pause < longest ? pause : longest;
    }
}
