using System.Text.Json;
using Xunit;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli;

/// <summary>
/// <c>pm2-jlist.json</c> lists every member that pm2 7.0.4 wrote, with its type, for apps that use its options (variables of the shell
/// and of pm2's own CLI left out). What programs read there they must find here, and as what they expect.
/// </summary>
public class JlistTests
{
    /// <summary>What an app of pm2 has only because of an option that zd does not carry out, or bookkeeping that nobody reads.</summary>
    private static readonly HashSet<string> LeftOut =
    [
        "pm2_env._tree_pids", "pm2_env.force", "pm2_env.port", "pm2_env.source_map_support",
        "pm2_env.filter_env", "pm2_env.time",
    ];

    [Fact]
    public async Task Every_member_of_pm2s_list_is_there_and_of_pm2s_type()
    {
        await using var command = new TypedCommand();
        var api = command.Daemon.Fleet.Apps[0].Definition;
        (api.NodeVersion, api.BackoffDelayMs, api.LogDateFormat, api.JsonLogs) = ("20.20.2", 100, "YYYY", true);
        api.PostUpdate = ["npm ci"];
        api.Upkeep = new UpkeepDefinition { Cron = "0 0 * * *", MaxMemoryBytes = 200 << 20, Watch = new WatchDefinition { Paths = ["/srv/lib"], Ignore = ["x"] } };
        command.Daemon.Fleet.Apps[0] = command.Daemon.Fleet.Apps[0] with { Slots = [command.Daemon.Fleet.Apps[0].Slots[0] with { LastExitCode = 3 }] };
        var row = await First(command);

        var wrong = new List<string>();
        foreach (var (path, types) in Pm2())
        {
            var found = Member(row, path);
            if (found is null ? !LeftOut.Contains(path) : !types.Split('|').Contains(TypeOf(found.Value)))
                wrong.Add($"{path}: pm2 {types}, zd {(found is null ? "nothing" : TypeOf(found.Value))}");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task The_environment_stands_in_the_details_too_and_never_replaces_a_field()
    {
        await using var command = new TypedCommand();
        var details = (await First(command)).GetProperty("pm2_env");
        Assert.Equal("blue", details.GetProperty("COLOUR").GetString());
        Assert.Equal("online", details.GetProperty("status").GetString());
        Assert.Equal("a variable of that name", details.GetProperty("env").GetProperty("status").GetString());
    }

    [Fact]
    public async Task Each_worker_has_its_own_number_and_its_own_incremented_variable()
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run("jlist"));
        using var list = JsonDocument.Parse(command.Out);
        var second = list.RootElement[1].GetProperty("pm2_env");
        Assert.Equal((1, "1"), (second.GetProperty("NODE_APP_INSTANCE").GetInt32(), second.GetProperty("env").GetProperty("NODE_APP_INSTANCE").GetString()));
        Assert.Equal("3001", second.GetProperty("PORT").GetString());
    }

    [Fact]
    public async Task A_worker_that_does_not_run_has_pid_0_and_no_costs()
    {
        await using var command = new TypedCommand();
        command.Daemon.Fleet.Apps[0] = command.Daemon.Fleet.Apps[0] with { Slots = [command.Daemon.Fleet.Apps[0].Slots[0] with { Worker = null, Status = "stopped" }] };
        var row = await First(command);
        Assert.Equal((0, 0, 0), (row.GetProperty("pid").GetInt32(), row.GetProperty("monit").GetProperty("memory").GetInt32(), row.GetProperty("monit").GetProperty("cpu").GetInt32()));
    }

    [Theory]
    [InlineData("jlist")]
    [InlineData("-s jlist")]
    [InlineData("-m jlist --sort name")]
    public async Task Nothing_but_json_is_on_stdout(string typed)
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run(typed.Split(' ')));
        using var list = JsonDocument.Parse(command.Out);
        Assert.Equal(3, list.RootElement.GetArrayLength());
        Assert.Equal("", command.Error);
    }

    [Fact]
    public async Task Prettylist_is_in_JavaScript_notation()
    {
        await using var command = new TypedCommand();
        Assert.Equal(0, await command.Run("prettylist"));
        Assert.StartsWith("[\n  {\n    pid: ", command.Out, StringComparison.Ordinal);
        Assert.Contains("      status: 'online',\n", command.Out, StringComparison.Ordinal);
        Assert.Equal("", command.Error);
    }

    private static async Task<JsonElement> First(TypedCommand command)
    {
        Assert.Equal(0, await command.Run("jlist"));
        using var list = JsonDocument.Parse(command.Out);
        return list.RootElement[0].Clone();
    }

    private static Dictionary<string, string> Pm2() =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "pm2-jlist.json")))!;

    private static JsonElement? Member(JsonElement row, string path)
    {
        foreach (var name in path.Split('.'))
        {
            if (!row.TryGetProperty(name, out row))
                return null;
        }

        return row;
    }

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}
