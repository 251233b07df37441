using System.Text.Json.Serialization;

namespace ZeroDown.Protocol;

/// <summary>Every request carries the protocol's version, so that an old CLI and a new daemon (or the other way round)
/// recognise each other and say so instead of misunderstanding.</summary>
/// <remarks>Optional properties are settable, not init-only: the source-generated reader gives an init-only property that is
/// missing in the JSON its type's default (null for an array) instead of the initializer's value.</remarks>
public abstract record DaemonCommand
{
    public int Protocol { get; set; } = ProtocolVersion.Current;

    /// <summary>The client's own name for this one command, at most 64 letters, digits and dashes (a GUID will do). Whoever loses the connection
    /// before the answer sends the same line again: the daemon, or the one that has taken its place, carries a command out once and
    /// answers every time. Null: who loses the connection does not hear the answer.</summary>
    public string? Token { get; set; }

    /// <summary>The parameters as they were sent; on the daemon's side, where there is a token. Tells the same command from another one.</summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte> Wording { get; set; }
}

public static class ProtocolVersion
{
    public const int Current = 1;
}

public sealed record PingCommand : DaemonCommand;

public sealed record KillCommand : DaemonCommand;

/// <summary>Daemon and keeper are to go on as another program. Understood by every version, so nothing of it may ever change its meaning.</summary>
public sealed record UpdateCommand : DaemonCommand
{
    /// <summary>The program, absolute, and its leading arguments.</summary>
    public string[] Program { get; set; } = [];

    /// <summary>Of that program.</summary>
    public string Version { get; set; } = "";

    /// <summary>The update was begun by an earlier daemon: this asks only what became of the one of this token.</summary>
    public bool OutcomeOnly { get; set; }
}

/// <summary>A verb on some apps.</summary>
public sealed record FleetCommand : DaemonCommand
{
    /// <summary>Names, namespaces, ids, <c>all</c>, <c>/regex/</c>, as the user typed them.</summary>
    public string[] Targets { get; set; } = [];

    /// <summary>Definitions from a file or from flags, in file order. They are targets by themselves.</summary>
    public AppDefinition[] Apps { get; set; } = [];

    /// <summary>What some of the apps named by <see cref="Targets"/> are to become; which of their slots are meant, the targets say.</summary>
    public AppDefinition[] Changes { get; set; } = [];

    /// <summary>Restart only: the new name of the one app that is targeted.</summary>
    public string? Rename { get; set; }

    /// <summary>Restart only: the named apps are watched if they were not, and the other way round.</summary>
    public bool ToggleWatch { get; set; }

    /// <summary><c>--update-env</c>: the environment of the user's shell replaces the recorded one (declared variables stay).</summary>
    public Dictionary<string, string>? UpdatedEnvironment { get; set; }

    /// <summary>Reload only: the answer waits until the last old worker is gone.</summary>
    public bool WaitDrained { get; set; }
}

/// <summary>Writes down what runs, for <see cref="ResurrectCommand"/>.</summary>
public sealed record SaveCommand : DaemonCommand
{
    /// <summary>Also when there is no app, which would save an empty list over the one before.</summary>
    public bool Force { get; set; }
}

/// <summary>Starts what was saved and is not there; what is there is left alone.</summary>
public sealed record ResurrectCommand : DaemonCommand;

/// <summary>Whether changed files replace an app's workers; pm2's <c>stop --watch</c> (off) and <c>restart --watch</c> (the other of what it is).</summary>
public sealed record WatchCommand : DaemonCommand
{
    public string[] Targets { get; set; } = [];

    /// <summary>Null: the other of what it is now, app by app.</summary>
    public bool? On { get; set; }
}

public sealed record ScaleCommand : DaemonCommand
{
    public required string App { get; init; }

    /// <summary>The number asked for, or the difference when <see cref="Relative"/>.</summary>
    public int Amount { get; set; }

    public bool Relative { get; set; }
}

/// <summary>A signal of the user's own to the workers of some apps: nothing else is done to them.</summary>
public sealed record SignalCommand : DaemonCommand
{
    public string[] Targets { get; set; } = [];

    /// <summary><c>SIGUSR2</c>, <c>usr2</c> or a number.</summary>
    public required string Signal { get; init; }
}

/// <summary>A line for the stdin of one worker.</summary>
public sealed record SendLineCommand : DaemonCommand
{
    /// <summary>An id, or the name of an app with one instance.</summary>
    public required string Target { get; init; }

    public required string Line { get; init; }

    /// <summary>What ends it.</summary>
    public string End { get; set; } = "\n";
}

public sealed record ListCommand : DaemonCommand
{
    /// <summary>Empty: everything.</summary>
    public string[] Targets { get; set; } = [];
}

public sealed record LogsCommand : DaemonCommand
{
    /// <summary>Empty: everything, the daemon's own lines too.</summary>
    public string[] Targets { get; set; } = [];

    /// <summary>How many of the last lines of each file come first.</summary>
    public int Lines { get; set; } = 15;

    public bool Follow { get; set; }

    /// <summary>Together with <see cref="Follow"/>, from a client that must miss nothing: when it is away for a moment (its daemon was replaced, or it was), what is printed meanwhile is kept and comes first.</summary>
    public bool Missed { get; set; }

    /// <summary>Of these files what stands behind the position, instead of the last lines: how somebody goes on who followed before.</summary>
    public Dictionary<string, long>? From { get; set; }

    public bool Out { get; set; } = true;

    public bool Error { get; set; } = true;
}
