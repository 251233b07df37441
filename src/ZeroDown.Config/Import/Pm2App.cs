using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZeroDown.Config;

/// <summary>The processes of one pm2 app, as an entry of an ecosystem file: what differs from a default, and nothing else.</summary>
internal sealed partial class Pm2App(IReadOnlyList<Pm2Process> instances, string name, string pm2Home, ReadContext context)
{
    /// <summary>Options that pm2 stores under their own name, with the value that says nothing.</summary>
    private static readonly ImmutableArray<(string Key, string Standard)> Plain =
    [
        ("namespace", "default"), ("autostart", "true"), ("autorestart", "true"), ("min_uptime", "1000"), ("max_restarts", "16"), ("restart_delay", "0"),
        ("exp_backoff_restart_delay", "0"), ("stop_exit_codes", ""), ("wait_ready", "false"), ("listen_timeout", "3000"), ("kill_timeout", "1600"),
        ("kill_retry_time", "100"), ("shutdown_with_message", "false"), ("treekill", "true"), ("cron_restart", "0"), ("watch", "false"), ("ignore_watch", ""),
        ("watch_delay", "0"), ("watch_options", ""), ("post_update", ""), ("instance_var", "NODE_APP_INSTANCE"), ("increment_var", ""), ("filter_env", "false"),
        ("log_type", ""), ("disable_logs", "false"), ("uid", ""), ("gid", ""), ("source_map_support", "false"), ("disable_source_map_support", "false"),
    ];

    /// <summary>What a file can say and we do nothing with.</summary>
    private static readonly ImmutableArray<string> NotCarriedOver = ["trace", "deep_monitoring", "v8", "event_loop_inspector"];

    /// <summary>pm2's own, a program beside its others.</summary>
    private const string FileServer = "/lib/API/Serve.js";

    private readonly Pm2Process _first = instances[0];
    private readonly List<string> _lines = [];

    /// <summary>The variables of the entry that look like secrets.</summary>
    public List<string> Secrets { get; } = [];

    /// <summary>The lines of the entry, without the dash and the indentation.</summary>
    /// <param name="comments">What is to be said above it.</param>
    public IEnumerable<string> Write(IEnumerable<string> comments)
    {
        _lines.AddRange(comments.Select(YamlText.Comment));
        Say("name", YamlText.Of(name));
        Script();
        Say("cwd", YamlText.Of(Cwd));
        if (instances.Count > 1)
            Say("instances", instances.Count.ToString(CultureInfo.InvariantCulture));
        if (IsCluster || instances.Count > 1)
            Say("exec_mode", IsCluster ? "cluster" : "fork");
        foreach (var (key, standard) in Plain)
        {
            if (_first[key] is { } value && Pm2Process.TextOf(value) != standard && (key != "autostart" || !IsStopped))
                Say(key, YamlText.Of(value));
        }

        if (_first["max_memory_restart"] is { } memory)
            Say("max_memory_restart", Size(memory));
        Logs();
        if (IsStopped)
        {
            _lines.Add(YamlText.Comment("it was stopped"));
            Say("autostart", "false");
        }

        Variables();
        foreach (var key in NotCarriedOver)
        {
            if (_first[key] is { ValueKind: not JsonValueKind.False } value)
                _lines.Add(YamlText.Comment($"not carried over: {key}: {YamlText.Of(value)}"));
        }

        return _lines;
    }

    private string Cwd => _first.Text("pm_cwd") ?? "/";

    private bool IsCluster => _first.Text("exec_mode") is "cluster_mode" or "cluster";

    private bool IsStopped => instances.All(i => i.Text("status") == "stopped");

    private void Say(string key, string value) => _lines.Add($"{key}: {value}");

    private void Script()
    {
        var path = _first.Text("pm_exec_path") ?? "";
        if (path.EndsWith(FileServer, StringComparison.Ordinal))
        {
            Say("script", StaticSite.Script); // what it serves stands in its variables
            return;
        }

        var arguments = _first.Words("args");
        var natural = Interpreters.For(path)?.Programs ?? [ResolvedScript.NoInterpreter];
        var interpreter = _first.Text("exec_interpreter") ?? natural[0];
        if (interpreter == ResolvedScript.NoInterpreter && Path.GetFileName(path) is "bash" or "sh" && arguments is ["-c", var line] && line.Contains(' '))
        {
            Say("script", YamlText.Of(line));
            return;
        }

        var relative = Path.GetRelativePath(Cwd, path);
        var script = Cwd == "/" || relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
        Say("script", YamlText.Of(script.Any(char.IsWhiteSpace) ? path : script));
        if (!natural.Contains(interpreter))
            Say("interpreter", YamlText.Of(interpreter));
        if (_first.Words("node_args") is { Length: > 0 } interpreterArguments)
            Say("interpreter_args", YamlText.Of(interpreterArguments));
        if (!arguments.IsEmpty)
            Say("args", YamlText.Of(arguments));
    }

    private void Logs()
    {
        LogFile("out_file", "pm_out_log_path", "out");
        LogFile("error_file", "pm_err_log_path", "error");
        if (_first.Text("pm_log_path") is { } all && all != "/dev/null")
            Say("log_file", IsBelow(all, "logs") ? "true" : YamlText.Of(WithoutInstance(all)));
        if (_first.Is("time"))
            Say("time", "true");
        else if (_first["log_date_format"] is { } format)
            Say("log_date_format", YamlText.Of(format));
        // A single fork app has it by itself.
        if (_first.Is("merge_logs") && instances.Count > 1)
            Say("merge_logs", "true");
        if (_first.Text("pm_pid_path") is { } pid && !IsBelow(pid, "pids"))
            Say("pid_file", YamlText.Of(WithoutInstance(pid)));
    }

    private void LogFile(string option, string key, string kind)
    {
        if (_first.Text(key) is not { } path)
            return;
        var standard = Path.Combine(pm2Home, "logs", $"{NotInFileNames().Replace(_first.Name, "-")}-{kind}.log");
        if (WithoutInstance(path) != standard && path != standard)
            Say(option, YamlText.Of(WithoutInstance(path)));
    }

    private bool IsBelow(string path, string folder) => path.StartsWith(Path.Combine(pm2Home, folder) + "/", StringComparison.Ordinal);

    /// <summary>pm2 puts the id before the ending where instances do not share a file; so do we, by ourselves.</summary>
    private string WithoutInstance(string path)
    {
        if (_first.Is("merge_logs") && !path.EndsWith(".pid", StringComparison.Ordinal) || path == "/dev/null")
            return path;
        var id = InstanceBeforeEnding().Match(path);
        return id.Success ? path[..id.Index] + path[(id.Index + id.Groups[1].Length)..] : path;
    }

    private void Variables()
    {
        var declared = Pm2Environment.Declared(_first, context.Environment).ToList();
        if (declared.Count > 0)
            _lines.Add("env:");
        foreach (var (variable, value) in declared)
        {
            var others = instances.Select(i => i["env"] is { ValueKind: JsonValueKind.Object } env && env.TryGetProperty(variable, out var other) ? Pm2Process.TextOf(other) : null);
            if (variable != _first.Text("increment_var") && others.Any(o => o != Pm2Process.TextOf(value)))
                _lines.Add("  " + YamlText.Comment($"{variable} is not the same in all instances; this is that of the first"));
            _lines.Add($"  {YamlText.Key(variable)}: {YamlText.Of(Scalar(value))}");
            if (Pm2Environment.LooksSecret(variable, value))
                Secrets.Add(variable);
        }

        foreach (var (key, value) in _first.Members.Where(m => m.Name.StartsWith("env_", StringComparison.Ordinal) && m.Name.Length > 4 && m.Value.ValueKind == JsonValueKind.Object))
            Say(YamlText.Key(key), YamlText.Of(value));
        SearchedFolders();
    }

    /// <summary>PATH is the shell's. What the app had beyond today's is worth a word: it may be where its node was.</summary>
    private void SearchedFolders()
    {
        if (_first["env"] is not { ValueKind: JsonValueKind.Object } all || !all.TryGetProperty("PATH", out var path))
            return;
        var missing = Pm2Process.TextOf(path).Split(':', StringSplitOptions.RemoveEmptyEntries).Except((context.Environment.GetValueOrDefault("PATH") ?? "").Split(':')).ToList();
        if (missing.Count > 0)
            _lines.Add(YamlText.Comment($"its PATH had folders that this shell's has not: {string.Join(':', missing)}"));
    }

    /// <summary>What a variable holds is a text; a number may stay one.</summary>
    private static JsonElement Scalar(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? JsonSerializer.SerializeToElement(value.GetRawText(), ImportJson.Default.String) : value;

    private static string Size(JsonElement memory)
    {
        if (memory.ValueKind != JsonValueKind.Number || !memory.TryGetInt64(out var bytes))
            return YamlText.Of(memory);
        foreach (var (unit, size) in new[] { ("G", 1L << 30), ("M", 1L << 20), ("K", 1L << 10) })
        {
            if (bytes >= size && bytes % size == 0)
                return (bytes / size).ToString(CultureInfo.InvariantCulture) + unit;
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"(-\d+)\.[A-Za-z]+$")]
    private static partial Regex InstanceBeforeEnding();

    [GeneratedRegex(@"[^a-zA-Z0-9\\.\\-]")]
    private static partial Regex NotInFileNames();
}
