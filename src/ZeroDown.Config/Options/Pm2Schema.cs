using System.Collections.Frozen;

namespace ZeroDown.Config;

/// <summary>
/// What pm2 7 takes for each of its options, of which kind of value, and which spelling wins. A file that pm2 starts must start:
/// a value of a kind that pm2 takes is no mistake, even where nothing can be done with it.
/// </summary>
internal static class Pm2Schema
{
    private static readonly FrozenDictionary<string, Kinds> Options = new Dictionary<string, Kinds>
    {
        ["name"] = Kinds.Text,
        ["name_prefix"] = Kinds.Text,
        ["append_env_to_name"] = Kinds.Flag,
        ["namespace"] = Kinds.Text,
        ["script"] = Kinds.Text,
        ["args"] = Kinds.Text | Kinds.List,
        ["cwd"] = Kinds.Text,
        ["interpreter"] = Kinds.Text,
        ["interpreter_args"] = Kinds.Text | Kinds.List,
        ["instances"] = Kinds.Number | Kinds.Text,
        ["exec_mode"] = Kinds.None, // fork or cluster, and nothing else
        ["execute_command"] = Kinds.Flag,
        ["source_map_support"] = Kinds.Flag,
        ["disable_source_map_support"] = Kinds.Flag,
        ["env"] = Kinds.Text | Kinds.Map,
        ["filter_env"] = Kinds.Flag | Kinds.Text | Kinds.List,
        ["port"] = Kinds.Number,
        ["instance_var"] = Kinds.Text,
        ["increment_var"] = Kinds.Text,
        ["wait_ready"] = Kinds.Flag,
        ["listen_timeout"] = Kinds.Number,
        ["kill_timeout"] = Kinds.Number,
        ["shutdown_with_message"] = Kinds.Flag,
        ["treekill"] = Kinds.Flag,
        ["autorestart"] = Kinds.Flag,
        ["autostart"] = Kinds.Flag,
        ["min_uptime"] = Kinds.Number | Kinds.Unit,
        ["max_restarts"] = Kinds.Number,
        ["restart_delay"] = Kinds.Number,
        ["exp_backoff_restart_delay"] = Kinds.Number,
        ["stop_exit_codes"] = Kinds.Number | Kinds.List,
        ["out_file"] = Kinds.Text,
        ["error_file"] = Kinds.Text,
        ["merge_logs"] = Kinds.Flag,
        ["post_update"] = Kinds.List,
        ["log_file"] = Kinds.Flag | Kinds.Text,
        ["log_date_format"] = Kinds.Text,
        ["time"] = Kinds.Flag,
        ["log_type"] = Kinds.Text,
        ["disable_logs"] = Kinds.Flag,
        ["pid_file"] = Kinds.Text,
        ["max_memory_restart"] = Kinds.Number | Kinds.Unit,
        ["cron_restart"] = Kinds.Number,
        ["watch"] = Kinds.Flag | Kinds.Text | Kinds.List,
        ["ignore_watch"] = Kinds.Text | Kinds.List,
        ["watch_delay"] = Kinds.Number,
        ["watch_options"] = Kinds.Map,
        ["uid"] = Kinds.Number,
        ["gid"] = Kinds.Number,
    }.ToFrozenDictionary();

    /// <summary>Where one option has several spellings: the schema's name, then the others as pm2 looks at them. An alias counts where those before it are off.</summary>
    private static readonly FrozenDictionary<string, string[]> Order = new Dictionary<string, string[]>
    {
        ["script"] = ["script", "cmd", "command", "exec"],
        ["interpreter"] = ["exec_interpreter", "interpreter", "execInterpreter"],
        ["interpreter_args"] = ["node_args", "interpreter_args", "interpreterArgs", "nodeArgs"],
        ["out_file"] = ["out_file", "out_log", "output", "out", "outFile"],
        ["error_file"] = ["error_file", "err_log", "err_file", "err", "error", "errorFile"],
    }.ToFrozenDictionary();

    /// <summary>Null: not one of pm2's.</summary>
    public static Kinds? KindsOf(AppOption option) => Options.TryGetValue(option.Name, out var kinds) ? kinds : null;

    /// <summary>The place of a spelling among those of its option; the lower wins.</summary>
    public static int Rank(AppOption option, string spelling)
    {
        var order = Order.GetValueOrDefault(option.Name) ?? [.. option.Spellings];
        var rank = Array.IndexOf(order, spelling);
        return rank < 0 ? order.Length : rank;
    }

    /// <summary>A value that JavaScript takes for false.</summary>
    public static bool IsOff(ConfigNode node) =>
        node is ScalarNode { Value: "" } || node is ScalarNode { IsPlain: true, Value: "false" or "0" or "null" or "NaN" };

    /// <summary>True for a value that pm2 starts with, by its kind.</summary>
    public static bool Takes(Kinds kinds, ConfigNode node) => node switch
    {
        ScalarNode { IsPlain: true, Value: "true" or "false" } => kinds.HasFlag(Kinds.Flag),
        ScalarNode { IsPlain: true } => kinds.HasFlag(Kinds.Number),
        ScalarNode text => kinds.HasFlag(Kinds.Text) || (kinds.HasFlag(Kinds.Number) && (text.Value.Trim().Length == 0 || JsNumber.TryParse(text.Value, out _)))
            || (kinds.HasFlag(Kinds.Unit) && text.Value is [.. var digits, 'h' or 'm' or 's' or 'G' or 'M' or 'K'] && digits.Length > 0 && digits.All(char.IsAsciiDigit)),
        SequenceNode { Items: [] or [ScalarNode] } and { Items: var items } => kinds.HasFlag(Kinds.List)
            || (kinds.HasFlag(Kinds.Number) && items.All(item => Takes(Kinds.Number, item))),
        SequenceNode => kinds.HasFlag(Kinds.List),
        _ => kinds.HasFlag(Kinds.Map),
    };

    [Flags]
    public enum Kinds
    {
        None = 0,
        Text = 1,
        Number = 2,
        Flag = 4,
        List = 8,
        Map = 16,

        /// <summary>Digits and one letter.</summary>
        Unit = 32,
    }
}
