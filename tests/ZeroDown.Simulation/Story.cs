using System.Collections.Immutable;
using System.Net;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Simulation;

/// <summary>
/// A whole life as plain data: which programs there are, what the user does when, what each worker and each listener is fated
/// to. A seed makes one; the shrinker leaves parts of it out; the world plays it.
/// </summary>
internal sealed record Story(ulong Seed, ImmutableArray<Service> Programs, ImmutableArray<Act> Acts, ImmutableArray<Fate> Fates)
{
    /// <summary>Which openings of listeners fail, by number.</summary>
    public ImmutableArray<bool> ListenerFails { get; init; } = [];

    /// <summary>Deaths of the daemon, in order.</summary>
    public ImmutableArray<Crash> Crashes { get; init; } = [];

    /// <summary>News may come twice, and deadlines that were disarmed may still come.</summary>
    public bool Echoes { get; init; } = true;

    public static Story FromSeed(ulong seed)
    {
        var dice = new Dice(seed);
        ImmutableArray<Service> programs = [.. Enumerable.Range(0, dice.Of(1, 1, 2, 3)).Select(number => Service.Throw(dice, number))];
        var acts = ImmutableArray.CreateBuilder<Act>();
        var time = 0;
        acts.Add(new Act(time, Deed.Start, -1));
        for (var count = dice.Between(2, 14); count > 0; count--)
        {
            time += dice.Of(0, 0, 1, 25, 60, 100, 300, 1_200, 6_000, 31_000, 45_000);
            acts.Add(Act.Throw(dice, time, programs.Length));
        }

        ImmutableArray<Fate> fates = [.. Enumerable.Range(0, 48).Select(_ => Fate.Throw(dice))];
        // Dice of their own: every story that was told before Node came to it is told as it was.
        var node = new Dice(seed ^ 0x4E6F_6465);
        programs = [.. programs.Select(program => program.PerhapsNode(node))];
        fates = [.. fates.Select(fate => fate.InCluster(node))];
        var heed = new Dice(seed ^ 0x4865_6564);
        fates = [.. fates.Select(fate => fate.OrderedToDrain(heed))];
        var ready = new Dice(seed ^ 0x5265_6164);
        fates = [.. fates.Select(fate => fate.EndsEarly(ready))];
        programs = [.. programs.Select(program => program with { MinReadyMs = ready.Of<int?>(null, null, null, 0, 400, 6_000) })];
        var overlap = new Dice(seed ^ 0x4F76_6572);
        programs = [.. programs.Select(program => program with { Overlap = overlap.Of<bool?>(null, null, null, true, false) })];
        return new Story(seed, programs, acts.ToImmutable(), fates)
        {
            ListenerFails = [.. Enumerable.Range(0, 12).Select(_ => dice.Once(10))],
            Crashes = [.. Crash.Throw(new Dice(seed ^ 0x6B69_6C6C))],
        };
    }

    public Fate FateOf(int launch) => launch < Fates.Length ? Fates[launch] : Fate.Healthy;
}

/// <summary>What the user runs: what its spec says, in a few variants.</summary>
internal sealed record Service(int Number)
{
    public ReadySign Sign { get; init; }

    public int Instances { get; init; } = 2;

    public int Listeners { get; init; } = 1;

    /// <summary>It shares its first address with the other programs.</summary>
    public bool Shared { get; init; }

    public bool BindsOwnPort { get; init; }

    public bool Autorestart { get; init; } = true;

    public int MaxRestarts { get; init; } = 4;

    public int DelayMs { get; init; }

    public int BackoffMs { get; init; }

    public int KillMs { get; init; } = 2_000;

    public int DrainMs { get; init; } = 10_000;

    public int? Surge { get; init; }

    public bool? Overlap { get; init; }

    /// <summary>Its workers belong to a Node cluster.</summary>
    public bool Node { get; init; }

    /// <summary>Node: how many sockets its workers ask for; one that works off a queue asks for none.</summary>
    public int Servers { get; init; }

    public bool ByMessage { get; init; }

    public int? MinReadyMs { get; init; }

    /// <summary>Bytes; whoever is fated to outgrow it does.</summary>
    public long MemoryLimit { get; init; } = 1_000;

    public AppName Name => new("app" + Number);

    public static Service Throw(Dice dice, int number)
    {
        var ownPort = dice.Once(8);
        var listeners = ownPort ? 0 : dice.Of(0, 1, 1, 2);
        return new Service(number)
        {
            Listeners = listeners,
            Shared = dice.Once(4),
            Sign = listeners == 0
                ? dice.Of(ReadySign.Settled, ReadySign.Settled, ReadySign.SpokenStrict)
                : dice.Of(ReadySign.Listening, ReadySign.Listening, ReadySign.Spoken, ReadySign.SpokenStrict),
            Instances = dice.Of(1, 2, 2, 3, 4),
            BindsOwnPort = ownPort,
            Autorestart = !dice.Once(6),
            MaxRestarts = dice.Of(0, 1, 3, 5, 16),
            DelayMs = dice.Of(0, 0, 0, 200, 9_000),
            BackoffMs = dice.Of(0, 0, 100, 1_000),
            KillMs = dice.Of(0, 1_000, 2_000, 10_000),
            DrainMs = dice.Of(0, 2_000, 10_000, 30_000),
            Surge = dice.Of<int?>(null, null, 1, 2),
        };
    }

    /// <summary>Every third program is a Node cluster; then it may still have a listener that is declared.</summary>
    public Service PerhapsNode(Dice dice)
    {
        var (node, servers, byMessage, declared) = (dice.Once(3), dice.Of(0, 1, 1, 1, 2), dice.Once(5), dice.Once(5));
        return !node ? this : this with
        {
            Node = true,
            Servers = servers,
            ByMessage = byMessage,
            BindsOwnPort = false,
            Listeners = declared ? Listeners : 0,
            Sign = Sign == ReadySign.Settled ? ReadySign.Listening : Sign,
        };
    }

    /// <summary>What a Node worker asks for, one after the other.</summary>
    public ImmutableArray<ListenPoint> Asks(int variant) =>
        [.. Enumerable.Range(0, Servers + (Servers > 0 && variant % 5 == 4 ? 1 : 0)).Select(Point)];

    /// <summary>Variants differ in environment, and some in the number of instances, listeners and the surge.</summary>
    public AppSpec Spec(int variant) => new()
    {
        Name = Name,
        Launch = new LaunchSpec
        {
            Runtime = Node ? Runtime.Node : Runtime.Other,
            Script = "/srv/app",
            Program = "/srv/app",
            WorkingDirectory = "/srv",
            Environment = [new EnvironmentVariable("VARIANT", variant.ToString(System.Globalization.CultureInfo.InvariantCulture))],
        },
        Instances = variant % 3 == 2 ? Math.Max(1, Instances + (variant % 2 == 0 ? 1 : -1)) : Instances,
        Listen = [.. Enumerable.Range(0, Listeners + (variant % 4 == 3 ? 1 : 0)).Select(Address)],
        Autostart = variant % 7 != 6,
        Ready = new ReadyRule { Sign = Sign, ListenTimeout = TimeSpan.FromSeconds(5), MinReady = MinReadyMs is { } least ? TimeSpan.FromMilliseconds(least) : null },
        Restart = new RestartRule
        {
            Autorestart = Autorestart,
            MaxRestarts = MaxRestarts,
            Delay = TimeSpan.FromMilliseconds(DelayMs),
            BackoffDelay = BackoffMs > 0 ? TimeSpan.FromMilliseconds(BackoffMs) : null,
            StopExitCodes = [7],
        },
        ExecMode = Node ? ExecMode.Cluster : ExecMode.Fork,
        Stop = new StopRule { ByMessage = ByMessage, KillTimeout = TimeSpan.FromMilliseconds(KillMs), DrainTimeout = TimeSpan.FromMilliseconds(DrainMs) },
        Reload = new ReloadRule { Surge = Surge, Overlap = Overlap },
        Upkeep = new UpkeepRule
        {
            MaxMemoryBytes = variant % 5 == 4 ? null : MemoryLimit,
            Cron = variant % 5 == 3 ? null : Cron,
            Watch = new WatchRule { Enabled = variant % 5 != 2, Paths = ["/srv"] },
        },
    };

    private ListenPoint Point(int index) => (index + Number) % 3 == 2
        ? new ListenPoint(null, 0, "4", null, 0)
        : new ListenPoint("127.0.0.1", index == 0 && Shared ? 4_000 : 6_000 + (Number * 10) + index, "4", null, 0);

    public const string Cron = "0 3 * * *";

    private ListenerSpec Address(int index) =>
        new(new ListenerAddress.Tcp(IPAddress.Loopback, index == 0 && Shared ? 4_000 : 5_000 + (Number * 10) + index), "l" + index);
}

/// <summary>What the user does.</summary>
internal enum Deed
{
    Start,
    Reload,
    Restart,
    Stop,
    Delete,
    Scale,
    Reset,
    Watch,
    Shutdown,

    // Not the user's doing, but it comes from outside as the user does.

    /// <summary>The moment of the schedule.</summary>
    Cron,

    /// <summary>Watched files change.</summary>
    Change,
}

/// <summary>One thing that the user does.</summary>
/// <param name="AtMs">When.</param>
/// <param name="Deed">What.</param>
/// <param name="Program">To which program; -1: to all.</param>
internal sealed record Act(int AtMs, Deed Deed, int Program)
{
    /// <summary>The spec that comes with it; null: the one that is known.</summary>
    public int? Variant { get; init; }

    /// <summary>Only this slot.</summary>
    public int? Slot { get; init; }

    public int Amount { get; init; } = 2;

    public bool Relative { get; init; }

    public bool WaitDrained { get; init; }

    /// <summary>Room for so many newcomers.</summary>
    public int? Room { get; init; }

    public override string ToString() =>
        $"{AtMs,7} ms: {Deed} {(Program < 0 ? "all" : "app" + Program)}{(Slot is { } slot ? $"/{slot}" : "")}"
        + (Variant is { } variant ? $" with variant {variant}" : "")
        + (Deed == Deed.Scale ? $" {(Relative ? "by" : "to")} {Amount}" : "")
        + (WaitDrained ? ", wait for drains" : "")
        + (Room is { } room ? $", room for {room}" : "");

    public static Act Throw(Dice dice, int time, int programs)
    {
        var deed = dice.Below(50) switch
        {
            < 7 => Deed.Start,
            < 20 => Deed.Reload,
            < 25 => Deed.Restart,
            < 29 => Deed.Stop,
            < 32 => Deed.Delete,
            < 37 => Deed.Scale,
            < 39 => Deed.Reset,
            < 41 => Deed.Watch,
            < 45 => Deed.Cron,
            < 49 => Deed.Change,
            _ => Deed.Shutdown,
        };
        return new Act(time, deed, dice.Once(4) ? -1 : dice.Below(programs))
        {
            Variant = dice.Once(2) ? dice.Below(9) : null,
            Slot = dice.Once(6) ? dice.Below(3) : null,
            Amount = dice.Of(-2, -1, 0, 1, 2, 3, 5),
            Relative = dice.Once(2),
            WaitDrained = dice.Once(3),
            Room = dice.Once(5) ? dice.Of(0, 1, 2) : null,
        };
    }
}
