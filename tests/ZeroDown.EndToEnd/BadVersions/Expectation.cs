namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>What the command must answer for a cell. The table is printed to <c>cells.md</c>.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Words">What the answer must say.</param>
internal sealed record Expectation(int Code, params string[] Words)
{
    private const int Started = 0, StartFailed = 1, FileInvalid = 5, RollFailed = 7;
    private const string Database = "no database at db.example";

    /// <summary>Why the cell cannot exist; null where it does.</summary>
    public string? Impossible { get; private init; }

    /// <summary>Why a bad version counts as started.</summary>
    public string? Because { get; private init; }

    /// <summary>The command refuses before it touches a worker, so nothing has to stop first.</summary>
    public bool Untouched => Code == FileInvalid;

    public static Expectation Of(Cell cell)
    {
        if (WhyImpossible(cell) is { } reason)
            return new Expectation(0) { Impossible = reason };
        if (cell.Deployment == Deployment.Start && WhyStarted(cell) is { } because)
            return new Expectation(Started) { Because = because };
        if (cell is { Way: BadWay.WrongInterpreter or BadWay.WrongPermissions })
            return NotRunnable(cell);
        return new Expectation(cell.Deployment == Deployment.Start ? StartFailed : RollFailed, Cause(cell));
    }

    public override string ToString() => Impossible is not null ? "–" : Code.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string? WhyImpossible(Cell cell) => cell switch
    {
        { Way: BadWay.ListensElsewhere, Deployment: Deployment.Start, DeclaresListen: false } => "the first version has no port that another could differ from",
        _ => null,
    };

    /// <summary>Without a listener nothing says that a first version should listen: one that lives is a queue worker, and a death after min_ready is a crash.</summary>
    private static string? WhyStarted(Cell cell) => cell switch
    {
        { DeclaresListen: true } => null,
        { Way: BadWay.NeverListens or BadWay.Hangs } => "a first version that declares no socket may be a queue worker",
        // A worker of a cluster is given 3 s to ask for a socket.
        { Way: BadWay.ThrowsAfter2S, Kind: not Kind.ClusterNode } => "it has lived min_ready, so its death is a crash",
        _ => null,
    };

    /// <summary>The program is good, and cannot be executed as it is asked.</summary>
    private static Expectation NotRunnable(Cell cell)
    {
        var code = cell.Deployment == Deployment.Start ? StartFailed : RollFailed;
        if (cell.Way == BadWay.WrongPermissions)
            return new Expectation(code, cell is { Deployment: Deployment.ReloadInPlace, Kind: not Kind.NpmStart } ? "is not executable" : "permission denied");
        return (cell.Kind, cell.Deployment) switch
        {
            (Kind.NpmStart, _) => new Expectation(code, "nothing-here: not found", "exit code 127"),
            (_, Deployment.ReloadInPlace) => new Expectation(code, "could not be launched", "/nothing/here"),
            (Kind.ShellWrapper, _) => new Expectation(code, "SyntaxError", "exit code 1"),
            (Kind.ForkNode or Kind.ClusterNode, _) => new Expectation(code, "syntax error", "exit code 2"),
            _ => new Expectation(code, "exit code 1"), // /bin/false says nothing
        };
    }

    private static string[] Cause(Cell cell) => cell.Way switch
    {
        BadWay.ThrowsAtOnce or BadWay.ThrowsAfter500Ms or BadWay.ThrowsAfter2S => [Database, End(cell)],
        BadWay.NeverListens => ["waiting for godot", "did not"],
        BadWay.ListensElsewhere => ["did not"],
        BadWay.ListensAndDies => ["lost the database", End(cell)],
        BadWay.ExitsWithZero => ["nothing to do", "exit code 0"],
        BadWay.IsKilled => ["out of memory"],
        BadWay.LacksModule => [cell.Kind switch
        {
            Kind.ShellWrapper or Kind.Python => "No module named 'nothing_here'",
            Kind.AspNetCore => "Could not load file or assembly 'Nothing.Here",
            _ => "Cannot find module 'nothing-here'",
        }],
        BadWay.Hangs => ["thinking", "did not"],
        _ => throw new ArgumentOutOfRangeException(nameof(cell)),
    };

    /// <summary>How a program of this kind ends of an exception.</summary>
    private static string End(Cell cell) => cell.Kind == Kind.AspNetCore ? "SIGABRT" : "exit code 1";
}
