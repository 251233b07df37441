using System.Collections.Concurrent;
using Xunit;
using ZeroDown.AspNetCore;

namespace ZeroDown.Tests.AspNetCore;

/// <summary>The first report of a drain is a promise: no connection is accepted any more.</summary>
public sealed class DrainReportTests : IDisposable
{
    private static readonly DrainOrder Order = new("reload", TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20));
    private readonly Drain _drain = new();
    private readonly BlockingCollection<OpenWork> _reports = [];

    public DrainReportTests() => _drain.Progress = _reports.Add;

    public void Dispose()
    {
        _drain.Dispose();
        _reports.Dispose();
    }

    [Fact]
    public void It_waits_for_an_accept_that_the_kernel_may_have_completed_already_and_counts_what_came_of_it()
    {
        Assert.True(_drain.TryBeginAccept());
        _drain.Start(Order);
        Assert.False(_drain.TryBeginAccept());
        Assert.Empty(_reports);

        _drain.EndAccept(new Connection());
        Assert.Equal(new OpenWork(0, 1), Next());
    }

    [Fact]
    public async Task A_queue_of_the_programs_own_does_not_hold_it_up()
    {
        _drain.BeginOwnQueue();
        _drain.Start(Order);
        Assert.Equal(new OpenWork(0, 0), Next());
        Assert.False(_drain.Over.IsCompleted);

        _drain.EndOwnQueue(null);
        await _drain.Over.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_drain_of_nothing_is_reported_too_before_it_is_over()
    {
        Assert.True(_drain.TryBeginAccept());
        _drain.Start(Order);
        _drain.EndAccept(null);
        await _drain.Over.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        Assert.Equal(new OpenWork(0, 0), Assert.Single(_reports));
    }

    [Fact]
    public async Task An_accept_that_never_ends_does_not_outlast_the_drain_and_is_never_denied()
    {
        Assert.True(_drain.TryBeginAccept());
        _drain.Start(Order with { Total = TimeSpan.FromMilliseconds(50) });
        await _drain.Over.WaitAsync(Eventually.Deadline, TestContext.Current.CancellationToken);
        Assert.Empty(_reports);
    }

    private OpenWork Next()
    {
        Assert.True(_reports.TryTake(out var report, Eventually.Deadline));
        return report;
    }

    private sealed class Connection : IDrainable
    {
        public int Requests => 0;

        public long IdleSince { get; } = Environment.TickCount64;

        public void SayGoAway()
        {
            // It speaks HTTP/1.1.
        }

        public void CloseIfIdle()
        {
            // Its client never speaks.
        }

        public void Abort()
        {
            // Nobody cuts it.
        }
    }
}
