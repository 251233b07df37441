using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>What a keeper says of itself, to a daemon at its hello and to the keeper that comes after it.</summary>
/// <remarks>It cannot grow: where it is written, other fields follow it.</remarks>
/// <param name="ContractVersion">What it speaks.</param>
/// <param name="Pid">Its own.</param>
/// <param name="Predecessors">How many daemons ended before the one that is told.</param>
/// <param name="QuickDeaths">How many of the last ones in a row ended quickly.</param>
internal sealed record KeeperFields(int ContractVersion, int Pid, int Predecessors, int QuickDeaths)
{
    private const long NoOpenFiles = -1;
    private const int NoOomScore = int.MinValue;

    /// <summary>CLOCK_MONOTONIC of the moment from which on there was no daemon.</summary>
    internal TimeSpan AloneSince { get; init; } = MonotonicClock.Now;

    /// <summary>The soft limit of open files that zd was started with; null if it is not known.</summary>
    internal long? OpenFiles { get; init; }

    /// <summary>The OOM score that zd was started with; null where there is none, or it is not known.</summary>
    internal int? OomScoreAdjust { get; init; }

    /// <summary>Of the program, for people; empty from a keeper of the first version.</summary>
    internal string Version { get; init; } = "";

    /// <summary>How many daemons in a row ended quickly and by a failure of their own.</summary>
    internal int Failures { get; init; }

    internal WireWriter Write(WireWriter to) => to
        .I32(ContractVersion).I32(Pid).I32(Predecessors).I32(QuickDeaths)
        .I64(AloneSince.Ticks).I64(OpenFiles ?? NoOpenFiles).I32(OomScoreAdjust ?? NoOomScore).Text(Version).I32(Failures);

    internal static KeeperFields Read(ref WireReader from)
    {
        var first = new KeeperFields(from.I32(), from.I32(), from.I32(), from.I32());
        if (from.IsAtEnd)
        {
            return first;
        }

        first = first with { AloneSince = TimeSpan.FromTicks(from.I64()) };
        var (openFiles, oomScore) = (from.I64(), from.I32());
        return first with
        {
            OpenFiles = openFiles == NoOpenFiles ? null : openFiles,
            OomScoreAdjust = oomScore == NoOomScore ? null : oomScore,
            Version = from.Text(),
            Failures = from.I32(),
        };
    }
}
