using System.Text;
using System.Text.Json;

namespace ZeroDown.EndToEnd.Pm2;

/// <summary>What became of a file: its apps, as a row of pm2's or zd's <c>jlist</c> tells, in one cell of a table.</summary>
internal static class StartedApp
{
    /// <param name="file">Its name; one that begins with <c>cpus-</c> asks for one instance per CPU.</param>
    /// <param name="workers">Rows of a <c>jlist</c>, its <c>pm2_env</c>.</param>
    /// <param name="cpus">How many that side counts.</param>
    /// <param name="variables">Those of a worker that begin with X_.</param>
    public static string Cell(string file, IEnumerable<JsonElement> workers, int cpus, Func<JsonElement, IEnumerable<string>> variables)
    {
        var apps = workers.GroupBy(worker => Line(worker, variables)).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
            $"{(file.StartsWith("cpus-", StringComparison.Ordinal) && group.Count() == cpus ? "one per CPU" : group.Count() == 1 ? "" : $"{group.Count()} times")} {group.Key}".Trim());
        return string.Join("; ", apps).Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Line(JsonElement worker, Func<JsonElement, IEnumerable<string>> variables)
    {
        var text = new StringBuilder($"`{Text(worker, "name")}` {Text(worker, "status")} {Text(worker, "exec_mode").Replace("_mode", "", StringComparison.Ordinal)}, ");
        text.Append($"{Path.GetFileName(Text(worker, "exec_interpreter"))} {string.Join(' ', Words(worker, "node_args").Append(Relative(Text(worker, "pm_exec_path"))))}".Trim());
        if (Words(worker, "args") is { Count: > 0 } arguments)
            text.Append($" [{string.Join(", ", arguments)}]");
        if (Relative(Text(worker, "pm_cwd")) is var folder && folder != ".")
            text.Append($" in {folder}");
        foreach (var variable in variables(worker).Order(StringComparer.Ordinal))
            text.Append($" {variable}");
        return text.ToString();
    }

    private static string Text(JsonElement worker, string name) => worker.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static List<string> Words(JsonElement worker, string name) => worker.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.Array => [.. value.EnumerateArray().Select(word => word.ToString().ToLowerInvariant())],
            JsonValueKind.String when value.GetString()!.Length > 0 => [value.GetString()!],
            _ => [],
        }
        : [];

    private static string Relative(string path) =>
        path == RealPm2.Files ? "." : path.StartsWith(RealPm2.Files + "/", StringComparison.Ordinal) ? path[(RealPm2.Files.Length + 1)..] : Path.GetFileName(path);
}
