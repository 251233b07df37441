using System.Globalization;

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

    /// <summary>--patience-ms: how long a daemon may owe an answer. For tests.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>--relief-ms: after how long without a daemon full output FIFOs are relieved. For tests.</summary>
    public TimeSpan ReliefAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>--daemon-command: what to start instead of `zd daemon`; takes all that follows. For tests.</summary>
    public IReadOnlyList<string> DaemonCommand { get; init; } = [.. SelfImage.OnDisk, "daemon"];

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
                "--patience-ms" => options with { Patience = Milliseconds(value) },
                "--relief-ms" => options with { ReliefAfter = Milliseconds(value) },
                _ => throw new FormatException($"unknown option {args[i]}"),
            };
        }

        return Path.IsPathRooted(options.Home) ? options : throw new FormatException("--home needs an absolute path");
    }

    private static TimeSpan Milliseconds(string value) => TimeSpan.FromMilliseconds(int.Parse(value, CultureInfo.InvariantCulture));
}
