using System.Collections.Immutable;
using Xunit;
using ZeroDown.Config;

namespace ZeroDown.Tests.Config;

public sealed class CommandLineTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Flags_go_through_the_same_table_as_a_file()
    {
        var app = Assert.Single(Read("server.js", ["--port", "$X a"], new("instances", "-i", "-1"), new("listen", "--listen", [":4000", ":4001"]), new("waitReady", "--wait-ready", "true")).Specs);

        Assert.Equal(3, app.Instances);
        Assert.Equal([":4000", ":4001"], app.Listen.Select(l => l.Address.ToString()));
        Assert.Equal(["--port", "$X a"], app.Launch.ScriptArguments);
        Assert.Equal(_workspace.Specs("apps: [{script: server.js, instances: -1, listen: [':4000', ':4001'], wait_ready: true, args: ['--port', '$X a']}]")[0], app);
    }

    [Theory]
    [InlineData("instances", "--instances", "two", "error: --instances: expected a number or 'max', got 'two'")]
    [InlineData("kill_timeout", "-k", "5 years", "error: -k: expected a duration, got '5 years'\n  write 500ms, 10s, 5m, 1h, or a bare number of milliseconds")]
    [InlineData("kil_timeout", "--kil-timeout", "1", "error: --kil-timeout: unknown option 'kil_timeout'\n  did you mean 'kill_timeout'?")]
    public void Mistakes_name_the_flag(string option, string flag, string value, string expected) =>
        Assert.Equal(expected, DiagnosticText.Render(Read("server.js", [], new GivenOption(option, flag, value)).Diagnostics));

    [Fact]
    public void A_script_that_is_not_there_names_the_nearest() =>
        Assert.Equal($"error: script not found: {_workspace["sever.js"]}\n  did you mean 'server.js'?", DiagnosticText.Render(Read("sever.js", []).Diagnostics));

    [Fact]
    public void Flags_win_over_the_file()
    {
        _workspace.Context = _workspace.Context with { Overrides = [new("instances", "-i", "4")] };
        Assert.Equal(4, _workspace.App("instances: 2").Instances);
    }

    [Fact]
    public void One_word_behind_the_dashes_stays_one_argument() =>
        Assert.Equal(["two words"], Read("server.js", ["two words"]).Specs.Single().Launch.ScriptArguments);

    [Fact]
    public void Every_option_can_be_found_by_each_of_its_spellings_and_none_has_two_meanings()
    {
        var spellings = AppOptions.All.SelectMany(o => o.Spellings.Select(s => (s, o))).ToList();
        Assert.All(spellings, p => Assert.Same(p.o, AppOptions.Find(p.s)));
        Assert.Contains("nodeArgs", spellings.Select(p => p.s));
        Assert.All(AppOptions.All, o => Assert.NotEmpty(o.Meaning));
        Assert.Equal("--exp-backoff-restart-delay", AppOptions.Find("expBackoffRestartDelay")!.Flag);
    }

    private ConfigResult Read(string script, ImmutableArray<string> arguments, params GivenOption[] options) =>
        EcosystemFile.FromCommandLine(script, arguments, options, _workspace.Context);
}
