using System.Text.Json;
using Xunit;

namespace ZeroDown.Tests.Cli;

/// <summary>pm2's flags for what replaces workers without a command.</summary>
public sealed class UpkeepFlagTests
{
    [Fact]
    public async Task Stop_with_watch_switches_the_watch_off_before_it_stops()
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run("stop", "api", "--watch"));
        Assert.Equal(["watch", "stop"], Verbs(command));
        Assert.Contains("\"on\":false", command.Asked.First(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_with_watch_restarts_and_turns_the_watch_round()
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run("restart", "api", "--watch"));
        Assert.Equal(["restart", "watch"], Verbs(command));
        Assert.DoesNotContain("\"on\"", command.Asked.Last(), StringComparison.Ordinal);
        Assert.Contains("\"changes\":[]", command.Asked.First(one => one.StartsWith("restart", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_with_a_path_to_watch_is_a_change()
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run("restart", "api", "--watch", "/bin"));
        Assert.Equal("/bin", Changed(command).GetProperty("watch").GetProperty("paths")[0].GetString());
    }

    [Fact]
    public async Task Memory_schedule_and_watch_can_be_changed_by_flags_and_a_bare_delay_is_in_seconds()
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run("restart", "api", "--max-memory-restart", "1G", "--cron-restart", "0 3 * * *", "--watch-delay", "2"));
        var upkeep = Changed(command);
        Assert.Equal(1L << 30, upkeep.GetProperty("maxMemoryBytes").GetInt64());
        Assert.Equal("0 3 * * *", upkeep.GetProperty("cron").GetString());
        Assert.Equal(2000, upkeep.GetProperty("watch").GetProperty("delayMs").GetInt64());
    }

    [Fact]
    public async Task A_schedule_of_zero_takes_the_schedule_away()
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run("restart", "api", "--cron-restart", "0", "--max-memory-restart", "1G"));
        Assert.False(Changed(command).TryGetProperty("cron", out _));
    }

    private static IEnumerable<string> Verbs(TypedCommand command) =>
        command.Asked.Select(asked => asked[..asked.IndexOf(' ', StringComparison.Ordinal)]).Where(verb => verb != "list");

    private static JsonElement Changed(TypedCommand command)
    {
        var asked = command.Asked.Single(one => one.StartsWith("restart", StringComparison.Ordinal));
        using var request = JsonDocument.Parse(asked[(asked.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
        return request.RootElement.GetProperty("changes")[0].GetProperty("upkeep").Clone();
    }
}
