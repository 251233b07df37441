using ZeroDown.Core.Apps;

namespace ZeroDown.Core.Supervision;

/// <summary>A process that a worker has started, directly or not.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="StartTime">When it started; together with the number it names one process of this boot.</param>
public readonly record struct TreeProcess(int Pid, long StartTime)
{
    public override string ToString() => $"pid {Pid}";
}

/// <summary>What lives of a worker's tree when the launched process has exited.</summary>
/// <param name="Processes">Pid and command of the first few, for people.</param>
/// <param name="OwnPort">An address on which one of them listens by itself, null when all its sockets are ours.</param>
public sealed record TreeRest(EquatableArray<string> Processes, string? OwnPort = null);
