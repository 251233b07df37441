using System.Collections.Immutable;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Workers;

namespace ZeroDown.Daemon.Output;

/// <summary><c>zd flush</c> and <c>zd reload-logs</c>: empties the log files of an app's slots, or opens them anew, while workers go on writing.</summary>
internal sealed class LogFlush(LogPaths paths, LogFiles files)
{
    /// <returns>One sentence per file that could not be emptied.</returns>
    public string[] Flush(AppState app, ImmutableArray<int>? slots) => Each(app, slots, path => files.Truncate(path, WorkerUser.RightsOf(app.Spec)));

    /// <returns>One sentence per file that could not be opened again.</returns>
    public string[] Reopen(AppState app, ImmutableArray<int>? slots) => Each(app, slots, files.Reopen);

    /// <returns>One sentence per file that cannot be opened or written now.</returns>
    public string[] Problems(AppState app) => Each(app, null, files.ProblemOf);

    private string[] Each(AppState app, ImmutableArray<int>? slots, Func<string, string?> act) =>
    [
        .. app.Slots
            .Where(slot => slots?.Contains(slot.Slot) ?? true)
            .SelectMany(slot => paths.All(app.Spec, slot.PmId))
            .Distinct()
            .Select(act)
            .OfType<string>(),
    ];
}
