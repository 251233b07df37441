namespace ZeroDown.Platform.Launching;

/// <summary>One setrlimit(2).</summary>
/// <param name="Resource">Of what.</param>
/// <param name="Soft">What counts, in the resource's unit (bytes, seconds or a number); <see cref="Unlimited"/> for none.</param>
/// <param name="Hard">How far the process may raise it itself.</param>
public sealed record ProcessLimit(LimitedResource Resource, ulong Soft, ulong Hard)
{
    /// <summary>RLIM_INFINITY.</summary>
    public const ulong Unlimited = ulong.MaxValue;
}

public enum LimitedResource : byte
{
    /// <summary>RLIMIT_NOFILE, number.</summary>
    OpenFiles = 0,

    /// <summary>RLIMIT_CORE, bytes.</summary>
    CoreFile = 1,

    /// <summary>RLIMIT_NPROC, number (of the user).</summary>
    Processes = 2,

    /// <summary>RLIMIT_AS, bytes.</summary>
    AddressSpace = 3,

    /// <summary>RLIMIT_STACK, bytes.</summary>
    Stack = 4,

    /// <summary>RLIMIT_DATA, bytes.</summary>
    Data = 5,

    /// <summary>RLIMIT_FSIZE, bytes.</summary>
    FileSize = 6,

    /// <summary>RLIMIT_CPU, seconds.</summary>
    CpuTime = 7,

    /// <summary>RLIMIT_MEMLOCK, bytes.</summary>
    LockedMemory = 8,
}
