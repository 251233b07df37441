using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ZeroDown.Config;

namespace ZeroDown.Cli.Verbs;

/// <summary>
/// pm2's flags for an app's options, as a table: how the flag is spelled, which option of the ecosystem file it is, and what
/// it takes. What a value means and whether it is right is for Config to say, so a flag and a file can never differ.
/// </summary>
internal sealed class AppFlags
{
    private static readonly Row[] Rows =
    [
        new("name", "NAME", "--name", "-n"),
        new("namespace", "NAME", "--namespace"),
        new("instances", "N|max|-1", "--instances", "-i"),
        new("listen", "ADDRESS", "--listen") { Repeats = true },
        new("filter_env", "TEXT", "--filter-env") { Repeats = true, List = true, Says = "hold back variables of this shell whose name contains TEXT; may be repeated" },
        new("cwd", "FOLDER", "--cwd"),
        new("interpreter", "PROGRAM", "--interpreter"),
        new("interpreter_args", "ARGS", "--interpreter-args", "--node-args"),
        new("exec_mode", "MODE", "--exec-mode"),
        new("exec_mode", null, "--execute-command", "-x") { Fixed = "fork", Says = "the same as --exec-mode fork" },
        new("wait_ready", null, "--wait-ready") { Fixed = "true" },
        new("listen_timeout", "TIME", "--listen-timeout"),
        new("min_ready", "TIME", "--min-ready"),
        new("kill_timeout", "TIME", "--kill-timeout", "-k"),
        new("drain_timeout", "TIME", "--drain-timeout"),
        new("kill_signal", "SIGNAL", "--kill-signal"),
        new("surge", "N", "--surge"),
        new("overlap", "WHEN", "--overlap"),
        new("autorestart", null, "--no-autorestart") { Fixed = "false", Says = "an exit leaves the app stopped" },
        new("autostart", null, "--no-autostart") { Fixed = "false", Says = "register the app, do not start it" },
        new("min_uptime", "TIME", "--min-uptime"),
        new("max_restarts", "N", "--max-restarts"),
        new("restart_delay", "TIME", "--restart-delay"),
        new("exp_backoff_restart_delay", "TIME", "--exp-backoff-restart-delay"),
        new("stop_exit_codes", "CODE…", "--stop-exit-codes") { Many = true },
        new("inject", null, "--no-inject") { Fixed = "false", Says = "leave ASP.NET Core and Node programs as they are" },
        new("out_file", "FILE", "--output", "-o"),
        new("error_file", "FILE", "--error", "-e"),
        new("merge_logs", null, "--merge-logs") { Fixed = "true" },
        new("max_memory_restart", "SIZE", "--max-memory-restart"),
        new("cron_restart", "PATTERN", "--cron-restart", "--cron", "-c"),
        new("watch", "PATH", "--watch") { Repeats = true, Bare = "true", Says = "replace the workers when files change; --watch=PATH, which may be repeated, instead of the working directory" },
        new("ignore_watch", "NAME|PATH", "--ignore-watch") { Repeats = true },
        new("watch_delay", "SECONDS", "--watch-delay") { Seconds = true },
        new("treekill", null, "--no-treekill") { Fixed = "false", Says = "at the end of kill_timeout only the worker itself is killed, not what it has started" },
        new("log_file", "FILE", "--log", "-l") { Bare = "true" },
        new("log_type", "json", "--log-type"),
        new("log_date_format", "FORMAT", "--log-date-format"),
        new("time", null, "--time") { Fixed = "true" },
        new("disable_logs", null, "--disable-logs") { Fixed = "true" },
        new("pid_file", "FILE", "--pid", "-p"),
        new("uid", "USER", "--uid"),
        new("gid", "GROUP", "--gid"),
        new("shutdown_with_message", null, "--shutdown-with-message") { Fixed = "true" },
        new("source_map_support", null, "--source-map-support") { Fixed = "true" },
        new("disable_source_map_support", null, "--disable-source-map-support") { Fixed = "true" },

        // For pm2's hosted service, or for its own files: what is typed must not fail.
        new("trace", null, "--trace") { Fixed = "true", Hidden = true },
        new("disable_trace", null, "--disable-trace") { Fixed = "true", Hidden = true },
        new("v8", null, "--v8") { Fixed = "true", Hidden = true },
        new("event_loop_inspector", null, "--event-loop-inspector") { Fixed = "true", Hidden = true },
        new("deep_monitoring", null, "--deep-monitoring") { Fixed = "true", Hidden = true },
        new("write", null, "--write", "-w") { Fixed = "true", Hidden = true },
    ];

    private readonly List<(Row Row, Option Option)> _options = [];

    public void Declare(Command command)
    {
        foreach (var row in Rows)
        {
            Option option = row.Fixed is not null
                ? new Option<bool>(row.Flags[0], row.Flags[1..])
                : new Option<string[]>(row.Flags[0], row.Flags[1..])
                {
                    HelpName = row.Takes,
                    AllowMultipleArgumentsPerToken = row.Many,
                    Arity = row.Bare is null ? ArgumentArity.OneOrMore : ArgumentArity.ZeroOrMore,
                };
            option.Hidden = row.Hidden;
            option.Description = row.Says ?? AppOptions.Find(row.Option)?.Meaning;
            _options.Add((row, option));
            command.Options.Add(option);
        }
    }

    /// <summary>The options that were typed, in the order of the table.</summary>
    public ImmutableArray<GivenOption> Given(ParseResult parsed)
    {
        var given = ImmutableArray.CreateBuilder<GivenOption>();
        foreach (var (row, option) in _options)
        {
            if (parsed.GetResult(option) is not { Implicit: false } result)
                continue;
            var flag = result.IdentifierToken?.Value ?? row.Flags[0];
            if (row.Fixed is { } value)
                given.Add(new GivenOption(row.Option, flag, value));
            else
                given.Add(new GivenOption(row.Option, flag, Values(result, row)) { IsList = row.List });
        }

        return given.ToImmutable();
    }

    /// <summary>The options that have a flag.</summary>
    public static IEnumerable<string> Options => Rows.Select(row => row.Option);

    /// <summary>The flags that set an option.</summary>
    public static IEnumerable<string> For(string option) => Rows.Where(row => row.Option == option).SelectMany(row => row.Flags);

    /// <summary>True for a flag whose next word is its value.</summary>
    public static bool TakeValue(string flag) => Array.Exists(Rows, row => row is { Fixed: null, Bare: null } && row.Flags.Contains(flag));

    /// <summary>Of a flag that takes one value, the last one typed.</summary>
    private static ImmutableArray<string> Values(OptionResult result, Row row)
    {
        var typed = result.Tokens.Select(token => token.Value).TakeLast(row.Many || row.Repeats ? int.MaxValue : 1);
        if (row.Bare is { } bare && !typed.Any())
            return [bare];
        // In a file a bare number is milliseconds, at this flag of pm2's it is seconds.
        return [.. row.Seconds ? typed.Select(value => double.TryParse(value, CultureInfo.InvariantCulture, out _) ? value + "s" : value) : typed];
    }

    private sealed record Row(string Option, string? Takes, params string[] Flags)
    {
        /// <summary>What a flag without a value stands for.</summary>
        public string? Fixed { get; init; }

        /// <summary>What the flag stands for when no value follows it.</summary>
        public string? Bare { get; init; }

        /// <summary>A bare number is seconds.</summary>
        public bool Seconds { get; init; }

        /// <summary>Takes all words up to the next flag.</summary>
        public bool Many { get; init; }

        /// <summary>Given again, it adds to the first.</summary>
        public bool Repeats { get; init; }

        /// <summary>One value is a list of one.</summary>
        public bool List { get; init; }

        /// <summary>Not in the help.</summary>
        public bool Hidden { get; init; }

        /// <summary>Help, where the option's own does not fit.</summary>
        public string? Says { get; init; }
    }
}
