using System.Globalization;

namespace ZeroDown.Platform;

/// <summary>What our control group leaves us, version 1 or 2. A limit anywhere above us counts as well.</summary>
internal static class Cgroup
{
    /// <summary>Version 1 writes "no limit" as a number near the largest one.</summary>
    private const long Unlimited = 1L << 60;

    private const string Root = "/sys/fs/cgroup";

    /// <summary>Bytes until the tightest limit; null if there is none.</summary>
    internal static long? MemoryLeft() => MemoryLeft(ProcFs.ReadText("/proc/self/cgroup") ?? "", Root);

    /// <param name="membership">/proc/self/cgroup: lines of "id:controllers:path".</param>
    /// <param name="root">Where the hierarchies are mounted.</param>
    internal static long? MemoryLeft(string membership, string root)
    {
        long? least = null;
        foreach (var line in membership.Split('\n'))
        {
            var parts = line.Split(':', 3);
            if (parts.Length < 3)
            {
                continue;
            }

            var (mount, limit, use) = parts[1] switch
            {
                "" => (root, "memory.max", "memory.current"),
                _ when parts[1].Split(',').Contains("memory") => (Path.Combine(root, "memory"), "memory.limit_in_bytes", "memory.usage_in_bytes"),
                _ => ("", "", ""),
            };

            // In a container the path may lead nowhere, because only the own group is mounted, as the root.
            for (var path = parts[2]; mount.Length > 0; path = Path.GetDirectoryName(path) ?? "/")
            {
                var folder = mount + path;
                if (Number($"{folder}/{limit}") is { } most and < Unlimited && Number($"{folder}/{use}") is { } used)
                {
                    var left = Math.Max(0, most - used + Reclaimable(folder));
                    least = Math.Min(least ?? left, left);
                }

                if (path is "/" or "")
                {
                    break;
                }
            }
        }

        return least;
    }

    /// <summary>Page cache counts as used, but gives way.</summary>
    private static long Reclaimable(string folder)
    {
        foreach (var line in (ProcFs.ReadText($"{folder}/memory.stat") ?? "").Split('\n'))
        {
            if (line.StartsWith("inactive_file ", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan(14), CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }

    private static long? Number(string path) =>
        long.TryParse(ProcFs.ReadText(path)?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
