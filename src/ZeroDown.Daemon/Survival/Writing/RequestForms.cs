using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Survival.Writing;

/// <summary>Forms of commands that are under way, and of what they came to.</summary>
internal static class RequestForms
{
    private static readonly Form<AppOutcome> Outcome = new RecordForm<AppOutcome>(new(default, default, []))
        .Must("app", PlainForms.AppName, outcome => outcome.App, (outcome, value) => outcome with { App = value })
        .Must("kind", PlainForms.Enum<OutcomeKind>(), outcome => outcome.Kind, (outcome, value) => outcome with { Kind = value })
        .May("failures", FactForms.Failure.InArray(), outcome => outcome.Failures, (outcome, value) => outcome with { Failures = value })
        .May("gapBecauseOf", PlainForms.Text.OrNull(), outcome => outcome.GapBecauseOf, (outcome, value) => outcome with { GapBecauseOf = value })
        .May("gapInCluster", PlainForms.Bool, outcome => outcome.GapInCluster, (outcome, value) => outcome with { GapInCluster = value })
        .May("inPlace", PlainForms.Bool, outcome => outcome.InPlace, (outcome, value) => outcome with { InPlace = value })
        .May("overlapAsked", PlainForms.Bool, outcome => outcome.OverlapAsked, (outcome, value) => outcome with { OverlapAsked = value })
        .May("notBack", PlainForms.Int.InArray(), outcome => outcome.NotBack, (outcome, value) => outcome with { NotBack = value })
        .May("listensAgain", PlainForms.Bool, outcome => outcome.ListensAgain, (outcome, value) => outcome with { ListensAgain = value })
        .May("slotsLeftOnNewGeneration", PlainForms.Int.InArray(), outcome => outcome.SlotsLeftOnNewGeneration, (outcome, value) => outcome with { SlotsLeftOnNewGeneration = value })
        .May("countedWithoutWord", PlainForms.Int.InArray(), outcome => outcome.CountedWithoutWord, (outcome, value) => outcome with { CountedWithoutWord = value })
        .May("endedWell", FactForms.End.InArray(), outcome => outcome.EndedWell, (outcome, value) => outcome with { EndedWell = value })
        .May("generation", PlainForms.Int, outcome => outcome.Generation, (outcome, value) => outcome with { Generation = value })
        .May("nobodyServes", PlainForms.Bool, outcome => outcome.NobodyServes, (outcome, value) => outcome with { NobodyServes = value });

    private static readonly Form<Errand> Errand = new RecordForm<Errand>(new(null!, default))
        .Must("target", FactForms.Target, errand => errand.Target, (errand, value) => errand with { Target = value })
        .Must("stage", PlainForms.Enum<ErrandStage>(), errand => errand.Stage, (errand, value) => errand with { Stage = value })
        .Must("promise", PlainForms.Enum<OutcomeKind>(), errand => errand.Promise, (errand, value) => errand with { Promise = value })
        .May("slots", PlainForms.Int.InArray(), errand => errand.Slots, (errand, value) => errand with { Slots = value })
        .May("workers", PlainForms.WorkerId.InArray(), errand => errand.Workers, (errand, value) => errand with { Workers = value })
        .May("outcome", Outcome.OrNull(), errand => errand.Outcome, (errand, value) => errand with { Outcome = value });

    public static readonly Form<PendingRequest> Request = new RecordForm<PendingRequest>(new(default, default, []))
        .Must("id", PlainForms.RequestId, request => request.Id, (request, value) => request with { Id = value })
        .Must("verb", PlainForms.Enum<Verb>(), request => request.Verb, (request, value) => request with { Verb = value })
        .May("errands", Errand.InArray(), request => request.Errands, (request, value) => request with { Errands = value })
        .May("waitDrained", PlainForms.Bool, request => request.WaitDrained, (request, value) => request with { WaitDrained = value });

    public static readonly Form<Answer> Answer = new RecordForm<Answer>(new(default, []))
        .Must("kind", PlainForms.Enum<AnswerKind>(), answer => answer.Kind, (answer, value) => answer with { Kind = value })
        .May("apps", Outcome.InArray(), answer => answer.Apps, (answer, value) => answer with { Apps = value });
}
