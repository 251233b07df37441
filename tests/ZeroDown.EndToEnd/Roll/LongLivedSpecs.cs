using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Roll;

/// <summary>Claim 7: what was opened before a reload lives on in the old worker, while new requests go to the new generation.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class LongLivedSpecs : EndToEndTest
{
    private static readonly Variant Unchanged = new("unchanged and injected");

    [Fact]
    public async Task A_download_a_stream_and_a_websocket_outlive_the_reload_until_their_time_is_over()
    {
        Unchanged.OrSkip();
        // The download takes eight seconds: longer than the reload on a slow machine, and shorter than the old workers have.
        var drain = TimeSpan.FromSeconds(16);
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", Unchanged.Program, $"{Unchanged.Options()}\ninstances: 2\nlisten: 127.0.0.1:{Port}\ndrain_timeout: 16s")))).Succeeded();
        var before = (await Zd.List()).Select(worker => worker.Pid).ToHashSet();
        await using var download = await LongAnswer.OpenAsync(new LoadTarget(Url), "/download?mb=8&rate=1");
        await using var stream = await LongAnswer.OpenAsync(new LoadTarget(Url), "/events");
        await using var socket = await WebSocketSession.OpenAsync(new Uri($"ws://127.0.0.1:{Port}/ws"), Soon);
        await stream.WaitForEventsAsync(1, Soon);
        Assert.Equal("before", await socket.AskAsync("before", Soon));

        var reload = (await Zd.Run("reload", "web")).Succeeded();
        Assert.False(download.Ended.IsCompleted, reload.ToString());
        (await Zd.Run("list")).Says("draining");

        Assert.Empty(before.Intersect(await PidsThatAnswer(2)));
        await stream.WaitForEventsAsync(stream.Events + 2, Soon);
        Assert.Equal("after", await socket.AskAsync("after", Soon));
        var downloaded = await download.EndsWithin(Soon);
        Assert.Equal((EndKind.Complete, 8L << 20), (downloaded.How, downloaded.Received));

        var ended = await stream.EndsWithin(drain + Soon);
        await socket.WaitForEndAsync(Soon);
        Assert.InRange(ended.After, drain * 0.8, drain + TimeSpan.FromSeconds(15));
        await Eventually.Holds(
            () => Task.FromResult(!before.Any(ProcessTable.Exists)),
            "the old workers are gone when their time is over",
            Zd.Evidence);
    }

    [Fact]
    public async Task The_same_for_a_worker_without_our_library()
    {
        (await Zd.Run("start", WriteApp(options: "drain_timeout: 16s\nkill_timeout: 2s"))).Succeeded();
        var before = (await Zd.List()).Select(worker => worker.Pid).ToHashSet();
        await using var download = await LongAnswer.OpenAsync(new LoadTarget(Url), "/download?kb=1000&ms=8000");
        await using var stream = await LongAnswer.OpenAsync(new LoadTarget(Url), "/events");
        await stream.WaitForEventsAsync(2, Soon);

        (await Zd.Run("reload", "web")).Succeeded();
        Assert.False(download.Ended.IsCompleted);
        await OnlyOthersAnswer(before);
        await stream.WaitForEventsAsync(stream.Events + 5, Soon);
        Assert.Equal(EndKind.Complete, (await download.EndsWithin(Soon)).How);
        await stream.EndsWithin(Soon);
        await Eventually.Holds(() => Task.FromResult(!before.Any(ProcessTable.Exists)), "the old workers are gone", Zd.Evidence);
    }

    [Fact]
    public async Task With_wait_drained_the_answer_comes_when_the_last_old_worker_has_left()
    {
        (await Zd.Run("start", WriteApp())).Succeeded();
        var before = (await Zd.List()).Select(worker => worker.Pid).ToHashSet();
        await using var download = await LongAnswer.OpenAsync(new LoadTarget(Url), "/download?kb=1000&ms=2000");
        (await Zd.Run("reload", "web", "--wait-drained")).Succeeded();
        Assert.DoesNotContain(before, ProcessTable.Exists);
        Assert.Equal(EndKind.Complete, (await download.EndsWithin(Soon)).How);
    }
}
