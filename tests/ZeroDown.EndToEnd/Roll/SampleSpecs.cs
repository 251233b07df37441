using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Roll;

/// <summary>The samples, started from the files that lie beside them and rolled under load.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class SampleSpecs : EndToEndTest
{
    [Theory]
    [InlineData("samples/raw-socket", 4001)]
    [InlineData("samples/hello-python", 4002)]
    public async Task A_sample_rolls_without_a_loss(string folder, int port)
    {
        var file = Path.Combine(Programs.Root, folder, "ecosystem.yaml");
        (await Zd.Run("start", file)).Succeeded();
        var name = Path.GetFileName(folder);
        await using var load = LoadRun.Start(new LoadPlan(new Uri($"http://127.0.0.1:{port}/"))
        {
            KeepAlive = 10,
            Fresh = 10,
            Silent = 2,
            Think = TimeSpan.FromMilliseconds(20),
            MustContain = "here is my voice",
        });
        await load.WaitForRequestsAsync(100, Soon);
        for (var reload = 0; reload < 5; reload++)
        {
            (await Zd.Run("reload", name)).Succeeded();
            await load.WaitForMoreAsync(100, Soon);
        }

        NothingFailed(await load.StopAsync());
    }
}
