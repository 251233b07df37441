using Xunit;
using Xunit.Sdk;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Roll;

/// <summary>A kind of worker that must roll without a loss, and how an ecosystem file names it.</summary>
public sealed class Variant : IXunitSerializable
{
    private static readonly Dictionary<string, (string Program, string Options)> Known = new()
    {
        ["framework-free"] = (Programs.TestWorker, "args: [serve]"),
        ["UseZeroDown"] = (Programs.TestWebWorker, "args: [zd=true]\nwait_ready: strict"),
        ["unchanged and injected"] = (Programs.HelloWeb, "wait_ready: strict"),
        ["published AOT"] = (Programs.AotWebWorker, "args: [zd=true, builder=slim]\nwait_ready: strict"),
    };

    private string _name;

    public Variant(string name) => _name = name;

    [Obsolete("for the test framework's deserialization")]
    public Variant() => _name = "";

    public string Program => Known[_name].Program;

    /// <summary>Options for the ecosystem file, one per line.</summary>
    /// <param name="environment">Further variables, as the content of a YAML flow mapping.</param>
    public string Options(string environment = "") =>
        // ASP.NET Core logs five lines per request unless told otherwise; that is not what is looked at here.
        $"{Known[_name].Options}\nenv: {{ Logging__LogLevel__Default: Warning{(environment.Length > 0 ? ", " : "")}{environment} }}";

    public static TheoryData<Variant> All => [.. Known.Keys.Select(name => new Variant(name))];

    public static TheoryData<Variant> AspNetCore => [.. Known.Keys.Skip(1).Select(name => new Variant(name))];

    /// <summary>Those that the daemon gives a channel; of a native program it does not know that our library is in it.</summary>
    public static TheoryData<Variant> WithChannel => [new Variant("UseZeroDown"), new Variant("unchanged and injected")];

    /// <summary>Skips the test when this kind of worker has not been built.</summary>
    public Variant OrSkip()
    {
        Assert.SkipUnless(File.Exists(Program), _name == "published AOT"
            ? $"there is no AOT-published worker; make it with: {Programs.HowToMakeTheAotWorker}   (or set ZD_AOT_WORKER)"
            : $"{Path.GetRelativePath(Programs.Root, Program)} is not built");
        return this;
    }

    public void Serialize(IXunitSerializationInfo info) => info.AddValue("name", _name);

    public void Deserialize(IXunitSerializationInfo info) => _name = info.GetValue<string>("name")!;

    public override string ToString() => _name;
}
