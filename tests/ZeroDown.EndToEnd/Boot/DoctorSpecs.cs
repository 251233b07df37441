using System.Text.Json;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Boot;

/// <summary><c>zd doctor</c>: what is wrong is found, named, and told how to mend.</summary>
public sealed class DoctorSpecs : EndToEndTest
{
    [Fact]
    public async Task All_is_well_with_a_daemon_whose_apps_are_saved()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("save")).Succeeded();
        var findings = await Doctor(0);
        Assert.DoesNotContain(findings, finding => finding.Severity == "broken");
        Assert.Equal("good", findings.Single(finding => finding.Subject == "saved list").Severity);
        Assert.Equal("good", findings.Single(finding => finding.Subject == "workers").Severity);
        (await Zd.Run("doctor")).Succeeded().Says("✓ home", "✓ daemon");
    }

    [Fact]
    public async Task It_starts_no_daemon_and_makes_no_home()
    {
        await Doctor(0);
        Assert.False(Directory.Exists(Zd.Home));
    }

    [Fact]
    public async Task A_home_that_others_can_enter_is_broken_and_the_mending_is_told()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        Tool.Run("chmod", "755", Zd.Home);
        Assert.Equal($"chmod 700 {Zd.Home}", (await Doctor(1)).Single(finding => finding.Severity == "broken").Remedy);
        Tool.Run("chmod", "700", Zd.Home);
        await Doctor(0);
    }

    [Fact]
    public async Task A_list_that_is_not_what_runs_and_one_that_is_damaged_are_found()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        (await Zd.Run("save")).Succeeded();
        (await Zd.Run("scale", "web", "3")).Succeeded();
        var stale = (await Doctor(0)).Single(finding => finding.Subject == "saved list");
        Assert.Equal("warning", stale.Severity);
        Assert.Contains("web runs 3 workers and 2 are saved", stale.Text, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(Zd.Home, "dump.json"), "half of");
        var damaged = (await Doctor(1)).First(finding => finding.Subject == "saved list");
        Assert.Equal(("broken", "zd save"), (damaged.Severity, damaged.Remedy));
        (await Zd.Run("save")).Succeeded();
        await Doctor(0);
    }

    [Fact]
    public async Task Workers_that_no_daemon_knows_are_named()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var worker = (await Zd.List())[0].Pid;
        // What a worker leaves behind still has its way to the daemon in its environment.
        using var stray = Zd.BeginUnder(["sh", "-c", $"NOTIFY_SOCKET={Zd.Home}/run/99999.notify exec sleep 612", "sh"]);
        await Eventually.Holds(
            async () => (await Doctor(0)).Single(finding => finding.Subject == "workers").Text.Contains("sleep 612", StringComparison.Ordinal),
            "it is named", Zd.Evidence);
        Assert.DoesNotContain($"{worker} ", (await Doctor(0)).Single(finding => finding.Subject == "workers").Text, StringComparison.Ordinal);
        stray.Kill();
    }

    private async Task<List<Finding>> Doctor(int exitCode)
    {
        var result = (await Zd.Run("doctor", "--json")).Exited(exitCode).HasNoStackTrace();
        using var json = JsonDocument.Parse(result.Out);
        return [.. json.RootElement.EnumerateArray().Select(row => new Finding(
            row.GetProperty("subject").GetString()!,
            row.GetProperty("severity").GetString()!,
            row.GetProperty("text").GetString()!,
            row.TryGetProperty("remedy", out var remedy) ? remedy.GetString() : null))];
    }

    private sealed record Finding(string Subject, string Severity, string Text, string? Remedy);
}
