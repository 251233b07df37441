using System.Collections.Immutable;
using Xunit;
using ZeroDown.Config;

namespace ZeroDown.Tests.Config;

/// <summary>
/// Each option of pm2's schema with each of some fifty odd values. What pm2 starts with is no error here. Which values those are is
/// written down in tests/pm2-files/schema.tsv; an end-to-end test asks the real pm2 whether it still says so.
/// </summary>
public sealed class Pm2SchemaTests : IDisposable
{
    private static readonly ImmutableArray<string[]> Rows =
        [.. File.ReadAllLines(Path.Combine(Repository.Root, "tests/pm2-files/schema.tsv")).Where(line => line.Contains('\t')).Select(line => line.Split('\t'))];

    private readonly Workspace _workspace = new();

    public Pm2SchemaTests()
    {
        _workspace.Context = _workspace.Context with { EnvironmentName = "staging" };
        // The calendar is the daemon's; pm2 takes one schedule of the values, and "off".
        _workspace.Context = _workspace.Context with { CronProblem = pattern => pattern == "0 3 * * *" ? null : "no schedule" };
    }

    public static TheoryData<string> Options => [.. Rows[1..].Select(row => row[0])];

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [MemberData(nameof(Options))]
    public void A_value_that_pm2_starts_with_is_no_error_in_any_format(string option)
    {
        foreach (var value in Rows.First(row => row[0] == option)[1..])
        {
            foreach (var (format, result) in Read(option, value))
            {
                Assert.False(result.HasErrors, $"{option}: {value} in {format}: {DiagnosticText.Render(result.Diagnostics)}");
                Assert.Single(result.Apps);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void A_value_that_pm2_refuses_throws_nothing(string option)
    {
        foreach (var value in Rows[0][1..].Except(Rows.First(row => row[0] == option)[1..]))
            Assert.All(Read(option, value), read => Assert.Equal(read.Result.HasErrors, read.Result.Apps.IsEmpty));
    }

    [Fact]
    public void Every_option_of_the_schema_is_known() =>
        Assert.Equal([], Rows[1..].Select(row => row[0]).Where(name => name != "env_staging" && AppOptions.Find(name) is null));

    private IEnumerable<(string Format, ConfigResult Result)> Read(string option, string value)
    {
        var text = $$"""{"apps": [{"script": "server.js", "{{option}}": {{value}}}]}""";
        yield return ("JSON", _workspace.Parse(text, "ecosystem.json"));
        yield return ("JavaScript", EcosystemFile.FromEvaluated("", "ecosystem.config.js", new EvaluatedFile.Value(text), _workspace.Context));
    }
}
