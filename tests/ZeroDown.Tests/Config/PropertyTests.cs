using System.Diagnostics;
using System.Text;
using CsCheck;
using Xunit;
using ZeroDown.Config;

namespace ZeroDown.Tests.Config;

/// <summary>Whatever the bytes: an answer, soon, and nothing thrown.</summary>
public sealed class PropertyTests : IDisposable
{
    private static readonly string[] Pieces =
    [
        "apps:\n", "  - ", "    ", "name: a\n", "script: server.js\n", "{", "}", "[", "]", ",", ": ", "- ", "\n", "\t", "'", "\"", "&a ", "*a", "<<: ", "*a\n", "? ",
        "| \n", ">-\n", "!x ", "!!str ", "%YAML 1.2\n", "---\n", "...\n", "${", "}", "$$", "${USER}", "${A:-", "${A:?", "\\", "\\0", "\\uD83D", "#", "//", "/*", "*/", "\r", "\0", "\u0085", "\ufeff",
        "listen: ", "unix:", ":4000", "env: ", "env_x: ", "instances: ", "-1", "max", "kill_timeout: ", "10s", "1e999", "args: ", "null", "~", "x-a: ", "deploy: ", "cwd: ", "/", "..", "watch: ",
    ];

    private static readonly Gen<string> Yamlish = Gen.OneOf(Pieces).Array[0, 40].Select(p => string.Concat(p));

    /// <summary>A second on a quiet machine; an exponential cost would not end within any number of them.</summary>
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Any_text_gives_apps_or_an_error_and_never_throws() => Yamlish.Sample(text =>
    {
        foreach (var path in new[] { "ecosystem.yaml", "ecosystem.json" })
        {
            var result = _workspace.Parse(text, path);
            Assert.Equal(result.HasErrors, result.Apps.IsEmpty);
            Assert.DoesNotContain(DiagnosticText.Render(result.Diagnostics), c => char.IsControl(c) && c != '\n');
        }
    }, iter: 4000);

    [Fact]
    public void Any_bytes_on_disk_give_apps_or_an_error_and_never_throw() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        var path = _workspace[$"{Environment.CurrentManagedThreadId}.yaml"];
        File.WriteAllBytes(path, bytes);
        Assert.True(EcosystemFile.Read(path, _workspace.Context).HasErrors);
    }, iter: 2000);

    [Fact]
    public void Any_value_of_any_option_is_taken_or_refused_and_never_throws() =>
        Gen.Select(Gen.OneOf(AppOptions.All.SelectMany(o => o.Spellings).ToArray()), Gen.OneOf(Yamlish, Gen.String)).Sample((option, value) =>
        {
            var result = EcosystemFile.FromCommandLine("server.js", [value], [new GivenOption(option, "--" + option, value)], _workspace.Context);
            Assert.Equal(result.HasErrors, result.Apps.IsEmpty);
        }, iter: 4000);

    [Fact]
    public void Durations_are_read_as_they_are_written() =>
        Gen.Long[0, (long)Durations.Max.TotalMilliseconds].Sample(ms =>
        {
            var duration = TimeSpan.FromMilliseconds(ms);
            Assert.True(Durations.TryParse(Durations.Format(duration), out var read));
            Assert.Equal(duration, read);
        });

    [Fact]
    public void Splitting_undoes_quoting() =>
        Gen.String[Gen.Char[' ', '~'], 0, 10].Array[0, 5].Sample(words =>
        {
            var line = string.Join(' ', words.Select(w => "'" + w.Replace("'", "'\\''") + "'"));
            Assert.True(ShellLine.TrySplit(line, out var split));
            Assert.Equal(words, split);
        });

    public static TheoryData<string, string> Hostile => new()
    {
        { "a billion laughs", BillionLaughs() },
        { "deep flow", new string('[', 500_000) },
        { "deep flow, closed", new string('[', 500_000) + new string(']', 500_000) },
        { "deep mappings", string.Concat(Enumerable.Repeat("{a: ", 250_000)) },
        { "deep blocks", string.Concat(Enumerable.Repeat("- ", 500_000)) },
        { "deep indentation", string.Concat(Enumerable.Range(0, 1300).Select(n => new string(' ', n) + "a:\n")) },
        { "deep keys", string.Concat(Enumerable.Repeat("? ", 500_000)) },
        { "many unknown keys", "apps:\n  - script: server.js\n" + string.Concat(Enumerable.Range(0, 60_000).Select(n => $"    keys{n}: 1\n")) },
        { "many unknown keys in a line", "apps: [{" + string.Concat(Enumerable.Range(0, 40_000).Select(n => $"instanc{n}: 1, ")) + "}]" },
        { "many anchors", string.Concat(Enumerable.Range(0, 60_000).Select(n => $"- &a{n} x\n")) },
        { "many apps of one name", "apps: [" + string.Concat(Enumerable.Repeat("{script: server.js},", 30_000)) + "]" },
        { "one long text", "apps: '" + new string('x', 1_000_000) + "'" },
        { "one long word", new string('x', 1_000_000) },
        { "quotes that never end", "apps: \"" + string.Concat(Enumerable.Repeat("\\\"", 400_000)) },
        { "a nest of variables", "apps: [{script: '" + string.Concat(Enumerable.Repeat("${A:-", 100_000)) + "'}]" },
        { "a variable many times", "apps: [{script: server.js, args: ['" + string.Concat(Enumerable.Repeat("${PATH}", 100_000)) + "']}]" },
        { "a variable in many values", "apps: [{script: server.js, args: [" + string.Concat(Enumerable.Repeat("'${LARGE}',", 50_000)) + "]}]" },
        { "comments that never end", "apps: " + string.Concat(Enumerable.Repeat("/*", 400_000)) },
        { "colons", new string(':', 1_000_000) },
        { "commas", "[" + new string(',', 900_000) },
        { "stars", string.Concat(Enumerable.Repeat("*", 900_000)) },
        { "line breaks", new string('\n', 1_000_000) },
        { "blanks", "a:" + new string(' ', 1_000_000) },
        { "a block of lines", "apps: |\n" + string.Concat(Enumerable.Repeat(" x\n", 300_000)) },
        { "too much", new string(' ', 2_000_000) },
        { "documents", string.Concat(Enumerable.Repeat("---\n", 250_000)) },
        { "merges", "a: &a {b: 1}\nc:\n" + string.Concat(Enumerable.Repeat("  - <<: [*a, *a, *a, *a, *a]\n", 30_000)) },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_hostile_file_is_refused_quickly(string what, string text)
    {
        _workspace.Shell("LARGE", new string('x', 100_000));
        var clock = Stopwatch.StartNew();
        Assert.True(_workspace.Parse(text).HasErrors, what);
        Assert.True(_workspace.Parse(text, "a.json").HasErrors, what);
        Assert.True(clock.Elapsed < Generous, $"{what}: {clock.Elapsed}");
    }

    [Fact]
    public void A_billion_laughs_is_named_for_what_it_is() =>
        Assert.Contains("the file holds more than 100,000 values when its aliases are written out", _workspace.SaidOf(BillionLaughs()), StringComparison.Ordinal);

    private static string BillionLaughs()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var n = 1; n < 10; n++)
            text.Append($"a{n}: &a{n} [{string.Join(", ", Enumerable.Repeat($"*a{n - 1}", 10))}]\n");
        return text.ToString();
    }
}
