using Xunit;

namespace ZeroDown.Tests.Cli;

/// <summary>pm2's store of keys: what is kept, and what of it does something.</summary>
public class SettingVerbTests
{
    [Fact]
    public async Task A_variable_of_an_app_is_kept_and_the_app_is_rolled_to_it()
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run("set", "api:COLOUR", "red"));
        Assert.Equal("api:COLOUR = red", command.Out.Split('\n')[0]);
        var asked = Assert.Single(command.Asked);
        Assert.StartsWith("reload ", asked, StringComparison.Ordinal);
        Assert.Contains("\"COLOUR\":\"red\"", asked, StringComparison.Ordinal);
        Assert.Contains("\"declaredVariables\":[\"COLOUR\"]", asked, StringComparison.Ordinal);
        Assert.Contains("\"api:COLOUR\": \"red\"", await File.ReadAllTextAsync(command.Home.Settings, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pm2:autodump true", "it is for pm2, and nothing in zd reads it")]
    [InlineData("pm2-logrotate:max_size 10M", "zd logrotate")]
    [InlineData("word value", "nothing in zd reads it")]
    [InlineData("nobody:KEY value", "no app is called 'nobody' now")]
    public async Task What_has_no_effect_is_kept_and_said(string typed, string said)
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run(["set", .. typed.Split(' ')]));
        Assert.Contains(said, command.Error, StringComparison.Ordinal);
        Assert.Empty(command.Asked);
        Assert.Equal(0, await command.Run("get", typed.Split(' ')[0]));
        Assert.EndsWith($"\n{typed.Split(' ')[1]}\n", command.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_are_shown_changed_and_forgotten()
    {
        await using var command = new TypedCommand(daemon: false);
        Assert.Equal(0, await command.Run("multiset", "web:A 1 web.B 2 pm2:x 3"));
        Assert.Equal(0, await command.Run("config", "web:A", "4"));
        Assert.Equal(0, await command.Run("unset", "pm2:x"));
        var before = command.Out.Length;
        Assert.Equal(0, await command.Run("conf"));
        Assert.Equal("web.B = 2\nweb:A = 4\n", command.Out[before..]);
        Assert.Equal(1, await command.Run("get", "web:C"));
        Assert.Contains("did you mean 'web:A'?", command.Error, StringComparison.Ordinal);
        Assert.Equal(0, await command.Run("unset", "web:C"));
        Assert.Equal(0, await command.Run("conf", "web:A"));
        Assert.Equal(0, await command.Run("unset", "all"));
        Assert.Equal(0, await command.Run("unset", "all"));
        Assert.Equal(1, await command.Run("conf", "web"));
    }

    [Fact]
    public async Task What_is_kept_wins_over_the_file()
    {
        await using var command = new TypedCommand();
        command.Write("eco.json", """{"apps": [{"name": "new", "script": "/bin/sh", "env": {"COLOUR": "blue"}}]}""");
        Assert.Equal(0, await command.Run("set", "new:COLOUR", "red"));
        Assert.Equal(0, await command.Run("start", "eco.json"));
        Assert.Contains("\"COLOUR\":\"red\"", command.Asked.Last(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("multiset a 1 b")]
    [InlineData("set app:A=B 1")]
    public async Task Half_a_setting_is_wrong_usage(string typed)
    {
        await using var command = new TypedCommand();
        Assert.Equal(2, await command.Run(typed.Split(' ')));
        Assert.Empty(command.Asked);
    }

    [Fact]
    public async Task A_store_that_somebody_broke_is_named_and_left_alone()
    {
        await using var command = new TypedCommand();
        await File.WriteAllTextAsync(command.Home.Settings, "{\n broken", TestContext.Current.CancellationToken);
        Assert.Equal(5, await command.Run("set", "api:A", "1"));
        Assert.Contains($"{command.Home.Settings} is not what `zd set` writes (line 2)", command.Error, StringComparison.Ordinal);
        Assert.Equal("{\n broken", await File.ReadAllTextAsync(command.Home.Settings, TestContext.Current.CancellationToken));
    }
}
