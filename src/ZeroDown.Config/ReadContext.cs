using System.Collections;
using System.Collections.Immutable;
using System.Net;

namespace ZeroDown.Config;

/// <summary>
/// All that a reading depends on besides the file: the user's shell. Given from outside so that a reading is a function,
/// and so that tests need no real environment. The file system below the named paths is looked at directly.
/// </summary>
public sealed record ReadContext
{
    /// <summary>The shell's variables: for <c>${VAR}</c>, for PATH, and as the workers' environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Absolute; relative paths of flags and of a file on stdin start here.</summary>
    public required string CurrentDirectory { get; init; }

    /// <summary><c>--env NAME</c>: selects <c>env_NAME</c>.</summary>
    public string? EnvironmentName { get; init; }

    /// <summary>What <c>instances: max</c> means; .NET's count obeys affinity and cgroup quotas.</summary>
    public int ProcessorCount { get; init; } = System.Environment.ProcessorCount;

    /// <summary>Flags that win over what the file says, for every app that is read.</summary>
    public ImmutableArray<GivenOption> Overrides { get; init; } = [];

    /// <summary><c>--only a,b</c>: the other apps are checked as text but neither resolved nor returned. Empty: all.</summary>
    public ImmutableArray<string> Only { get; init; } = [];

    /// <summary>Addresses of a host name in <c>listen:</c>; throws <see cref="System.Net.Sockets.SocketException"/> for an unknown one.</summary>
    public Func<string, IPAddress[]> ResolveHost { get; init; } = Dns.GetHostAddresses;

    /// <summary>What is wrong with a <c>cron_restart</c>, as a sentence; null: nothing. The calendar is the daemon's, so it is the judge.</summary>
    public Func<string, string?> CronProblem { get; init; } = static _ => null;

    /// <summary>Variables that <c>zd set APP:NAME VALUE</c> keeps for an app, by its name; they win over what the file says.</summary>
    public Func<string, IEnumerable<KeyValuePair<string, string>>> Kept { get; init; } = static _ => [];

    /// <summary>The command line of the file server that is inside <c>zd</c>; what is served stands behind it. Empty: there is none.</summary>
    public ImmutableArray<string> FileServer { get; init; } = [];

    /// <summary>Who there is on this machine, for <c>uid</c> and <c>gid</c>.</summary>
    public Accounts Accounts { get; init; } = new();

    /// <summary>The context of this process.</summary>
    public static ReadContext OfThisProcess() => new()
    {
        CurrentDirectory = Directory.GetCurrentDirectory(),
        Environment = System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal),
    };
}

/// <summary>An option from the command line.</summary>
/// <param name="Option">The option's name or one of its aliases, in snake or camel case: <c>kill_timeout</c>.</param>
/// <param name="Flag">The flag as typed, for messages: <c>--kill-timeout</c>.</param>
/// <param name="Values">One value, or several for options that take a list.</param>
public sealed record GivenOption(string Option, string Flag, ImmutableArray<string> Values)
{
    public GivenOption(string option, string flag, string value)
        : this(option, flag, [value])
    {
    }

    /// <summary>True: a single value is a list of one, where an option takes both and they mean different things.</summary>
    public bool IsList { get; init; }
}
