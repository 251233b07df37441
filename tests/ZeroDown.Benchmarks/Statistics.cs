namespace ZeroDown.Benchmarks;

/// <summary>Medians, and intervals for them that assume nothing about the distribution.</summary>
internal static class Statistics
{
    private const double Confidence = 0.95;

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>
    /// The narrowest pair of order statistics that holds the true median with at least 95 %: each value lies below it with probability
    /// one half, so the number of those that do is binomial.
    /// </summary>
    public static (double Low, double High) MedianInterval(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var cut = 0;
        while (cut + 1 < sorted.Length / 2 && 1 - 2 * AtMost(cut + 1, sorted.Length) >= Confidence)
            cut++;
        return (sorted[cut], sorted[^(cut + 1)]);
    }

    // P(X <= k) for X ~ Binomial(n, 1/2)
    private static double AtMost(int k, int n)
    {
        var (term, sum) = (Math.Pow(0.5, n), 0.0);
        for (var i = 0; i <= k; i++)
        {
            sum += term;
            term = term * (n - i) / (i + 1);
        }

        return sum;
    }
}
