using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>Forms of what happens to workers, and of whom a command means: the parts that fleet and requests share.</summary>
internal static class FactForms
{
    public static readonly Form<ExitStatus> Exit = new RecordForm<ExitStatus>(new(0))
        .Must("code", PlainForms.Int, exit => exit.Code, (exit, value) => exit with { Code = value })
        .May("signal", PlainForms.Text.OrNull(), exit => exit.Signal, (exit, value) => exit with { Signal = value })
        .May("coreDumped", PlainForms.Bool, exit => exit.CoreDumped, (exit, value) => exit with { CoreDumped = value })
        .May("isKnown", PlainForms.Bool, exit => exit.IsKnown, (exit, value) => exit with { IsKnown = value });

    private static readonly Form<LaunchProblem> Problem = new RecordForm<LaunchProblem>(new(null!, 0, null!))
        .Must("step", PlainForms.Text, problem => problem.Step, (problem, value) => problem with { Step = value })
        .Must("errno", PlainForms.Int, problem => problem.Errno, (problem, value) => problem with { Errno = value })
        .Must("text", PlainForms.Text, problem => problem.Text, (problem, value) => problem with { Text = value })
        .May("temporary", PlainForms.Bool, problem => problem.Temporary, (problem, value) => problem with { Temporary = value })
        .May("permanent", PlainForms.Bool, problem => problem.Permanent, (problem, value) => problem with { Permanent = value });

    public static readonly Form<EquatableArray<string>> Texts = PlainForms.Text.InEquatableArray();

    public static readonly Form<EquatableArray<ListenerAddress>> Addresses = SpecForms.Address.InEquatableArray();

    public static readonly Form<FailureCause> Cause = new CaseForm<FailureCause>()
        .Or("exited", new RecordForm<FailureCause.Exited>(new(null!, default))
            .Must("status", Exit, cause => cause.Status, (cause, value) => cause with { Status = value })
            .Must("after", PlainForms.Duration, cause => cause.After, (cause, value) => cause with { After = value })
            .May("wasReady", PlainForms.Bool, cause => cause.WasReady, (cause, value) => cause with { WasReady = value })
            .May("meaning", PlainForms.Enum<ExitMeaning>(), cause => cause.Meaning, (cause, value) => cause with { Meaning = value })
            .May("besideOld", PlainForms.Bool, cause => cause.BesideOld, (cause, value) => cause with { BesideOld = value })
            .May("lastWords", Texts, cause => cause.LastWords, (cause, value) => cause with { LastWords = value }))
        .Or("notReady", new RecordForm<FailureCause.NotReady>(new(default, default, false))
            .Must("limit", PlainForms.Duration, cause => cause.Limit, (cause, value) => cause with { Limit = value })
            .Must("sign", PlainForms.Enum<ReadySign>(), cause => cause.Sign, (cause, value) => cause with { Sign = value })
            .May("listens", PlainForms.Bool, cause => cause.Listens, (cause, value) => cause with { Listens = value })
            .May("inCluster", PlainForms.Bool, cause => cause.InCluster, (cause, value) => cause with { InCluster = value })
            .May("missing", Addresses, cause => cause.Missing, (cause, value) => cause with { Missing = value })
            .May("missingPorts", Texts, cause => cause.MissingPorts, (cause, value) => cause with { MissingPorts = value })
            .May("listensOn", Texts, cause => cause.ListensOn, (cause, value) => cause with { ListensOn = value }))
        .Or("notLaunched", new RecordForm<FailureCause.NotLaunched>(new((LaunchProblem)null!))
            .Must("problem", Problem, cause => cause.Problem, (cause, value) => cause with { Problem = value }))
        .Or("noListener", new RecordForm<FailureCause.NoListener>(new(null!, null!))
            .Must("listener", SpecForms.Address, cause => cause.Listener, (cause, value) => cause with { Listener = value })
            .Must("problem", PlainForms.Text, cause => cause.Problem, (cause, value) => cause with { Problem = value }))
        .Or("gaveUp", new RecordForm<FailureCause.GaveUp>(new(0, null))
            .Must("crashes", PlainForms.Int, cause => cause.Crashes, (cause, value) => cause with { Crashes = value })
            .May("last", Exit.OrNull(), cause => cause.Last, (cause, value) => cause with { Last = value })
            .May("meaning", PlainForms.Enum<ExitMeaning>(), cause => cause.Meaning, (cause, value) => cause with { Meaning = value })
            .May("lastWords", Texts, cause => cause.LastWords, (cause, value) => cause with { LastWords = value }));

    public static readonly Form<SlotFailure> Failure = new RecordForm<SlotFailure>(new(0, 0, null, null!))
        .Must("slot", PlainForms.Int, failure => failure.Slot, (failure, value) => failure with { Slot = value })
        .Must("pmId", PlainForms.Int, failure => failure.PmId, (failure, value) => failure with { PmId = value })
        .May("worker", PlainForms.WorkerId.OrNothing(), failure => failure.Worker, (failure, value) => failure with { Worker = value })
        .Must("cause", Cause, failure => failure.Cause, (failure, value) => failure with { Cause = value });

    public static readonly Form<SlotEnd> End = new RecordForm<SlotEnd>(new(0, 0, 0))
        .Must("slot", PlainForms.Int, end => end.Slot, (end, value) => end with { Slot = value })
        .Must("pmId", PlainForms.Int, end => end.PmId, (end, value) => end with { PmId = value })
        .Must("code", PlainForms.Int, end => end.Code, (end, value) => end with { Code = value });

    public static readonly Form<MemoryFacts> Memory = new RecordForm<MemoryFacts>(new(0, 0))
        .Must("availableBytes", PlainForms.Long, facts => facts.AvailableBytes, (facts, value) => facts with { AvailableBytes = value })
        .Must("bytesPerWorker", PlainForms.Long, facts => facts.BytesPerWorker, (facts, value) => facts with { BytesPerWorker = value });

    public static readonly Form<Target> Target = new RecordForm<Target>(new(default))
        .Must("app", PlainForms.AppName, target => target.App, (target, value) => target with { App = value })
        .May("slots", PlainForms.Int.InArray().OrNothing(), target => target.Slots, (target, value) => target with { Slots = value })
        .May("newSpec", PlainForms.SpecNumber.OrNull(), target => target.NewSpec, (target, value) => target with { NewSpec = value })
        .May("running", PlainForms.Int.InArray().OrNothing(), target => target.Running, (target, value) => target with { Running = value })
        .May("scaledToZero", PlainForms.Bool, target => target.ScaledToZero, (target, value) => target with { ScaledToZero = value })
        .May("memory", Memory.OrNull(), target => target.Memory, (target, value) => target with { Memory = value });
}
