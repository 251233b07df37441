using System.CommandLine;
using System.Text;
using Xunit;
using ZeroDown.Cli;

namespace ZeroDown.Tests.Cli;

/// <summary>
/// What <c>--help</c> says, as one page that people read and diff: <c>help.txt</c>. Options that a verb shares with <c>start</c> stand
/// there only. <c>ZD_WRITE_HELP=1</c> writes it anew.
/// </summary>
public class HelpTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "tests", "ZeroDown.Tests", "Cli", "help.txt");

    [Fact]
    public async Task The_help_of_every_verb_is_as_it_was()
    {
        var text = new StringBuilder(await Help());
        var shared = (await Help("start")).Split('\n').Where(line => line.StartsWith("  -", StringComparison.Ordinal)).ToHashSet();
        foreach (var verb in CommandLine.Verbs)
        {
            var lines = (await Help(verb.Name)).Split('\n').Where(line => verb.Name == "start" || !shared.Contains(line));
            text.Append($"==== zd {verb.Name} --help\n\n").AppendJoin('\n', lines);
        }

        if (Environment.GetEnvironmentVariable("ZD_WRITE_HELP") == "1")
            await File.WriteAllTextAsync(Page, text.ToString(), TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(Page, TestContext.Current.CancellationToken), text.ToString());
    }

    [Fact]
    public void Every_verb_has_a_summary_and_examples_that_call_it_and_no_word_means_two_verbs()
    {
        foreach (var verb in CommandLine.Verbs)
        {
            Assert.NotEmpty(verb.Summary);
            Assert.Contains(verb.Examples, example => example.Contains($"zd {verb.Name}", StringComparison.Ordinal));
        }

        var words = CommandLine.Verbs.SelectMany(verb => (string[])[verb.Name, .. verb.Aliases, .. verb.OldSpellings]).Concat(ZeroDown.Cli.Verbs.AbsentVerbs.Words);
        Assert.Empty(words.GroupBy(word => word).Where(same => same.Count() > 1).Select(same => same.Key));
    }

    /// <summary>Every verb of pm2 7, as its command line declares them, is here: it works, or it says why not.</summary>
    [Theory]
    [InlineData("start trigger deploy startOrRestart startOrReload pid create startOrGracefulReload stop restart scale profile:mem profile:cpu")]
    [InlineData("reload id inspect delete del sendSignal ping updatePM2 update install module:install module:update module:generate uninstall")]
    [InlineData("module:uninstall package publish module:publish set multiset get conf config unset report link unlink monitor unmonitor open")]
    [InlineData("plus register login logout dump save cleardump send attach resurrect unstartup startup logrotate ecosystem init reset describe")]
    [InlineData("desc info show env list ls l ps status jlist slist sysinfos prettylist monit imonit dashboard dash flush reloadLogs logs kill")]
    [InlineData("pull forward backward deepUpdate serve expose autoinstall examples install-otel uninstall-otel")]
    public void No_word_of_pm2_is_unknown(string words) =>
        Assert.All(words.Split(' '), word =>
            Assert.True(CommandLine.Verbs.Any(verb => verb.IsCalled(word)) || ZeroDown.Cli.Verbs.AbsentVerbs.Say(word) is not null, word));

    private static async Task<string> Help(params string[] verb)
    {
        await using var command = new TypedCommand(daemon: false);
        Assert.Equal(0, await command.Run([.. verb, "--help"]));
        // The usage names the program that runs: here it is the tests.
        return command.Out.ReplaceLineEndings("\n").Replace($"  {RootCommand.ExecutableName}", "  zd", StringComparison.Ordinal);
    }
}
