namespace ZeroDown.Cli.Boot;

/// <summary>What is to be done so that the apps start with the machine (or no more): shown by <c>--dry-run</c>, and done otherwise. The one list serves both, so they cannot differ.</summary>
/// <param name="Service">What the init system will call it.</param>
/// <param name="NeedsRoot">Its files belong to the system.</param>
/// <param name="Steps">In order.</param>
internal sealed record BootPlan(string Service, bool NeedsRoot, IReadOnlyList<BootStep> Steps);

internal abstract record BootStep
{
    /// <summary>A text file of ours.</summary>
    internal sealed record Write(string Path, string Text, bool Executable = false) : BootStep;

    /// <summary>A file or link of ours, if it is there.</summary>
    internal sealed record Remove(string Path) : BootStep;

    internal sealed record Link(string Path, string Target) : BootStep;

    /// <param name="Program">Found in PATH.</param>
    /// <param name="Arguments">One by one; no shell sees them.</param>
    /// <param name="IfItFails">What it means then; null when nothing works without it.</param>
    internal sealed record Run(string Program, string[] Arguments, string? IfItFails = null) : BootStep
    {
        public override string ToString() => string.Join(' ', [Program, .. Arguments]);
    }
}

/// <summary>Of whom, and with what.</summary>
internal sealed record BootFacts
{
    public required string User { get; init; }

    public required uint Uid { get; init; }

    public required string UserHome { get; init; }

    /// <summary>The daemon's home folder.</summary>
    public required string ZdHome { get; init; }

    /// <summary>Program and leading arguments of zd, absolute.</summary>
    public required IReadOnlyList<string> Zd { get; init; }

    public required string Path { get; init; }

    public required string Service { get; init; }

    /// <summary>Start only when the network is there (pm2's <c>--wait-ip</c>).</summary>
    public bool WaitForNetwork { get; init; }

    /// <summary>Variables that zd itself needs beside PATH and ZD_HOME.</summary>
    public IReadOnlyList<(string Name, string Value)> More { get; init; } = [];

    public IEnumerable<(string Name, string Value)> Environment => [("PATH", Path), ("ZD_HOME", ZdHome), .. More];

    /// <summary>The first of all these words that no file of an init system can hold: a line break in it would be a directive of its own. Null when all can be written.</summary>
    public string? Unfit => Zd.Concat([User, UserHome, Service]).Concat(Environment.SelectMany(variable => (string[])[variable.Name, variable.Value])).FirstOrDefault(word => word.Any(char.IsControl));
}
