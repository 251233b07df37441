using System.Globalization;
using ZeroDown.Core.Apps;

namespace ZeroDown.Daemon.Output;

/// <summary>
/// Where a slot's output goes, by pm2's rules: <c>name-out.log</c> for an app of one instance, <c>name-out-ID.log</c> for
/// each slot of a larger one, one file for all with <c>merge_logs</c>; <c>NULL</c> and <c>/dev/null</c> mean nowhere.
/// </summary>
internal sealed class LogPaths(string folder)
{
    public const string Nowhere = "/dev/null";

    public (string Out, string Error) Of(AppSpec spec, int pmId) => (
        Place(spec, pmId, spec.Log.OutFile ?? System.IO.Path.Combine(folder, $"{FileName(spec.Name)}-out.log")),
        Place(spec, pmId, spec.Log.ErrorFile ?? System.IO.Path.Combine(folder, $"{FileName(spec.Name)}-error.log")));

    /// <summary>One more file, with both streams; null when there is none.</summary>
    public string? Combined(AppSpec spec, int pmId) => spec.Log.CombinedFile switch
    {
        null => null,
        LogSpec.DefaultFile => Place(spec, pmId, System.IO.Path.Combine(folder, $"{FileName(spec.Name)}.log")),
        var path => Place(spec, pmId, path),
    };

    /// <summary>Every file that the slot writes to.</summary>
    public IEnumerable<string> All(AppSpec spec, int pmId)
    {
        var (outFile, errorFile) = Of(spec, pmId);
        return new[] { outFile, errorFile, Combined(spec, pmId) }.OfType<string>().Distinct();
    }

    /// <summary>False for what is not opened: nowhere, and a standard stream.</summary>
    public static bool IsFile(string path) => path != Nowhere && StreamPath.Of(path) is null;

    private static string Place(AppSpec spec, int pmId, string path)
    {
        if (spec.Log.Disabled || path is "NULL" or Nowhere)
            return Nowhere;
        if (StreamPath.Of(path) is { } stream)
            return stream;
        var merged = spec.Log.Merge || (spec.Instances == 1 && spec.ExecMode == ExecMode.Fork);
        return merged ? path : WithId(path, pmId);
    }

    /// <summary><c>app-out.log</c> and 3 make <c>app-out-3.log</c>.</summary>
    private static string WithId(string path, int pmId)
    {
        var id = pmId.ToString(CultureInfo.InvariantCulture);
        return path.EndsWith(".log", StringComparison.Ordinal) ? $"{path[..^4]}-{id}.log" : $"{path}-{id}";
    }

    /// <summary>As pm2 writes it, so that whoever rotates or ships the files finds them; only letters of other alphabets stay, which would all be one dash.</summary>
    public static string FileName(AppName name) =>
        string.Concat(name.Value.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' || (c > 127 && !char.IsControl(c) && !char.IsWhiteSpace(c)) ? c : '-'));
}
