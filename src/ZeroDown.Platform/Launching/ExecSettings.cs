namespace ZeroDown.Platform.Launching;

/// <summary>What the trampoline makes of itself. Null means: as it was inherited from the keeper.</summary>
internal sealed record ExecSettings
{
    public required string Program { get; init; }

    /// <summary>From argv[0].</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>"NAME=value", without the <see cref="PidVariables"/>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    public required IReadOnlyList<string> PidVariables { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>The numbers that the program keeps, ascending; every other descriptor closes with the exec.</summary>
    public required IReadOnlyList<int> Fds { get; init; }

    public int? Umask { get; init; }

    public int? Nice { get; init; }

    public uint? UserId { get; init; }

    public uint? GroupId { get; init; }

    public IReadOnlyList<uint>? Groups { get; init; }

    public IReadOnlyList<ProcessLimit> Limits { get; init; } = [];
}
