namespace ZeroDown.Platform;

/// <summary>One living process of a worker's tree.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="StartTime">As in <see cref="ProcessIdentity"/>.</param>
/// <param name="ParentPid">Who started it, or its subreaper when that process has ended.</param>
public sealed record TreeMember(int Pid, long StartTime, int ParentPid)
{
    private const int LongestCommand = 80;
    private const int MostBytes = 512;

    public ProcessIdentity Identity => new(Pid, StartTime, Machine.BootId);

    /// <summary>"node server.js (pid 4711)", cut after a few words, without control characters.</summary>
    public override string ToString()
    {
        var command = (ProcFs.ReadStart($"/proc/{Pid}/cmdline", MostBytes) ?? "").TrimEnd('\0').Replace('\0', ' ');
        var shown = string.Create(Math.Min(command.Length, LongestCommand), command, (to, from) =>
        {
            for (var index = 0; index < to.Length; index++)
            {
                to[index] = char.IsControl(from[index]) ? '?' : from[index];
            }
        });
        return command.Length == 0 ? $"pid {Pid}" : $"{shown}{(command.Length > LongestCommand ? "…" : "")} (pid {Pid})";
    }

    internal static TreeMember From(ProcStat stat) => new(stat.Pid, stat.StartTicks, stat.ParentPid);
}
