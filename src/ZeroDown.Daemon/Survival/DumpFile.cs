using ZeroDown.Core.Supervision;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon.Survival;

/// <summary>What the CLI does with saved lists by itself, without asking a daemon.</summary>
public static class DumpFile
{
    /// <summary>An empty list takes its place.</summary>
    /// <exception cref="IOException">It could not be written, and is as it was.</exception>
    public static void Clear(HomeFolder home) => _ = new SavedFleet(home).Write(FleetState.Empty);

    /// <summary>What is wrong with a saved file; null when it is good or not there.</summary>
    public static string? ProblemOf(string path) => SavedFleet.ProblemOf(path);

    /// <summary>How many workers of each app it would start; null when it cannot be read or is not there.</summary>
    public static IReadOnlyDictionary<string, int>? Summary(string path) => SavedFleet.Summary(path);
}
