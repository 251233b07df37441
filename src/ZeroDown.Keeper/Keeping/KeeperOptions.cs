using System.Globalization;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>The keeper's command line.</summary>
internal sealed record KeeperOptions
{
    /// <summary>--home: the folder of lock files and log, absolute.</summary>
    public required string Home { get; init; }

    /// <summary>--ready-fd: number of the inherited pipe on which somebody waits.</summary>
    public int? ReadyFd { get; init; }

    /// <summary>--open-files: the soft limit that the CLI was started with, which its runtime may have raised since.</summary>
    public long? OpenFiles { get; init; }

    /// <summary>--oom-score: the score that the CLI was started with, which a keeper has lowered since.</summary>
    public int? OomScoreAdjust { get; init; }

    /// <summary>--successor-fd: number of the inherited channel of a daemon whose keeper was killed; all that the dead one held comes through it.</summary>
    public int? SuccessorFd { get; init; }

    /// <summary>--predecessor: pid of that daemon; the next one is started when it is gone.</summary>
    public int PredecessorPid { get; init; }

    /// <summary>--carried-fd: number of the table of an earlier image of this very process, see <see cref="CarriedTable"/>.</summary>
    public int? CarriedFd { get; init; }

    /// <summary>--carried-locks: the descriptors of keeper.lock and starting.lock, and whether the latter is held.</summary>
    public (int Single, int Starting, bool IsHeld) CarriedLocks { get; init; }

    /// <summary>--patience-ms: how long a daemon may owe an answer. For tests.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>--relief-ms: after how long without a daemon full output FIFOs are relieved. For tests.</summary>
    public TimeSpan ReliefAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>--daemon-command: what to start instead of our own `zd daemon`; takes all that follows. For tests.</summary>
    public IReadOnlyList<string>? DaemonCommand { get; init; }

    /// <summary>--attend: the words of the zd command that starts the apps and shows their logs, for a keeper in the foreground; its end is the keeper's. Takes all that follows.</summary>
    /// <remarks>--service: the same for a unit of an init system; a command that ends when the apps run.</remarks>
    public IReadOnlyList<string> Attendant { get; init; } = [];

    public bool IsService { get; init; }

    public bool IsForeground => Attendant.Count > 0;

    /// <exception cref="FormatException">One line for people.</exception>
    internal static KeeperOptions Parse(string[] args)
    {
        var options = new KeeperOptions { Home = "" };
        for (var i = 0; i < args.Length; i += 2)
        {
            if (args[i] == "--daemon-command")
            {
                options = options with { DaemonCommand = args[(i + 1)..] };
                break;
            }

            if (args[i] is "--attend" or "--service")
            {
                options = options with { Attendant = args[(i + 1)..], IsService = args[i] == "--service" };
                break;
            }

            var value = i + 1 < args.Length ? args[i + 1] : throw new FormatException($"{args[i]} needs a value");
            options = args[i] switch
            {
                "--home" => options with { Home = value },
                "--ready-fd" => options with { ReadyFd = int.Parse(value, CultureInfo.InvariantCulture) },
                "--open-files" => options with { OpenFiles = long.Parse(value, CultureInfo.InvariantCulture) },
                "--oom-score" => options with { OomScoreAdjust = int.Parse(value, CultureInfo.InvariantCulture) },
                "--successor-fd" => options with { SuccessorFd = int.Parse(value, CultureInfo.InvariantCulture) },
                "--predecessor" => options with { PredecessorPid = int.Parse(value, CultureInfo.InvariantCulture) },
                "--carried-fd" => options with { CarriedFd = int.Parse(value, CultureInfo.InvariantCulture) },
                "--carried-locks" => options with { CarriedLocks = Locks(value) },
                "--patience-ms" => options with { Patience = Milliseconds(value) },
                "--relief-ms" => options with { ReliefAfter = Milliseconds(value) },
                _ => throw new FormatException($"unknown option {args[i]}"),
            };
        }

        return Path.IsPathRooted(options.Home) ? options : throw new FormatException("--home needs an absolute path");
    }

    /// <summary>What to tell a newer program that this process becomes.</summary>
    internal IReadOnlyList<string> Carry(InheritedTraits traits, int table, string locks)
    {
        List<string> words = ["--home", Home, "--carried-fd", Text(table), "--carried-locks", locks, "--patience-ms", Text((long)Patience.TotalMilliseconds), "--relief-ms", Text((long)ReliefAfter.TotalMilliseconds)];
        if (traits.OpenFiles is { } openFiles)
        {
            words.AddRange(["--open-files", Text(openFiles)]);
        }

        if (traits.OomScoreAdjust is { } score)
        {
            words.AddRange(["--oom-score", Text(score)]);
        }

        return IsForeground ? [.. words, IsService ? "--service" : "--attend", .. Attendant] : words;
    }

    private static (int Single, int Starting, bool IsHeld) Locks(string value) =>
        value.Split(',') is [var single, var starting, var held]
            ? (int.Parse(single, CultureInfo.InvariantCulture), int.Parse(starting, CultureInfo.InvariantCulture), held == "1")
            : throw new FormatException($"--carried-locks {value} is not three numbers");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static TimeSpan Milliseconds(string value) => TimeSpan.FromMilliseconds(int.Parse(value, CultureInfo.InvariantCulture));
}
