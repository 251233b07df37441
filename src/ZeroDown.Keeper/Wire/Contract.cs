namespace ZeroDown.Keeper;

/// <summary>
/// What travels between daemon and keeper: one message per packet, its first byte is an <see cref="Order"/> or a <see cref="News"/>, its fields follow as listed there
/// (<see cref="WireWriter"/> says how). <see cref="KeeperClient"/> is the daemon's end, <see cref="KeeperLoop"/> the keeper's.
/// </summary>
/// <remarks>
/// Numbers are never reused. A peer ignores a type that it does not know and bytes after the fields that it knows, so both may be added at any time; anything
/// that an old peer would get wrong raises <see cref="KeeperClient.ContractVersion"/>. The daemon speaks first (<see cref="Order.Hello"/>), and the keeper, which lives
/// longer and is the older one after an update, decides.
/// </remarks>
internal static class Contract
{
    /// <summary>The oldest daemon that this keeper can work for.</summary>
    internal const int OldestVersion = 1;

    internal const int LongestKey = 1024;

    internal const int LongestNote = 16 * 1024;

    internal const int HighestChildNumber = 199;
}

/// <summary>Daemon to keeper.</summary>
internal enum Order : byte
{
    /// <summary>i32 version.</summary>
    Hello = 1,

    /// <summary>Nothing, or flag whether it took over what the daemon before it had written down.</summary>
    Ready = 2,

    /// <summary>text line, then, if it is there, flag whether it only lacks something that may come back.</summary>
    CannotStart = 3,

    /// <summary>i64 launch, flag kill group on exit, bytes note, i32 count, count × i32 number in the child. Descriptors: settings, then one for each number.</summary>
    Launch = 4,

    /// <summary>i64 launch.</summary>
    OpenGate = 5,

    /// <summary>i64 signal id, i64 launch, i32 signal, u8 scope.</summary>
    Signal = 6,

    /// <summary>i64 launch.</summary>
    Forget = 7,

    /// <summary>text key, u8 kind. Descriptors: the one.</summary>
    Hold = 8,

    /// <summary>text key.</summary>
    Release = 9,

    /// <summary>i64 launch, bytes note.</summary>
    Note = 10,

    /// <summary>i64 look id, i64 launch, i32 count, count × i64 inode.</summary>
    Look = 11,

    /// <summary>Nothing.</summary>
    Beat = 12,

    /// <summary>Nothing.</summary>
    Shutdown = 13,

    /// <summary>text token, text version, texts program and its leading arguments. The daemon leaves after it.</summary>
    Update = 14,

    /// <summary>i64 launch, i32 pid, i64 start time, flag kill group on exit, bytes note. Descriptors: its pidfd, where there are any.</summary>
    Adopt = 15,

    /// <summary>i32 count, count × (i32 pid, i64 start time).</summary>
    Spare = 16,
}

/// <summary>
/// A succession: the daemon whose keeper was killed speaks to the new one as a keeper does in its give-back (<see cref="News.Welcome"/>, <see cref="News.Held"/>,
/// <see cref="News.Kept"/>, each with the worker's pidfd if it lives and there are any, <see cref="News.EndOfGiveBack"/>), and hears this one word in return.
/// </summary>
internal enum SuccessorWord : byte
{
    /// <summary>Nothing. The new keeper has it all; the daemon leaves, and the next one is started when it is gone.</summary>
    Taken = 1,
}

/// <summary>Keeper to daemon.</summary>
internal enum News : byte
{
    /// <summary>The answer to Hello: <see cref="KeeperFields"/>, then, if it is there, flag <see cref="GiveBack.AfterSuccession"/>.</summary>
    Welcome = 1,

    /// <summary>The other answer to Hello: text why.</summary>
    Refused = 2,

    /// <summary>text key, u8 kind, i64 discarded bytes. Descriptors: the one.</summary>
    Held = 3,

    /// <summary>
    /// i64 launch, u8 state, i32 pid, i64 start time, bytes note, then an exit or a failure if the state says so; flag kill group on exit, flag forget on exit,
    /// i32 count, count × i64 signal id.
    /// </summary>
    Kept = 4,

    /// <summary>Nothing. Everything after it is an event.</summary>
    EndOfGiveBack = 5,

    /// <summary>i64 launch, i32 pid, i64 start time.</summary>
    Spawned = 6,

    /// <summary>i64 launch.</summary>
    Started = 7,

    /// <summary>i64 launch, then a failure: u8 step, i32 errno, text.</summary>
    LaunchFailed = 8,

    /// <summary>i64 launch, then an exit: i32 code or -1, i32 signal or 0 (neither: nobody knows), flag core dumped, i64 max RSS, i64 user, i64 system, i64 at (all three 100 ns).</summary>
    Exited = 9,

    /// <summary>i64 signal id, i64 launch, u8 outcome, i32 errno.</summary>
    Signalled = 10,

    /// <summary>i64 look id, i64 launch, i32 count, count × u8 state (the WatchState of the inodes, in their order).</summary>
    Looked = 11,

    /// <summary>Nothing.</summary>
    BeatWanted = 12,

    /// <summary>Nothing.</summary>
    ShutdownRequested = 13,

    /// <summary>text token, u8 stage, text why not further. Also in the give-back.</summary>
    Updated = 14,
}
