using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>How one launch travels to whoever comes next: a daemon (give-back), a keeper (succession), ourselves after an update.</summary>
internal static class KeptFields
{
    internal static WireWriter Kept(this WireWriter to, KeptRecord record)
    {
        var worker = record.Worker;
        to.I64(worker.LaunchId).U8((byte)worker.State).I32(worker.Pid).I64(worker.StartTime).Bytes(worker.Note.Span);
        _ = worker.State switch
        {
            KeptState.Exited => to.Exit(worker.Exit!),
            KeptState.Failed => to.Failure(new StepFailure(worker.Failure!.Step, worker.Failure.Errno, worker.Failure.Text)),
            _ => to,
        };
        to.Flag(record.KillGroupOnExit).Flag(record.ForgetOnExit).I32(record.Signals.Count);
        foreach (var signal in record.Signals)
        {
            to.I64(signal);
        }

        return to;
    }

    /// <remarks>A keeper of the first version ends with the worker itself.</remarks>
    internal static KeptRecord Kept(this ref WireReader from)
    {
        var (launchId, state) = (from.I64(), (KeptState)from.U8());
        var worker = new KeptWorker(
            launchId,
            state,
            from.I32(),
            from.I64(),
            from.Bytes().ToArray(),
            state == KeptState.Exited ? from.Exit() : null,
            state == KeptState.Failed ? from.Failure() : null);
        if (from.IsAtEnd)
        {
            return new KeptRecord(worker);
        }

        var record = new KeptRecord(worker) { KillGroupOnExit = from.Flag(), ForgetOnExit = from.Flag() };
        var signals = new long[from.Count(sizeof(long))];
        for (var i = 0; i < signals.Length; i++)
        {
            signals[i] = from.I64();
        }

        return record with { Signals = signals };
    }
}

/// <summary>A launch with all that a keeper has to know of it.</summary>
/// <param name="Worker">What a daemon is told.</param>
internal sealed record KeptRecord(KeptWorker Worker)
{
    public bool KillGroupOnExit { get; init; }

    public bool ForgetOnExit { get; init; }

    /// <summary>Numbers of the signals that were sent.</summary>
    public IReadOnlyList<long> Signals { get; init; } = [];
}
