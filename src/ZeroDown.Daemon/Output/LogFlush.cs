using System.Collections.Immutable;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Output;

/// <summary><c>zd flush</c>: empties the log files of an app's slots, in place, while workers go on writing.</summary>
internal sealed class LogFlush(LogPaths paths, LogFiles files)
{
    /// <returns>One sentence per file that could not be emptied.</returns>
    public string[] Flush(AppState app, ImmutableArray<int>? slots) =>
    [
        .. app.Slots
            .Where(slot => slots?.Contains(slot.Slot) ?? true)
            .SelectMany(slot => paths.All(app.Spec, slot.PmId))
            .Distinct()
            .Select(files.Truncate)
            .OfType<string>(),
    ];
}
