using System.Globalization;

namespace ZeroDown.Platform;

/// <summary>How many files a process may have open.</summary>
/// <param name="Soft">What holds now; a program may raise it up to <paramref name="Hard"/>.</param>
/// <param name="Hard">The most that is allowed.</param>
public readonly record struct OpenFilesLimit(long Soft, long Hard);

/// <summary>Limits of this process.</summary>
/// <remarks>
/// The .NET runtime raises the soft limit to the hard one before our first line runs, so what we were started with cannot be read from ourselves any more.
/// A program that still uses select(2) breaks above 1024, so workers must get the original back.
/// </remarks>
public static unsafe class SystemLimits
{
    /// <summary>What practically every system starts with; select(2) cannot count further.</summary>
    private const long Customary = 1024;

    /// <summary>Ours, as it is now.</summary>
    public static OpenFilesLimit OpenFiles
    {
        get
        {
            ResourceLimit limit;
            return Interop.GetRLimit(Constants.RLIMIT_NOFILE, &limit) == 0 ? From(limit) : throw SystemCallException.FromLast("getrlimit");
        }
    }

    /// <summary>The soft limit that our own parent has, and which we therefore had before the runtime raised ours; the customary 1024 where it cannot be read.</summary>
    /// <remarks>Ask in the process that a person or systemd started, and hand the number on: a parent that is .NET itself has raised its own.</remarks>
    public static long OriginalOpenFilesSoft
    {
        get
        {
            var parent = ProcStat.Read(Environment.ProcessId)?.ParentPid ?? 0;
            var hard = OpenFiles.Hard;
            return parent > 0 && OpenFilesOf(parent) is { } theirs ? Math.Min(theirs.Soft, hard) : Math.Min(Customary, hard);
        }
    }

    /// <summary>Ports below it are root's (<c>net.ipv4.ip_unprivileged_port_start</c>, for IPv6 too).</summary>
    public static int FirstUnprivilegedPort =>
        ProcFs.ReadText("/proc/sys/net/ipv4/ip_unprivileged_port_start") is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 1024;

    /// <summary>Raises our soft limit to the hard one.</summary>
    public static void RaiseOpenFiles()
    {
        ResourceLimit limit;
        if (Interop.GetRLimit(Constants.RLIMIT_NOFILE, &limit) == 0 && limit.Soft < limit.Hard)
        {
            limit.Soft = limit.Hard;

            // macOS refuses more than OPEN_MAX here (EINVAL); then the old limit stays.
            _ = Interop.SetRLimit(Constants.RLIMIT_NOFILE, &limit);
        }
    }

    /// <summary>Of another process of ours; null if it may not be read, and on macOS.</summary>
    public static OpenFilesLimit? OpenFilesOf(int pid)
    {
        const string label = "Max open files";
        foreach (var line in (ProcFs.ReadText($"/proc/{pid}/limits") ?? "").Split('\n'))
        {
            if (line.StartsWith(label, StringComparison.Ordinal))
            {
                var fields = line[label.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return new OpenFilesLimit(Number(fields[0]), Number(fields[1]));
            }
        }

        return null;
    }

    private static long Number(string field) => field == "unlimited" ? long.MaxValue : long.Parse(field, CultureInfo.InvariantCulture);

    private static OpenFilesLimit From(ResourceLimit limit) => new((long)Math.Min(limit.Soft, long.MaxValue), (long)Math.Min(limit.Hard, long.MaxValue));
}
