using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>Carries out one cell of the table.</summary>
public abstract class BadVersionTest : EndToEndTest
{
    private const string GoodAnswer = "version=Good";

    private protected async Task Run(Cell cell, bool isBusy = false)
    {
        var expected = Expectation.Of(cell);
        Assert.SkipWhen(expected.Impossible is not null, $"cannot exist: {expected.Impossible}");
        var app = TableApp.Create(Zd, cell, new AppPorts(Port, Ports.Free()), isBusy: isBusy);
        Assert.SkipUnless(Tool.Run(app.Needs, "--version") == 0, $"{app.Needs} is not on PATH");
        if (cell.Deployment == Deployment.Start)
            await Start(app, expected);
        else
            await Reload(app, cell, expected);
    }

    private async Task Start(TableApp app, Expectation expected)
    {
        var start = await Zd.Run("start", app.WriteBad());
        Check(start, expected);
        if (expected.Code == 0)
            Assert.DoesNotContain("listening", start.All, StringComparison.OrdinalIgnoreCase);
    }

    private async Task Reload(TableApp app, Cell cell, Expectation expected)
    {
        (await Zd.Run("start", app.WriteGood())).Succeeded();
        await TheOldVersionAnswers();
        var before = (await Zd.List()).Select(worker => worker.Pid).ToList();
        if (expected.Code == 0)
        {
            await ReloadBadVersion(app, cell, expected);
            return;
        }

        if (cell.CanHaveTwoGenerations || expected.Untouched)
        {
            await using var load = LoadRun.Start(new LoadPlan(Url) { KeepAlive = 2, Fresh = 2, Think = TimeSpan.FromMilliseconds(10), MustContain = GoodAnswer });
            await load.WaitForRequestsAsync(20, Soon);
            await ReloadBadVersion(app, cell, expected);
            await load.WaitForMoreAsync(20, Soon);
            NothingFailed(await load.StopAsync());
            Assert.Equal(before, (await Zd.List()).Select(worker => worker.Pid));
        }
        else
        {
            (await ReloadBadVersion(app, cell, expected)).Says("had to stop first");
            if (cell.Deployment == Deployment.ReloadInPlace)
                await Restore(app, cell);
        }

        await TheOldVersionAnswers();
    }

    /// <summary>A bad version that dies is started again and again, so the good one comes by itself. One that lives has to be replaced.</summary>
    private async Task Restore(TableApp app, Cell cell)
    {
        app.RestoreInPlace();
        if (cell.Way is BadWay.NeverListens or BadWay.ListensElsewhere or BadWay.Hangs)
            (await Zd.Run("restart", "web")).Succeeded();
    }

    private async Task<ZdResult> ReloadBadVersion(TableApp app, Cell cell, Expectation expected)
    {
        var file = app.WriteBad();
        var reload = await Zd.Run("reload", cell.Deployment == Deployment.ReloadFile ? file : "web");
        return Check(reload, expected);
    }

    private static ZdResult Check(ZdResult answer, Expectation expected)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(answer.ToString());
        // The program's own last words may well be a stack trace.
        (answer with { Err = string.Join('\n', answer.Err.Split('\n').Where(line => !line.StartsWith("    |", StringComparison.Ordinal))) }).HasNoStackTrace();
        return answer.Exited(expected.Code).Says(expected.Words);
    }

    private Task TheOldVersionAnswers() => Eventually.Holds(
        async () =>
        {
            try
            {
                return (await Get()).Contains(GoodAnswer, StringComparison.Ordinal);
            }
            catch (HttpRequestException)
            {
                return false; // a program that binds its own port has not bound it yet
            }
        },
        "the good version answers", Zd.Evidence);
}
