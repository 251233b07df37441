namespace ZeroDown.Platform;

/// <summary>How much memory workers hold, each with everything that it has started. Linux; elsewhere nothing is known.</summary>
public static class TreeMemory
{
    /// <summary>One look at /proc for all of them.</summary>
    /// <param name="leaders">The workers' pids; one that has ended is left out of the answer.</param>
    /// <returns>Bytes in RAM per worker. Pages that its processes share count in each of them, so this is the most that it can be: see <see cref="WithoutDoubles"/>.</returns>
    public static Dictionary<int, (long Bytes, IReadOnlyList<int> Pids)> Of(IEnumerable<int> leaders)
    {
        Dictionary<int, (long, IReadOnlyList<int>)> found = [];
        if (!OperatingSystem.IsLinux())
        {
            return found;
        }

        var all = ProcStat.ReadAll();
        var byPid = all.ToLookup(process => process.Pid);
        foreach (var leader in leaders)
        {
            var tree = ProcessTree.Of(leader, all);
            if (tree.Count > 0)
            {
                found[leader] = (tree.Sum(pid => byPid[pid].First().ResidentPages) * Environment.SystemPageSize, tree);
            }
        }

        return found;
    }

    /// <summary>The same with each shared page counted once among those that share it (PSS), as far as the kernel tells. Slower: it walks their page tables.</summary>
    public static long WithoutDoubles(IReadOnlyList<int> pids)
    {
        long sum = 0;
        foreach (var pid in pids)
        {
            var shared = ProcFs.ReadText($"/proc/{pid}/smaps_rollup") is { Length: > 0 } text ? Machine.FieldInKilobytes(text, "Pss:") : null;
            sum += shared ?? ProcessStats.Read(pid)?.RssBytes ?? 0;
        }

        return sum;
    }
}
