using System.Xml.Linq;
using Xunit;

namespace ZeroDown.Tests.Architecture;

/// <summary>The project files are the architecture diagram: who may know whom, and which package lives where.</summary>
public sealed class RoomsTests
{
    private static readonly Dictionary<string, (string[] Projects, string[] Packages)> Rooms = new()
    {
        ["ZeroDown.Core"] = ([], []),
        ["ZeroDown.Protocol"] = ([], []),
        ["ZeroDown.Platform"] = ([], []),
        ["ZeroDown.Keeper"] = (["ZeroDown.Platform"], []),
        ["ZeroDown.Config"] = (["ZeroDown.Core"], ["YamlDotNet"]),
        ["ZeroDown.Daemon"] = (
            ["ZeroDown.Core", "ZeroDown.Keeper", "ZeroDown.Platform", "ZeroDown.Protocol"],
            ["Cronos", "Serilog", "Serilog.Formatting.Compact", "Serilog.Sinks.File", "System.IO.Hashing"]),
        ["ZeroDown.Cli"] = (
            ["ZeroDown.Config", "ZeroDown.Daemon", "ZeroDown.Keeper", "ZeroDown.Platform", "ZeroDown.Protocol"],
            ["CliWrap", "Spectre.Console", "System.CommandLine"]),
        ["ZeroDown.AspNetCore"] = ([], []),
    };

    public static TheoryData<string> Names => [.. Rooms.Keys];

    [Fact]
    public void Every_project_of_src_has_a_place_in_the_table() =>
        Assert.Equal(Rooms.Keys.Order(), Directory.GetFiles(Source, "*.csproj", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void A_room_knows_only_its_neighbours(string name)
    {
        var references = Items(name, "ProjectReference")
            // What is only embedded (ReferenceOutputAssembly=false) is cargo, not knowledge.
            .Where(item => item.Attribute("ReferenceOutputAssembly")?.Value != "false")
            .Select(item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value.Replace('\\', '/')))
            .Order();
        Assert.Equal(Rooms[name].Projects, references);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_package_lives_where_the_table_says(string name) =>
        Assert.Equal(
            Rooms[name].Packages,
            Items(name, "PackageReference")
                // Analyzers guard the code; they are not part of it.
                .Where(item => item.Attribute("PrivateAssets")?.Value != "all")
                .Select(item => item.Attribute("Include")!.Value)
                .Order());

    [Fact]
    public void Only_Platform_has_unsafe_code() =>
        Assert.Equal(["ZeroDown.Platform"], Rooms.Keys.Where(name => Text(name).Contains("AllowUnsafeBlocks", StringComparison.Ordinal)));

    /// <summary>See Trimming.xml of the CLI: the native binary does not have it, and only that would notice.</summary>
    [Fact]
    public void Nobody_asks_for_the_regular_expressions_that_are_trimmed_away() =>
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories),
            file => File.ReadAllText(file).Contains("NonBacktracking", StringComparison.Ordinal));

    [Fact]
    public void Core_has_no_clock_no_chance_and_no_waiting()
    {
        string[] forbidden = ["DateTime.", "DateTimeOffset.", "Stopwatch", "Environment.Tick", "new Random", "Random.Shared", "Guid.NewGuid", "async ", "Task.", "Thread", "File.", "Console."];
        var found =
            from file in Directory.GetFiles(Path.Combine(Source, "ZeroDown.Core"), "*.cs", SearchOption.AllDirectories)
            where !file.Contains("/obj/", StringComparison.Ordinal)
            from line in File.ReadLines(file)
            where !line.TrimStart().StartsWith("//", StringComparison.Ordinal)
            from word in forbidden
            where line.Contains(word, StringComparison.Ordinal)
            select $"{Path.GetFileName(file)}: {line.Trim()}";
        Assert.Empty(found);
    }

    private static string Source => Path.Combine(Repository.Root, "src");

    private static IEnumerable<XElement> Items(string name, string kind) => XDocument.Parse(Text(name)).Descendants(kind);

    private static string Text(string name) => File.ReadAllText(Path.Combine(Source, name, name + ".csproj"));
}
