using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Xunit;
using ZeroDown.Cli.Views;
using ZeroDown.Config;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Output;
using ZeroDown.Daemon.Rpc;
using ZeroDown.Daemon.Workers;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Config;

/// <summary>
/// Every option of the table: what a file says, what becomes of it, what the worker will see in its environment and on its
/// command line, and what <c>zd jlist</c> shows of it. Printed as <c>options.md</c>, so that a change shows in a diff. <c>ZD_WRITE_OPTIONS=1 dotnet test</c> writes it anew.
/// </summary>
public sealed class OptionTableTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public OptionTableTests()
    {
        foreach (var file in new[] { "worker.js", "tool.py", "srv/server.js", "src/page.js", "lib/part.js" })
            _workspace.File(file);
        _workspace.Executable("bin/run.sh");
    }

    public static TheoryData<int> Examples => [.. Enumerable.Range(0, OptionExample.All.Length)];

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Every_option_has_an_example() =>
        Assert.Equal([], AppOptions.All.Select(o => o.Name).Except(OptionExample.All.Select(e => e.Option)));

    [Fact]
    public void What_each_option_comes_to_is_written_down()
    {
        var path = Path.Combine(Repository.Root, "tests/ZeroDown.Tests/Config/options.md");
        var table = new StringBuilder("# What each option comes to\n\nWritten by `OptionTableTests`. The app is `server.js` of Node on four CPUs.\n\n| option | the file says | what becomes of it | what jlist shows |\n| --- | --- | --- | --- |\n");
        foreach (var option in AppOptions.All)
        {
            foreach (var example in OptionExample.All.Where(e => e.Option == option.Name))
            {
                var (added, removed, said) = Effect(example);
                var with = string.Concat(example.With.Select(w => $", with {w.Key}: {w.Json}")) + (example.Environment is { } name ? $", --env {name}" : "");
                var effect = added.Concat(removed.Select(r => $"no {r}")).Concat(said.Select(d => $"_{d}_")).DefaultIfEmpty("nothing");
                var (more, less) = Difference(Shown(Read(example.Without, example)), Shown(Read(example.App(example.Option), example)));
                var shown = more.Concat(less.Select(r => $"no {r}")).DefaultIfEmpty("the same");
                table.Append($"| {option.Name} | {example.Says}{with} | {Cell(effect)} | {Cell(shown)} |\n");
            }
        }

        if (Environment.GetEnvironmentVariable("ZD_WRITE_OPTIONS") == "1")
            File.WriteAllText(path, table.ToString());
        Assert.Equal(File.ReadAllText(path), table.ToString());
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Every_spelling_every_format_and_a_quoted_value_say_the_same(int number)
    {
        var example = OptionExample.All[number];
        var expected = Lines(Read(example.App(example.Option), example));
        foreach (var spelling in AppOptions.Find(example.Option)!.Spellings)
            Assert.Equal(expected, Lines(Read(example.App(spelling), example)));
        Assert.Equal(expected, Lines(EcosystemFile.Parse($"- {example.App(example.Option)}", "ecosystem.yaml", Context(example))));
        Assert.Equal(expected, Lines(EcosystemFile.FromEvaluated("", "ecosystem.config.js", new EvaluatedFile.Value($"[{example.App(example.Option)}]"), Context(example))));
        if (!example.Says.StartsWith('"') && !example.Says.StartsWith('[') && !example.Says.StartsWith('{') && example.Option != "log_file")
            Assert.Equal(expected, Lines(Read(example.App(example.Option, $"\"{example.Says}\""), example)));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void A_flag_says_the_same_as_the_file_and_wins_over_it(int number)
    {
        var example = OptionExample.All[number];
        using var json = JsonDocument.Parse(example.Says);
        // What has no flag: mappings, and what stands for the app itself.
        if (json.RootElement.ValueKind == JsonValueKind.Object || example.Option is "script" or "env" || example.Says.Contains('{'))
            return;
        ImmutableArray<string> values = json.RootElement.ValueKind == JsonValueKind.Array
            ? [.. json.RootElement.EnumerateArray().Select(v => v.ToString())]
            : [json.RootElement.ValueKind is JsonValueKind.True or JsonValueKind.False ? example.Says : json.RootElement.ToString()];
        var option = AppOptions.Find(example.Option)!;
        var flag = new GivenOption(option.Name, option.Flag, values) { IsList = json.RootElement.ValueKind == JsonValueKind.Array };
        var context = Context(example) with { Overrides = [flag] };
        Assert.Equal(Lines(Read(example.App(example.Option), example)), Lines(EcosystemFile.Parse($"[{example.Without}]", "ecosystem.json", context)));
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void Null_says_nothing(int number)
    {
        var example = OptionExample.All[number];
        if (example.Option == "script")
            return;
        Assert.Equal(Lines(Read(example.Without, example)), Lines(Read(example.App(example.Option, "null"), example)));
    }

    private (IEnumerable<string> Added, IEnumerable<string> Removed, IEnumerable<string> Said) Effect(OptionExample example)
    {
        var result = Read(example.App(example.Option), example);
        var (added, removed) = Difference(Lines(Read(example.Without, example)), Lines(result));
        return (added, removed, result.Diagnostics.Select(d => d.Message));
    }

    private static (IEnumerable<string> Added, IEnumerable<string> Removed) Difference(List<string> before, List<string> after)
    {
        var keys = after.Select(Key).ToHashSet();
        return (after.Except(before), before.Except(after).Select(Key).Where(k => !keys.Contains(k)));

        static string Key(string line) => line[..line.IndexOf(": ", StringComparison.Ordinal)];
    }

    private static string Cell(IEnumerable<string> lines) => string.Join("<br>", lines).Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>The members of <c>zd jlist</c>'s first row and of its <c>pm2_env</c>; the environment stands there twice, and here once.</summary>
    private List<string> Shown(ConfigResult result)
    {
        var spec = Assert.Single(result.Specs);
        using var log = DaemonLog.Silent();
        var files = SlotFiles.Of(spec, 0, new LogPaths("/logs"), new PidFiles("/pids", log));
        var definition = AppDefinitions.FromSpec(spec);
        var fleet = new FleetSnapshot
        {
            Daemon = new DaemonInfo { Version = "9.9.9", Home = "/home" },
            Apps = [new AppView { Definition = definition, Slots = [new SlotView { Status = "online", OutLog = files.Out, ErrorLog = files.Error, CombinedLog = files.Combined, PidFile = files.Pid }] }],
        };
        using var json = JsonDocument.Parse(Jlist.Of(fleet, "user"));
        var row = json.RootElement[0];
        var details = row.GetProperty("pm2_env").EnumerateObject().Where(member => member.Name != "env" && !definition.Environment.ContainsKey(member.Name))
            .Append(row.EnumerateObject().First(member => member.Name == "name"));
        var environment = row.GetProperty("pm2_env").GetProperty("env").EnumerateObject().Where(member => member.Name != "name").Select(member => $"env {member.Name}: {member.Value.GetRawText()}");
        return [.. details.Select(member => $"{member.Name}: {member.Value.GetRawText()}").Concat(environment).Select(line => line.Replace(_workspace.Path, "/here", StringComparison.Ordinal))];
    }

    private ConfigResult Read(string app, OptionExample example) => EcosystemFile.Parse($"[{app}]", "ecosystem.json", Context(example));

    private ReadContext Context(OptionExample example) => _workspace.Context with { EnvironmentName = example.Environment };

    /// <summary>An app as it travels to the daemon, one line per value that is there.</summary>
    private List<string> Lines(ConfigResult result)
    {
        Assert.False(result.HasErrors, DiagnosticText.Render(result.Diagnostics));
        var definition = AppDefinitions.FromSpec(Assert.Single(result.Specs));
        var lines = new List<string>();
        foreach (var member in JsonSerializer.SerializeToElement(definition).EnumerateObject())
        {
            switch (member.Name)
            {
                case nameof(definition.Environment):
                    lines.AddRange(member.Value.EnumerateObject().Select(v => $"variable {v.Name}: {v.Value}"));
                    break;
                case nameof(definition.Program) or nameof(definition.Arguments):
                    break;
                default:
                    if (member.Value.ValueKind != JsonValueKind.Null)
                        lines.Add($"{member.Name}: {member.Value.GetRawText()}");
                    break;
            }
        }

        lines.Add($"command line: {string.Join(' ', definition.Arguments.Prepend(definition.Program))}");
        return [.. lines.Select(l => l.Replace(_workspace.Path, "/here", StringComparison.Ordinal))];
    }
}
