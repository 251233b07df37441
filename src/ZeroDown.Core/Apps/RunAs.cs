namespace ZeroDown.Core.Apps;

/// <summary>As whom a worker runs, looked up where the spec was read.</summary>
public sealed record RunAs
{
    /// <summary>As shown.</summary>
    public required string Name { get; init; }

    public required uint UserId { get; init; }

    public required uint GroupId { get; init; }

    /// <summary>Every supplementary group.</summary>
    public EquatableArray<uint> Groups { get; init; } = [];
}
