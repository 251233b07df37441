using System.Collections.Immutable;
using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>
/// One reload in progress. Newcomers come up batch by batch beside the workers of their slots (or in their place, where two
/// cannot stand side by side); only a batch that is ready as a whole takes over. When one newcomer fails, the roll turns
/// back: newcomers leave, and slots that had been finished are rolled to the old spec again.
/// </summary>
public sealed record Roll
{
    /// <summary>The generation that served before, and that is kept when the roll fails.</summary>
    public required int FromGeneration { get; init; }

    /// <summary>The generation that the reload brings.</summary>
    public required int ToGeneration { get; init; }

    /// <summary>What the reload brings.</summary>
    public required AppSpec Spec { get; init; }

    /// <summary>Who is to be told; null when the app's own rules asked for it, or the command was answered already because another one took over.</summary>
    public RequestId? Request { get; init; }

    public RollStage Stage { get; init; } = RollStage.WaitingForDrains;

    /// <summary>The app's own rules asked for it: its memory limit, its schedule or changed files.</summary>
    public bool Automatic { get; init; }

    /// <summary>Old workers leave before their successors come, slot by slot.</summary>
    public bool InPlace { get; init; }

    /// <summary>The address for which it must be in place; null also where it is in place because of <see cref="ReloadRule.Overlap"/>.</summary>
    public string? GapBecauseOf { get; init; }

    /// <summary>How many slots are taken at once.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>What the size was limited from by memory; null when memory did not matter.</summary>
    public int? LimitedFrom { get; init; }

    /// <summary>Slots still to be taken, in order.</summary>
    public ImmutableArray<int> Waiting { get; init; } = [];

    /// <summary>Slots that are being rolled now.</summary>
    public ImmutableArray<int> Batch { get; init; } = [];

    /// <summary>Slots whose newcomer has taken over.</summary>
    public ImmutableArray<int> Finished { get; init; } = [];

    /// <summary>Slots that the new spec has and the old one has not.</summary>
    public ImmutableArray<int> Added { get; init; } = [];

    /// <summary>Slots that were stopped before.</summary>
    public ImmutableArray<int> Woken { get; init; } = [];

    /// <summary>Slots that the new spec no longer has: they leave when the roll has succeeded.</summary>
    public ImmutableArray<int> Surplus { get; init; } = [];

    /// <summary>Slots of the batch whose newcomer has failed; when there is one, the roll turns back.</summary>
    public ImmutableArray<int> Broken { get; init; } = [];

    /// <summary>Slots whose newcomer was a job and has ended well already.</summary>
    public ImmutableArray<SlotEnd> EndedWell { get; init; } = [];

    /// <summary>Why it failed, going forward and going back.</summary>
    public ImmutableArray<SlotFailure> Failures { get; init; } = [];

    /// <summary>Slots that could not be rolled back.</summary>
    public ImmutableArray<int> LeftOnNewGeneration { get; init; } = [];

    /// <summary>Daemon-wide numbers of the slots whose newcomer was counted as ready without its word.</summary>
    public ImmutableArray<int> WithoutWord { get; init; } = [];
}

/// <summary>How far a roll is.</summary>
public enum RollStage
{
    /// <summary>Two older generations still drain; this one begins when one of them is gone.</summary>
    WaitingForDrains,

    Rolling,

    /// <summary>It failed; finished slots go back to the old spec.</summary>
    RollingBack,
}
