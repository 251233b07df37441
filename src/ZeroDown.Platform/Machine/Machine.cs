using System.Globalization;
using System.Text;

namespace ZeroDown.Platform;

/// <summary>The machine as this process may use it: which boot, how much memory and CPU its cgroup leaves it.</summary>
public static class Machine
{
    /// <summary>A different text after each boot.</summary>
    public static string BootId { get; } = OperatingSystem.IsLinux()
        ? (ProcFs.ReadText("/proc/sys/kernel/random/boot_id") ?? "").Trim()
        : BootSession() ?? DateTimeOffset.UtcNow.Subtract(MonotonicClock.SinceBoot).ToUnixTimeSeconds().ToString("x", CultureInfo.InvariantCulture)[..^1];

    /// <summary>CPUs that we may use: affinity and the cgroup's quota counted in, at least 1.</summary>
    public static int CpuCount => Environment.ProcessorCount;

    /// <summary>Bytes that new processes of ours could take without swapping or being killed: the smaller of what the machine has and what the cgroup leaves. Null if unknown (macOS).</summary>
    public static long? AvailableMemory
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return null;
            }

            var machine = FieldInKilobytes(ProcFs.ReadText("/proc/meminfo") ?? "", "MemAvailable:");
            var cgroup = Cgroup.MemoryLeft();
            return machine is null ? cgroup : cgroup is null ? machine : Math.Min(machine.Value, cgroup.Value);
        }
    }

    /// <summary>macOS: unlike the moment of the boot, it does not move when somebody sets the clock.</summary>
    private static unsafe string? BootSession()
    {
        const int longest = 64;
        var text = stackalloc byte[longest];
        nuint length = longest;
        return Interop.SysCtlByName("kern.bootsessionuuid", text, &length, null, 0) == 0 ? Encoding.ASCII.GetString(text, (int)length).TrimEnd('\0') : null;
    }

    /// <summary>"MemAvailable:   123 kB" in bytes.</summary>
    internal static long? FieldInKilobytes(string text, string label)
    {
        var at = text.IndexOf(label, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        var fields = text[(at + label.Length)..].Split((char[])[' ', '\n'], 2, StringSplitOptions.RemoveEmptyEntries);
        return long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes) ? kilobytes * 1024 : null;
    }
}
