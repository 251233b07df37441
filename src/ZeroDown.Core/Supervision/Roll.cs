namespace ZeroDown.Core.Supervision;

/// <summary>One reload in progress.</summary>
public sealed record Roll
{
    public required int FromGeneration { get; init; }

    public required int ToGeneration { get; init; }
}
