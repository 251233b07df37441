using Xunit;
using ZeroDown.Config;

namespace ZeroDown.Tests.Config;

public class ShellSwitchTests
{
    private static readonly Dictionary<string, string> Shell = new()
    {
        ["PATH"] = "/usr/bin:/bin",
        ["PM2_KILL_TIMEOUT"] = "2500",
        ["PM2_KILL_SIGNAL"] = "SIGQUIT",
        ["PM2_GRACEFUL_LISTEN_TIMEOUT"] = "7000",
    };

    [Fact]
    public void Pm2s_own_variables_of_the_shell_are_recorded_with_the_app()
    {
        var spec = Read("apps: [{script: /bin/sh}]");
        Assert.Equal((TimeSpan.FromSeconds(2.5), "SIGQUIT"), (spec.Stop.KillTimeout, spec.Stop.Signal));
        Assert.Equal(TimeSpan.FromSeconds(7), spec.Ready.ListenTimeout);
    }

    [Theory]
    [InlineData("true", "", true)]
    [InlineData("1", "", true)]
    [InlineData("", "", false)]
    [InlineData("true", ", shutdown_with_message: false", false)]
    public void Whatever_its_message_variable_says_means_the_message(string value, string option, bool byMessage)
    {
        var result = EcosystemFile.Parse($"apps: [{{script: /bin/sh, interpreter: /usr/bin/node{option}}}]", "eco.yaml", Context(new(Shell) { ["PM2_KILL_USE_MESSAGE"] = value }));
        Assert.SkipWhen(result.HasErrors, "this machine has no /usr/bin/node");
        Assert.Equal(byMessage, Assert.Single(result.Specs).Stop.ByMessage);
    }

    [Fact]
    public void What_the_file_says_wins() =>
        Assert.Equal(TimeSpan.FromSeconds(9), Read("apps: [{script: /bin/sh, kill_timeout: 9s}]").Stop.KillTimeout);

    [Fact]
    public void A_flag_wins_at_a_script_too()
    {
        var result = EcosystemFile.FromCommandLine("/bin/sh", [], [new GivenOption("kill_timeout", "-k", "9s")], Context(Shell));
        Assert.Equal((TimeSpan.FromSeconds(9), "SIGQUIT"), (Assert.Single(result.Specs).Stop.KillTimeout, result.Specs.Single().Stop.Signal));
    }

    [Fact]
    public void A_wrong_value_names_the_variable()
    {
        var result = EcosystemFile.Parse("apps: [{script: /bin/sh}]", "eco.yaml", Context(new(Shell) { ["PM2_KILL_TIMEOUT"] = "soon" }));
        Assert.Contains("PM2_KILL_TIMEOUT", Assert.Single(result.Diagnostics).ToString(), StringComparison.Ordinal);
    }

    private static ZeroDown.Core.Apps.AppSpec Read(string text) => Assert.Single(EcosystemFile.Parse(text, "eco.yaml", Context(Shell)).Specs);

    private static ReadContext Context(Dictionary<string, string> shell) => new() { Environment = shell, CurrentDirectory = "/" };
}
