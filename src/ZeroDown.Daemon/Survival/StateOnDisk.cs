using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using ZeroDown.Daemon.Survival.Writing;

namespace ZeroDown.Daemon.Survival;

/// <summary>What the file says about itself beside the state: when it was true, and which processes there were.</summary>
internal sealed record StateOrigin
{
    /// <summary>Which boot of the machine: after another one every pid, deadline and moment in the state is void, and it only says what was wanted.</summary>
    public required string BootId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The daemon was told to end, and had stopped everything.</summary>
    public bool EndedCleanly { get; init; }

    /// <summary>The keeper that was there.</summary>
    public int KeeperPid { get; init; }

    /// <summary>Workers that lived then.</summary>
    public ImmutableArray<LivingWorker> Workers { get; init; } = [];
}

/// <summary>One process, told apart from every other that had or will have its pid in this boot.</summary>
/// <param name="Worker">The worker's number.</param>
/// <param name="Pid">Its process.</param>
/// <param name="StartTime">As in <see cref="Platform.ProcessIdentity.StartTime"/>.</param>
internal sealed record LivingWorker(long Worker, int Pid, long StartTime);

/// <summary>A state that was read from the disk.</summary>
internal sealed record StateOnDisk(Remembered State, StateOrigin Origin)
{
    private static readonly Form<DateTimeOffset> Moment = new MappedForm<DateTimeOffset, string>(
        PlainForms.Text, moment => moment.ToString("O", CultureInfo.InvariantCulture), text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture));

    private static readonly Form<LivingWorker> Living = new RecordForm<LivingWorker>(new(0, 0, 0))
        .Must("worker", PlainForms.Long, living => living.Worker, (living, value) => living with { Worker = value })
        .Must("pid", PlainForms.Int, living => living.Pid, (living, value) => living with { Pid = value })
        .Must("startTime", PlainForms.Long, living => living.StartTime, (living, value) => living with { StartTime = value });

    private static readonly Form<StateOrigin> Form = new RecordForm<StateOrigin>(new() { BootId = "", At = default }, sparse: false)
        .Must("bootId", PlainForms.Text, origin => origin.BootId, (origin, value) => origin with { BootId = value })
        .Must("at", Moment, origin => origin.At, (origin, value) => origin with { At = value })
        .May("endedCleanly", PlainForms.Bool, origin => origin.EndedCleanly, (origin, value) => origin with { EndedCleanly = value })
        .May("keeperPid", PlainForms.Int, origin => origin.KeeperPid, (origin, value) => origin with { KeeperPid = value })
        .May("workers", Living.InArray(), origin => origin.Workers, (origin, value) => origin with { Workers = value });

    public bool IsOfThisBoot => Origin.BootId == Platform.Machine.BootId;

    /// <exception cref="UnreadableStateException">The message says why.</exception>
    public static StateOnDisk Parse(ReadOnlySpan<byte> text)
    {
        var state = FleetCodec.Read(text);
        Checksum.Check(text); // second: a later zd may have another form of it, and says in words that this one is too old
        return new StateOnDisk(state, FleetCodec.ReadBeside(text, "saved", Form));
    }

    public void Write(FleetCodec codec, IBufferWriter<byte> to) => codec.Write(to, State.Fleet, State.Desk, writer =>
    {
        writer.WritePropertyName("saved"u8);
        Form.Write(writer, Origin, NoSpecs.Instance);
    });

    /// <param name="state">What is true now.</param>
    /// <param name="origin">The rest, but for the workers.</param>
    /// <param name="startTimeOf">By worker number; 0 when it is not known, and then nobody could find the process again.</param>
    public static StateOnDisk Of(Remembered state, StateOrigin origin, Func<long, long> startTimeOf) => new(state, origin with
    {
        EndedCleanly = state.Fleet.Ended,
        Workers = [.. state.Fleet.Apps.SelectMany(app => app.Workers.Values)
            .Where(worker => worker.Pid > 0)
            .Select(worker => new LivingWorker(worker.Id.Number, worker.Pid, startTimeOf(worker.Id.Number)))
            .Where(living => living.StartTime > 0)],
    });
}
