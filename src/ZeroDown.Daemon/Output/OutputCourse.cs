using System.Text.Json.Serialization;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Workers;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// Whose output it is, into which files it goes and in which form: settled when the worker is launched, whatever is renamed or changed
/// later. A copy lies with the keeper from the launch on, so that the next daemon goes on in the same files, also for a grandchild that
/// still prints when its worker is long forgotten.
/// </summary>
internal sealed record OutputCourse
{
    public required string App { get; init; }

    public int Slot { get; init; }

    public int PmId { get; init; }

    /// <summary>Where stdout goes; none: nowhere.</summary>
    public string[] Out { get; init; } = [];

    /// <summary>Where stderr goes.</summary>
    public string[] Error { get; init; } = [];

    /// <summary>The standard stream on which stdout is shown, see <see cref="StreamPath"/>; null for none.</summary>
    public string? OutStream { get; init; }

    /// <summary>The same for stderr.</summary>
    public string? ErrorStream { get; init; }

    /// <summary>A date stands in front of each line.</summary>
    public string? DateFormat { get; init; }

    /// <summary>Each line is one of pm2's JSON objects.</summary>
    public bool Json { get; init; }

    /// <summary>Whose app it is, when that is another user than ours.</summary>
    public FileUser? User { get; init; }

    /// <summary><c>disable_logs</c>: nobody may read along either.</summary>
    public bool Disabled { get; init; }

    public static OutputCourse Of(LaunchWorker order, LogPaths paths)
    {
        var (spec, log) = (order.Spec, order.Spec.Log);
        var (outFile, errorFile) = paths.Of(spec, order.PmId);
        var combined = paths.Combined(spec, order.PmId);
        return new OutputCourse
        {
            App = spec.Name.Value,
            Slot = order.Slot,
            PmId = order.PmId,
            Out = Files(outFile, combined),
            Error = Files(errorFile, combined),
            OutStream = StreamPath.Of(outFile) ?? StreamPath.Of(combined ?? ""),
            ErrorStream = StreamPath.Of(errorFile) ?? StreamPath.Of(combined ?? ""),
            DateFormat = log.DateFormat,
            Json = log.Json,
            Disabled = log.Disabled,
            User = WorkerUser.RightsOf(spec),
        };
    }

    /// <summary>For output of which nobody knows any more whose it is: it is read away, so that whoever prints it never waits.</summary>
    public static readonly OutputCourse Nowhere = new() { App = "", Disabled = true };

    [JsonIgnore]
    public AppName AppName => new(App);

    public string[] Files(bool error) => error ? Error : Out;

    /// <inheritdoc cref="OutStream"/>
    public string? Stream(bool error) => error ? ErrorStream : OutStream;

    private static string[] Files(string own, string? combined) =>
        [.. new[] { own, combined }.OfType<string>().Where(LogPaths.IsFile).Distinct()];
}
