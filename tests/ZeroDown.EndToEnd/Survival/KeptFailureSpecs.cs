using System.Text.Json;
using Xunit;

namespace ZeroDown.EndToEnd.Survival;

/// <summary>Why an app is errored and why its last reload failed is known after the command was answered, the daemon died and was updated.</summary>
public sealed class KeptFailureSpecs : SurvivalTest
{
    [Fact]
    public async Task An_errored_app_keeps_its_reason()
    {
        (await Zd.Run("start", WriteApp("err, no database at db.example, exit, 3", "max_restarts: 1", instances: 1))).Exited(1);
        await IsKept(json => json.GetProperty("slots")[0].GetProperty("lastFailure"), "exit code 3", "no database at db.example");
        (await Zd.Run("start", WriteApp("serve", instances: 1))).Succeeded();
        Assert.False((await App()).GetProperty("slots")[0].TryGetProperty("lastFailure", out _));
    }

    [Fact]
    public async Task A_failed_reload_keeps_its_reason_until_one_succeeds()
    {
        (await Zd.Run("start", WriteApp("serve", instances: 1))).Succeeded();
        (await Zd.Run("reload", WriteApp("err, no database at db.example, exit, 3", instances: 1))).Exited(7);
        await IsKept(json => json.GetProperty("failedReload"), "exit code 3", "no database at db.example");
        Assert.Equal((1, 2), ((await App()).GetProperty("generation").GetInt32(), (await App()).GetProperty("failedReload").GetProperty("generation").GetInt32()));
        (await Zd.Run("describe", "web")).Succeeded().Says("The last reload failed (to generation 2)");
        (await Zd.Run("reload", WriteApp("serve", instances: 1))).Succeeded();
        Assert.False((await App()).TryGetProperty("failedReload", out _));
    }

    private async Task IsKept(Func<JsonElement, JsonElement> field, string reason, string words)
    {
        await Says();
        await ReplaceDaemon();
        await Says();
        (await Zd.Run("update")).Succeeded();
        await Says();

        async Task Says()
        {
            var failure = field(await App());
            Assert.Contains(reason, failure.GetProperty("reason").GetString(), StringComparison.Ordinal);
            Assert.Equal([words], failure.GetProperty("lastWords").EnumerateArray().Select(line => line.GetString()));
            Assert.InRange(DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeMilliseconds(failure.GetProperty("atMs").GetInt64()), TimeSpan.FromSeconds(-5), TimeSpan.FromMinutes(5));
            (await Zd.Run("describe", "web")).Succeeded().Says(reason, words);
        }
    }

    private async Task<JsonElement> App()
    {
        using var json = JsonDocument.Parse((await Zd.Run("list", "--json")).Succeeded().Out);
        return json.RootElement.GetProperty("apps")[0].Clone();
    }
}
