using System.Globalization;

namespace LoadClient;

/// <summary>The command line of the program: the plan, for how long, and whether the result is JSON.</summary>
internal sealed record Arguments(LoadPlan Plan, TimeSpan Duration, bool Json)
{
    public const string Usage =
        """
        LoadClient --url http://127.0.0.1:4000/ [--path /?delay=100] [--unix /path]
                   [--keepalive 50] [--fresh 50] [--silent N] [--http2 N] [--streams 4]
                   [--think MS] [--delay MS] [--contains TEXT] [--seconds 10] [--json]

        Sends each request once. --delay: how long an answer is expected to take (the limit is 5 s more).
        Exit code 0 when no request failed, 1 when one did, 2 for wrong usage.
        """;

    /// <summary>Throws <see cref="FormatException"/> with a sentence for the user.</summary>
    public static Arguments Parse(string[] args)
    {
        var plan = new LoadPlan(new Uri("http://127.0.0.1:4000/"));
        var (duration, json, path) = (TimeSpan.FromSeconds(10), false, (string?)null);
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i];
            string Value() => ++i < args.Length ? args[i] : throw new FormatException($"{name} needs a value");
            int Number() => int.TryParse(Value(), CultureInfo.InvariantCulture, out var number) && number >= 0
                ? number
                : throw new FormatException($"{name} needs a number, not '{args[i]}'");
            switch (name)
            {
                case "--url": plan = plan with { Url = new Uri(Value()) }; break;
                case "--path": path = Value(); break;
                case "--unix": plan = plan with { UnixPath = Value() }; break;
                case "--keepalive": plan = plan with { KeepAlive = Number() }; break;
                case "--fresh": plan = plan with { Fresh = Number() }; break;
                case "--silent": plan = plan with { Silent = Number() }; break;
                case "--http2": plan = plan with { Http2 = Number() }; break;
                case "--streams": plan = plan with { StreamsPerConnection = Number() }; break;
                case "--think": plan = plan with { Think = TimeSpan.FromMilliseconds(Number()) }; break;
                case "--delay": plan = plan with { ExpectedDelay = TimeSpan.FromMilliseconds(Number()) }; break;
                case "--contains": plan = plan with { MustContain = Value() }; break;
                case "--seconds": duration = TimeSpan.FromSeconds(Number()); break;
                case "--json": json = true; break;
                default: throw new FormatException($"unknown argument {name}");
            }
        }

        if (path is not null)
            plan = plan with { Url = new Uri(plan.Url, path) };
        if (plan.KeepAlive + plan.Fresh + plan.Silent + plan.Http2 == 0)
            plan = plan with { KeepAlive = 50, Fresh = 50 };
        return new Arguments(plan, duration, json);
    }
}
