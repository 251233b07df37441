using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Node;

/// <summary>A compiled file with its map beside it, and the stack of an exception that nobody catches.</summary>
public sealed class SourceMapSpecs : EndToEndTest
{
    [Theory]
    [InlineData("exec_mode: fork", "app.ts:7")]
    [InlineData("exec_mode: cluster", "app.ts:7")]
    [InlineData("script: node app.js", "app.ts:7")]
    [InlineData("source_map_support: true", "app.ts:7")]
    [InlineData("disable_source_map_support: true", "app.js:1")]
    [InlineData("exec_mode: cluster\nsource_map_support: false", "app.js:1")]
    [InlineData("node_args: --no-enable-source-maps", "app.js:1")]
    [InlineData("env: { NODE_OPTIONS: '--no-warnings --no-enable-source-maps' }", "app.js:1")]
    public async Task The_stack_of_an_uncaught_exception_names_the_source_unless_that_is_switched_off(string option, string place)
    {
        Compiled();
        var script = option.StartsWith("script:", StringComparison.Ordinal) ? "" : "script: app.js\n";
        var file = Zd.Write("ecosystem.yaml", $"apps:\n  - name: app\n    autorestart: false\n    min_ready: 20s\n    {(script + option).ReplaceLineEndings("\n    ")}\n");
        (await Zd.Run("start", file)).Exited(1).Says("Error: mapped", place);
    }

    [Fact]
    public async Task The_flags_switch_them_off_and_on()
    {
        Compiled();
        (await Zd.Run("start", "app.js", "--no-autorestart", "--min-ready", "20s", "--disable-source-map-support")).Exited(1).Says("app.js:1");
        (await Zd.Run("restart", "app", "--source-map-support")).Exited(1).Says("app.ts:7");
    }

    private void Compiled()
    {
        NodeApps.Plain("http.cjs");
        Zd.Write("app.js", "setTimeout(() => { throw new Error('mapped'); }, 20);\n//# sourceMappingURL=app.js.map\n");
        // The whole first line comes from line 7 of app.ts.
        Zd.Write("app.js.map", """{"version":3,"file":"app.js","sources":["app.ts"],"names":[],"mappings":"AAMA"}""");
    }
}
