namespace ZeroDown.Platform;

/// <summary>What <see cref="ListenerSocket.Reassert"/> found changed and put right.</summary>
[Flags]
public enum ListenerDrift
{
    None = 0,

    /// <summary>A worker had called shutdown(2): connections were refused until now.</summary>
    WasShutDown = 1,

    /// <summary>It could not be revived (unix socket): see <see cref="ListenerSocket.RebindPath"/>.</summary>
    StillDead = 2,

    Backlog = 4,

    /// <summary>SO_LINGER was on: answers may have been cut off.</summary>
    Linger = 8,

    /// <summary>Blocking or non-blocking.</summary>
    Mode = 16,
}
