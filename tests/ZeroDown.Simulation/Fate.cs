using System.Text;

namespace ZeroDown.Simulation;

/// <summary>What one worker will do with its life. Times are milliseconds; null means never, or not.</summary>
internal sealed record Fate
{
    public static readonly Fate Healthy = new();

    public LaunchFate Launch { get; init; } = LaunchFate.Works;

    /// <summary>From its execution until it listens (and says ready, if it says anything).</summary>
    public int? ReadyAfter { get; init; } = 80;

    /// <summary>False: it listens, and never says so.</summary>
    public bool Speaks { get; init; } = true;

    /// <summary>From its execution until it opens the channel of our library.</summary>
    public int? ChannelAfter { get; init; }

    /// <summary>From its execution until it ends by itself.</summary>
    public int? DiesAfter { get; init; }

    public bool SaysStopping { get; init; }

    public int ExitCode { get; init; } = 1;

    /// <summary>From the stop signal to its exit; null: it ignores the signal.</summary>
    public int? StopsAfter { get; init; } = 30;

    /// <summary>From the order to drain until it takes no connection any more, and says so; null: it is stuck, and takes connections until its signal.</summary>
    public int? HeedsAfter { get; init; } = 1;

    /// <summary>From the order to drain until it says that it has.</summary>
    public int? DrainsAfter { get; init; } = 200;

    /// <summary>From the order to drain until its channel breaks.</summary>
    public int? ChannelBreaksAfter { get; init; }

    /// <summary>How long its connections stay open once it is told to leave, as far as anybody counts them.</summary>
    public int ConnectionsFor { get; init; }

    /// <summary>How often it asks for more time, and for how much.</summary>
    public int Extensions { get; init; }

    public int ExtendsBy { get; init; } = 2_000;

    /// <summary>Node: it never asks for a socket, as if it waited for something that never comes.</summary>
    public bool NeverAsks { get; init; }

    /// <summary>Node: from its first question until it hangs up by itself.</summary>
    public int? HangsUpAfter { get; init; }

    /// <summary>Node: from the moment it listens until it closes the socket; it asks for it again 100 ms later.</summary>
    public int? ClosesAfter { get; init; }

    /// <summary>Node: when it is refused a socket it asks again; most programs crash.</summary>
    public bool AsksAgain { get; init; }

    /// <summary>From its execution until it holds more memory than it may; it is measured every five seconds from then on.</summary>
    public int? OutgrowsAfter { get; init; }

    /// <summary>From the exit of the launched process until the processes that it had started end by themselves; null: it has started none.</summary>
    public int? RestLives { get; init; }

    /// <summary>From their stop signal until they end; null: they ignore it.</summary>
    public int? RestStopsAfter { get; init; }

    public override string ToString()
    {
        var text = new StringBuilder();
        if (Launch != LaunchFate.Works)
            text.Append($" launch {Launch};");
        if (ReadyAfter != Healthy.ReadyAfter)
            text.Append(ReadyAfter is { } ready ? $" ready after {ready};" : " never ready;");
        if (!Speaks)
            text.Append(" says nothing;");
        if (ChannelAfter is { } channel)
            text.Append($" channel after {channel};");
        if (DiesAfter is { } dies)
            text.Append($" dies after {dies} with {ExitCode}{(SaysStopping ? ", saying so" : "")};");
        if (StopsAfter != Healthy.StopsAfter)
            text.Append(StopsAfter is { } stops ? $" stops after {stops};" : " ignores its signal;");
        if (HeedsAfter != Healthy.HeedsAfter)
            text.Append(HeedsAfter is { } heeds ? $" heeds after {heeds};" : " never heeds;");
        if (DrainsAfter != Healthy.DrainsAfter)
            text.Append(DrainsAfter is { } drains ? $" drains in {drains};" : " never drains;");
        if (ChannelBreaksAfter is { } breaks)
            text.Append($" channel breaks {breaks} into its drain;");
        if (ConnectionsFor > 0)
            text.Append($" connections for {ConnectionsFor};");
        if (Extensions > 0)
            text.Append($" asks {Extensions} times for {ExtendsBy} more;");
        if (NeverAsks)
            text.Append(" never asks;");
        if (HangsUpAfter is { } hangsUp)
            text.Append($" hangs up after {hangsUp};");
        if (ClosesAfter is { } closes)
            text.Append($" closes and asks again after {closes};");
        if (AsksAgain)
            text.Append(" asks again when refused;");
        if (OutgrowsAfter is { } outgrows)
            text.Append($" too large after {outgrows};");
        if (RestLives is { } rest)
            text.Append($" leaves others behind for {rest}, which {(RestStopsAfter is { } restStops ? $"stop after {restStops}" : "ignore their signal")};");
        return text.Length == 0 ? " healthy" : text.ToString();
    }

    /// <summary>How long it takes to hear that it is to drain.</summary>
    public Fate OrderedToDrain(Dice dice) => this with { HeedsAfter = dice.Of<int?>(0, 1, 1, 40, 900, null) };

    /// <summary>Some end before they have lived for min_ready, some listen and end in the moment after.</summary>
    public Fate EndsEarly(Dice dice) => dice.Below(40) switch
    {
        0 => this with { DiesAfter = dice.Of(400, 700, 2_400), ExitCode = dice.Of(0, 1, 7) },
        1 => this with { DiesAfter = (ReadyAfter ?? 80) + dice.Of(5, 60, 240), ExitCode = dice.Of(0, 1) },
        _ => this,
    };

    /// <summary>What it would do as a worker of a Node cluster.</summary>
    public Fate InCluster(Dice dice) => this with
    {
        NeverAsks = dice.Once(12),
        HangsUpAfter = dice.Once(10) ? dice.Of(0, 5, 90, 2_000) : null,
        ClosesAfter = dice.Once(8) ? dice.Of(1, 50, 4_000) : null,
        AsksAgain = dice.Once(2),
    };

    public static Fate Throw(Dice dice)
    {
        var fate = Healthy with
        {
            ReadyAfter = dice.Of(1, 20, 80, 80, 400, 2_500),
            StopsAfter = dice.Of(0, 5, 30, 30, 700),
            ChannelAfter = dice.Once(2) ? dice.Of(1, 10, 60) : null,
            DrainsAfter = dice.Of(0, 100, 200, 3_000),
            ConnectionsFor = dice.Once(3) ? dice.Of(500, 4_000, 20_000, 90_000) : 0,
            Speaks = !dice.Once(8),
            OutgrowsAfter = dice.Once(10) ? dice.Of(0, 90, 3_000, 15_000) : null,
        };
        if (dice.Once(5))
            fate = fate with { RestLives = dice.Of(0, 10, 400, 600, 3_000, 60_000), RestStopsAfter = dice.Of<int?>(1, 200, 4_000, null) };
        return dice.Below(14) switch
        {
            0 => fate with { Launch = dice.Of(LaunchFate.FailsForEver, LaunchFate.LacksMemory, LaunchFate.DiesAtGate) },
            1 => fate with { ReadyAfter = null },
            2 => fate with { DiesAfter = dice.Of(0, 1, 30, 79), ExitCode = dice.Of(0, 1, 7), SaysStopping = dice.Once(2) },
            3 => fate with { DiesAfter = dice.Of(81, 300, 900, 1_100, 5_000, 20_000), ExitCode = dice.Of(0, 1, 7), SaysStopping = dice.Once(2) },
            4 => fate with { StopsAfter = null },
            5 => fate with { DrainsAfter = null },
            6 => fate with { ChannelBreaksAfter = dice.Of(0, 50, 400) },
            7 => fate with { Extensions = dice.Between(1, 4), ExtendsBy = dice.Of(100, 2_000, 15_000) },
            8 => fate with { ReadyAfter = dice.Of(4_990, 5_000, 5_010, 12_000) },
            _ => fate,
        };
    }
}

/// <summary>How a launch goes.</summary>
internal enum LaunchFate
{
    Works,

    /// <summary>There is no such program.</summary>
    FailsForEver,

    /// <summary>Not now.</summary>
    LacksMemory,

    /// <summary>The process came to be and ended before it ran the program.</summary>
    DiesAtGate,
}
