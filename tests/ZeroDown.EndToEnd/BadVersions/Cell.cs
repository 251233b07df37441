using Xunit.Sdk;

namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>One cell of the table.</summary>
public sealed record Cell(Kind Kind, BadWay Way, Deployment Deployment) : IXunitSerializable
{
    [Obsolete("for the test framework's deserialization")]
    public Cell()
        : this(default, default, default)
    {
    }

    public Kind Kind { get; private set; } = Kind;

    public BadWay Way { get; private set; } = Way;

    public Deployment Deployment { get; private set; } = Deployment;

    /// <summary>Two generations can stand side by side, because the daemon holds the socket.</summary>
    public bool CanHaveTwoGenerations => Kind is not (Kind.ForkNode or Kind.NpmStart);

    /// <summary>The app says that it serves: it declares <c>listen:</c>.</summary>
    public bool DeclaresListen => Kind is Kind.ShellWrapper or Kind.Python or Kind.AspNetCore;

    public static IEnumerable<Cell> All =>
        from kind in Enum.GetValues<Kind>()
        from way in Enum.GetValues<BadWay>()
        from deployment in Enum.GetValues<Deployment>()
        select new Cell(kind, way, deployment);

    public void Serialize(IXunitSerializationInfo info) => info.AddValue("cell", $"{Kind} {Way} {Deployment}");

    public void Deserialize(IXunitSerializationInfo info)
    {
        var words = info.GetValue<string>("cell")!.Split(' ');
        (Kind, Way, Deployment) = (Enum.Parse<Kind>(words[0]), Enum.Parse<BadWay>(words[1]), Enum.Parse<Deployment>(words[2]));
    }

    public override string ToString() => $"{Kind}, {Way}, {Deployment}";
}
