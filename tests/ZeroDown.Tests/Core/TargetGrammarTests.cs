using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Tests.Daemon;

namespace ZeroDown.Tests.Core;

public sealed class TargetGrammarTests
{
    private static readonly FleetState Fleet = FleetState.Empty with
    {
        Apps = [App("web", "shop", 0, 1), App("api", "shop", 2), App("1", "default", 3)],
    };

    [Fact]
    public void A_name_wins_over_an_id() => Assert.Equal("1", Names("1"));

    [Fact]
    public void A_namespace_names_all_its_apps() => Assert.Equal("web api", Names("shop"));

    [Fact]
    public void An_id_names_one_slot()
    {
        var (targets, errors) = TargetGrammar.Resolve(["0"], Fleet);
        var target = Assert.Single(targets);
        Assert.Equal(new AppName("web"), target.App);
        Assert.Equal([0], target.Slots!.Value);
        Assert.Empty(errors);
    }

    [Fact]
    public void A_pattern_matches_names() => Assert.Equal("web api", Names("/^[wa]/"));

    [Theory]
    [InlineData("server")]
    [InlineData("/srv/web/server")]
    public void A_scripts_file_name_or_path_names_every_app_that_runs_it(string script) => Assert.Equal("web api 1", Names(script));

    [Fact]
    public void A_name_and_a_namespace_win_over_a_scripts_file_name() =>
        Assert.Equal("server", string.Join(' ', TargetGrammar.Resolve(["server"], Fleet with { Apps = Fleet.Apps.Add(App("server", "default", 4)) }).Targets.Select(target => target.App)));

    [Fact]
    public void All_is_everything_once() => Assert.Equal("web api 1", Names("all", "web"));

    [Fact]
    public void A_typing_error_gets_the_nearest_name()
    {
        var (_, errors) = TargetGrammar.Resolve(["wbe"], Fleet);
        Assert.Equal("no app, namespace or id is called \"wbe\"; did you mean \"web\"?", Assert.Single(errors));
    }

    [Fact]
    public void A_broken_pattern_is_an_error_and_no_crash()
    {
        var (_, errors) = TargetGrammar.Resolve(["/(/"], Fleet);
        Assert.StartsWith("/(/ is not a valid pattern", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_million_unknown_words_the_first_are_named()
    {
        var (targets, errors) = TargetGrammar.Resolve(Enumerable.Repeat("nobody", 1_000_000), Fleet);

        Assert.Empty(targets);
        Assert.Equal(21, errors.Length);
        Assert.EndsWith("were not looked up", errors[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_or_pattern_of_a_million_characters_is_refused_and_not_repeated()
    {
        Assert.InRange(Assert.Single(TargetGrammar.Resolve([new string('x', 1_000_000)], Fleet).Errors).Length, 1, 200);
        Assert.InRange(Assert.Single(TargetGrammar.Resolve([$"/{new string('x', 1_000_000)}/"], Fleet).Errors).Length, 1, 200);
    }

    private static string Names(params string[] words) => string.Join(' ', TargetGrammar.Resolve(words, Fleet).Targets.Select(target => target.App));

    private static AppState App(string name, string group, params int[] ids) => new()
    {
        Spec = Some.App(name, ids.Length) with { Namespace = group },
        Slots = [.. ids.Select((id, index) => new SlotState { Slot = index, PmId = id })],
    };
}
