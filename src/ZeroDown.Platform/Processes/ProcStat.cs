using System.Globalization;

namespace ZeroDown.Platform;

/// <summary>The fields of /proc/PID/stat that we use.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Name">At most 15 characters.</param>
/// <param name="State">R, S, D, T, Z (ended, not yet reaped) …</param>
/// <param name="ParentPid">0 for pid 1.</param>
/// <param name="Group">Process group.</param>
/// <param name="Session">The pid of the session's leader, also after that has ended.</param>
/// <param name="CpuTicks">User and system time, in clock ticks (usually 1/100 s).</param>
/// <param name="Threads">Their number.</param>
/// <param name="StartTicks">Clock ticks from boot to its start: together with the pid it names one process of this boot.</param>
/// <param name="ResidentPages">Memory in RAM, in pages.</param>
/// <param name="ExitStatus">As wait(2) would tell it, once it has ended; 0 before, and for those who may not look at it.</param>
internal readonly record struct ProcStat(
    int Pid, string Name, char State, int ParentPid, int Group, int Session, long CpuTicks, int Threads, long StartTicks, long ResidentPages, int ExitStatus)
{
    /// <remarks>A process whose first thread has ended while others go on looks like a zombie too, but counts more threads.</remarks>
    internal bool HasEnded => State is 'X' || (State is 'Z' && Threads <= 1);

    /// <summary>Null when there is no such process.</summary>
    internal static ProcStat? Read(int pid) => ProcFs.ReadText($"/proc/{pid}/stat") is { } text ? Parse(text) : null;

    /// <summary>All processes.</summary>
    internal static List<ProcStat> ReadAll()
    {
        List<ProcStat> all = [];
        foreach (var pid in ProcFs.Pids())
        {
            if (Read(pid) is { } stat)
            {
                all.Add(stat);
            }
        }

        return all;
    }

    /// <remarks>The name stands in parentheses and may itself contain spaces and parentheses: everything up to the last one belongs to it.</remarks>
    internal static ProcStat? Parse(string text)
    {
        var open = text.IndexOf('(');
        var close = text.LastIndexOf(')');
        if (open < 1 || close < open)
        {
            return null;
        }

        // fields[0] is field 3 of proc(5).
        var fields = text[(close + 2)..].Split(' ');
        return fields.Length < 22 ? null : new ProcStat(
            int.Parse(text.AsSpan(0, open - 1), CultureInfo.InvariantCulture),
            text[(open + 1)..close],
            fields[0][0],
            Int(fields[1]),
            Int(fields[2]),
            Int(fields[3]),
            Long(fields[11]) + Long(fields[12]),
            Int(fields[17]),
            Long(fields[19]),
            Long(fields[21]),
            fields.Length > 49 ? Int(fields[49].TrimEnd()) : 0);

        static int Int(string field) => int.Parse(field, CultureInfo.InvariantCulture);

        static long Long(string field) => long.Parse(field, CultureInfo.InvariantCulture);
    }
}
