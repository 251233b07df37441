namespace ZeroDown.Protocol;

/// <summary>The one answer to a command.</summary>
public sealed record CommandReply
{
    /// <summary>The exit code of <c>zd</c>: 0 done, 1 failed, 7 roll failed and the old generation kept.</summary>
    public int ExitCode { get; set; }

    /// <summary>App by app, in the order in which they were taken.</summary>
    public AppReply[] Apps { get; set; } = [];

    /// <summary>What belongs to no app: an unknown target with the nearest match, a refusal.</summary>
    public string[] Errors { get; set; } = [];

    /// <summary>Sentences about the whole command, worth knowing although it went well; null for none.</summary>
    public string[]? Notes { get; set; }

    /// <summary>Sentences that are the answer, where it is not about single apps; null for none.</summary>
    public string[]? Lines { get; set; }
}

/// <summary>What became of one app.</summary>
public sealed record AppReply
{
    public required string App { get; init; }

    /// <summary>One word in camelCase: started, reloaded, restarted, stopped, deleted, scaled, reset, watched, unwatched, flushed, reopened, signalled, sent, unchanged, registered,
    /// stillStarting, failed, rolledBack, refused, untouched, superseded.</summary>
    public required string Outcome { get; init; }

    /// <summary>A sentence for people.</summary>
    public required string Message { get; init; }

    public int Generation { get; set; }

    /// <summary>Why not, slot by slot.</summary>
    public SlotReply[] Failures { get; set; } = [];

    /// <summary>Things worth knowing although it went well: counted without its word, a gap and why.</summary>
    public string[] Warnings { get; set; } = [];
}

/// <summary>Why a slot is not as asked.</summary>
public sealed record SlotReply
{
    public int Slot { get; set; }

    /// <summary>The slot's number in the list.</summary>
    public int PmId { get; set; }

    /// <summary>A sentence for people: the cause.</summary>
    public required string Message { get; init; }

    /// <summary>The last lines that the worker wrote to stderr (or to stdout, if stderr is empty), as it wrote them.</summary>
    public string[] LastLines { get; set; } = [];
}

/// <summary>Who answers.</summary>
public sealed record DaemonInfo
{
    public required string Version { get; init; }

    public int Protocol { get; set; } = ProtocolVersion.Current;

    public int Pid { get; set; }

    public int KeeperPid { get; set; }

    /// <summary>What this daemon found and did when it was started after keeper and daemon had both been killed; sentences for people.</summary>
    public string[] Recovery { get; set; } = [];

    /// <summary>The keeper's own program version; null when it does not say.</summary>
    public string? KeeperVersion { get; set; }

    public required string Home { get; init; }

    /// <summary>Unix time, milliseconds.</summary>
    public long StartedAtMs { get; set; }

    /// <summary>Sentences about what is wrong with the daemon itself while it goes on: the state is not on the disk.</summary>
    public string[] Warnings { get; set; } = [];
}

/// <summary>A step of a command that is under way.</summary>
public sealed record ProgressNote
{
    /// <summary>One complete line for people, without prefix.</summary>
    public required string Text { get; init; }

    public string? App { get; set; }

    public int? Slot { get; set; }

    public int? PmId { get; set; }

    /// <summary>Which process of the slot: a terminal shows one line per worker and redraws it.</summary>
    public long? Worker { get; set; }

    public int? Generation { get; set; }

    /// <summary>Where the worker stands now: launching, online, draining, stopping, stopped, errored, waiting restart; null for other news.</summary>
    public string? Status { get; set; }
}

/// <summary>Lines of one stream of one worker, or of the daemon.</summary>
public sealed record LogNote
{
    /// <summary>Null for the daemon's own lines.</summary>
    public string? App { get; set; }

    public int? PmId { get; set; }

    /// <summary><c>out</c>, <c>err</c> or <c>daemon</c>.</summary>
    public required string Stream { get; init; }

    /// <summary>Whole lines without their line ends, as the worker wrote them (bytes that are no UTF-8 are replaced).</summary>
    public string[] Lines { get; set; } = [];

    /// <summary>Unix time in milliseconds at which the daemon read them; null for lines from before.</summary>
    public long? AtMs { get; set; }

    /// <summary>Set on the first note of a file's last lines: where they come from.</summary>
    public string? File { get; set; }

    /// <summary>Set together with <see cref="File"/>: how many lines come from there, in this note and in those that follow it.</summary>
    public long? Count { get; set; }

    /// <summary>The next note has more of the same file's lines.</summary>
    public bool More { get; set; }

    /// <summary>Set together with <see cref="File"/>: older lines were asked for, but they are further back in the file than the daemon looks.</summary>
    public bool Cut { get; set; }

    /// <summary><c>stdout</c> or <c>stderr</c> where the app's log file is that stream of <c>zd run</c>: it gets the lines as they are; null for any other.</summary>
    public string? To { get; set; }

    /// <summary>Lines that were left out because this client did not keep up.</summary>
    public long Dropped { get; set; }

    /// <summary>The file that has these lines too, while it is followed.</summary>
    public string? Source { get; set; }

    /// <summary>Where in <see cref="Source"/> the last of them ends; see <see cref="LogsCommand.From"/>.</summary>
    public long? End { get; set; }

    /// <summary>Bytes of memory that it takes, roughly.</summary>
    public long Weigh()
    {
        var weight = 128L;
        foreach (var line in Lines)
            weight += 32 + (2L * line.Length);
        return weight;
    }
}
