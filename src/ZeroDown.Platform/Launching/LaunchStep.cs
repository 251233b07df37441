namespace ZeroDown.Platform.Launching;

/// <summary>What a launch was doing when it failed, in the order in which the steps are taken.</summary>
public enum LaunchStep : byte
{
    /// <summary>The order itself makes no sense (a descriptor number twice, a NUL in a string).</summary>
    Order = 0,

    /// <summary>posix_spawn of the trampoline: out of processes, memory or descriptors.</summary>
    Spawn = 1,

    /// <summary>The trampoline could not read its settings, or ended before it could say why.</summary>
    Trampoline = 2,

    Limits = 3,

    Nice = 4,

    Groups = 5,

    GroupId = 6,

    UserId = 7,

    WorkingDirectory = 8,

    /// <summary>The gate was closed: nobody let the worker start.</summary>
    Gate = 9,

    Exec = 10,
}
