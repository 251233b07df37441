namespace ZeroDown.Config;

/// <summary>"Did you mean": the candidate that is fewest typing mistakes away, if it is near enough to be meant.</summary>
public static class Nearest
{
    private const int MaxLength = 64;

    /// <param name="typed">What was typed.</param>
    /// <param name="candidates">What could be meant.</param>
    /// <param name="most">How many mistakes there may be; fewer in short words.</param>
    public static string? Find(string typed, IEnumerable<string> candidates, int most = int.MaxValue)
    {
        if (typed.Length is 0 or > MaxLength)
            return null;
        string? best = null;
        var bestDistance = Math.Min(most, Math.Max(1, typed.Length / 3)) + 1;
        foreach (var candidate in candidates)
        {
            if (candidate.Length > MaxLength)
                continue;
            var distance = Distance(typed.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }

        return best;
    }

    /// <summary><c>did you mean 'instances'?</c> or null.</summary>
    public static string? Hint(string typed, IEnumerable<string> candidates, int most = int.MaxValue) =>
        Find(typed, candidates, most) is { } near ? $"did you mean '{near}'?" : null;

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).</summary>
    internal static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                rows[i, j] = Math.Min(Math.Min(rows[i - 1, j] + 1, rows[i, j - 1] + 1), rows[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[a.Length, b.Length];
    }
}
