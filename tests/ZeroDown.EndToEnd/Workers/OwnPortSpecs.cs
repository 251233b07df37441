using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Workers;

/// <summary>Claim 11: a program that binds its own port.</summary>
public sealed class OwnPortSpecs : EndToEndTest
{
    [Fact]
    public async Task Reload_restarts_it_slot_by_slot_and_says_why_there_was_a_gap()
    {
        var file = Zd.Write("ecosystem.yaml", App("api", Programs.TestWorker, $"args: [serve-own-port, '127.0.0.1:{Port}']"));
        (await Zd.Run("start", file)).Succeeded();
        await ItAnswers();
        var before = (await PidsThatAnswer(1)).Single();
        (await Zd.Run("reload", "api")).Succeeded().Says("api", $"{Port}", "gap", "listen:");
        await ItAnswers();
        Assert.NotEqual(before, (await PidsThatAnswer(1)).Single());
    }

    [Fact]
    public async Task A_program_without_any_port_is_rolled_with_the_new_one_beside_the_old()
    {
        var file = Zd.Write("ecosystem.yaml", App("jobs", Programs.TestWorker, "args: [say, at work, hang]\ninstances: 2"));
        (await Zd.Run("start", file)).Succeeded();
        var before = (await Zd.List()).Select(worker => worker.Pid).ToHashSet();
        var reload = (await Zd.Run("reload", "jobs")).Succeeded();
        Assert.DoesNotContain("gap", reload.All, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(before.Intersect((await Zd.List()).Select(worker => worker.Pid)));
    }
}
