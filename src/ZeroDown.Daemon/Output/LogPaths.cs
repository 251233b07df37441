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

    public (string Out, string Error) Of(AppSpec spec, int pmId)
    {
        var merged = spec.Log.Merge || (spec.Instances == 1 && spec.ExecMode == ExecMode.Fork);
        return (Path(spec.Log.OutFile, "out"), Path(spec.Log.ErrorFile, "error"));

        string Path(string? configured, string kind)
        {
            if (configured is "NULL" or Nowhere)
                return Nowhere;
            var path = configured ?? System.IO.Path.Combine(folder, $"{FileName(spec.Name)}-{kind}.log");
            return merged ? path : WithId(path, pmId);
        }
    }

    /// <summary><c>app-out.log</c> and 3 make <c>app-out-3.log</c>.</summary>
    private static string WithId(string path, int pmId)
    {
        var id = pmId.ToString(CultureInfo.InvariantCulture);
        return path.EndsWith(".log", StringComparison.Ordinal) ? $"{path[..^4]}-{id}.log" : $"{path}-{id}";
    }

    /// <summary>A name may hold what a path may not.</summary>
    private static string FileName(AppName name) =>
        string.Concat(name.Value.Select(c => c is '/' or '\0' || char.IsControl(c) ? '_' : c));
}
