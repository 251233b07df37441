using System.Collections.Concurrent;
using Xunit;
using ZeroDown.Platform;

namespace ZeroDown.Tests.Platform;

/// <summary>Each behaviour with epoll and with poll, which macOS uses and Linux has too.</summary>
public sealed class FdPollerTests : IDisposable
{
    private readonly List<IDisposable> _open = [];
    private readonly ConcurrentQueue<Exception> _faults = new();

    public static TheoryData<bool> Kinds => OperatingSystem.IsLinux() ? [true, false] : [false];

    public void Dispose() => _open.ForEach(one => one.Dispose());

    [Theory, MemberData(nameof(Kinds))]
    public void Bytes_left_unread_are_told_again(bool epoll)
    {
        var poller = NewPoller(epoll);
        var (readEnd, writeEnd) = NewPipe();
        var calls = new CountdownEvent(3);
        FdRegistration? registration = null;
        registration = poller.Register(readEnd, FdInterest.Read, events =>
        {
            Assert.Equal(FdEvents.Readable, events);
            if (calls.Signal())
            {
                registration!.Change(FdInterest.None);
            }
        });

        Fd.Write(writeEnd, "x"u8);

        Eventually.Signalled(calls.WaitHandle, "calls");
        AssertQuiet(poller);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Without_interest_only_the_hang_up_is_told(bool epoll)
    {
        var poller = NewPoller(epoll);
        var (readEnd, writeEnd) = NewPipe();
        using var hungUp = new ManualResetEventSlim();
        FdRegistration? registration = null;
        registration = poller.Register(readEnd, FdInterest.None, events =>
        {
            Assert.Equal(FdEvents.HangUp, events);
            registration!.Dispose();
            hungUp.Set();
        });

        Fd.Write(writeEnd, "x"u8);
        AssertQuiet(poller);
        Assert.False(hungUp.IsSet);
        writeEnd.Dispose();

        Eventually.Signalled(hungUp.WaitHandle, "hungUp");
        AssertQuiet(poller);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void What_lies_there_already_is_told_when_the_registration_begins_and_not_before(bool epoll)
    {
        var poller = NewPoller(epoll);
        var (readEnd, writeEnd) = NewPipe();
        Fd.Write(writeEnd, "x"u8);
        using var told = new ManualResetEventSlim();
        FdRegistration? registration = null;
        registration = poller.Prepare(readEnd, _ =>
        {
            registration!.Dispose();
            told.Set();
        });
        AssertQuiet(poller);
        Assert.False(told.IsSet);

        registration.Begin(FdInterest.Read);

        Eventually.Signalled(told.WaitHandle, "told");
        AssertQuiet(poller);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_pipe_whose_reader_is_gone_reports_an_error_to_the_writer(bool epoll)
    {
        var poller = NewPoller(epoll);
        var (readEnd, writeEnd) = NewPipe();
        using var failed = new ManualResetEventSlim();
        readEnd.Dispose();

        FdRegistration? registration = null;
        registration = poller.Prepare(writeEnd, events =>
        {
            Assert.True(events.HasFlag(FdEvents.Error));
            registration!.Dispose();
            failed.Set();
        });
        registration.Begin(FdInterest.None);

        Eventually.Signalled(failed.WaitHandle, "failed");
    }

    [Theory, MemberData(nameof(Kinds))]
    public void After_dispose_no_callback_begins_even_when_news_was_under_way(bool epoll)
    {
        var poller = NewPoller(epoll);
        var (first, firstWriter) = NewPipe();
        var (second, secondWriter) = NewPipe();
        var callbacks = 0;
        using var blocked = new ManualResetEventSlim();
        using var registered = new ManualResetEventSlim();
        poller.Post(() => registered.WaitHandle.WaitOne());

        // Both are ready in the same round; whichever callback comes first takes the other's registration away.
        FdRegistration? one = null, two = null;
        one = poller.Register(first, FdInterest.Read, _ => Only(two!, one!));
        two = poller.Register(second, FdInterest.Read, _ => Only(one!, two!));
        Fd.Write(firstWriter, "x"u8);
        Fd.Write(secondWriter, "x"u8);
        registered.Set();

        Eventually.Signalled(blocked.WaitHandle, "blocked");
        AssertQuiet(poller);
        Assert.Equal(1, callbacks);

        void Only(FdRegistration other, FdRegistration own)
        {
            Interlocked.Increment(ref callbacks);
            other.Dispose();
            own.Dispose();
            blocked.Set();
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_handle_disposed_while_registered_stays_open_until_the_registration_is(bool epoll)
    {
        var poller = NewPoller(epoll);
        var (readEnd, writeEnd) = NewPipe();
        var registration = poller.Register(readEnd, FdInterest.None, _ => { });
        readEnd.Dispose();
        Assert.Equal(1, Fd.Write(writeEnd, "x"u8));

        registration.Dispose();

        Eventually.Equal(-1, () => Fd.Write(writeEnd, "x"u8), "the read end is closed");
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_callback_that_throws_is_reported_and_the_poller_goes_on(bool epoll)
    {
        var poller = NewPoller(epoll);
        var (readEnd, writeEnd) = NewPipe();
        FdRegistration? registration = null;
        registration = poller.Register(readEnd, FdInterest.Read, _ =>
        {
            registration!.Dispose();
            throw new InvalidOperationException("callback");
        });
        Fd.Write(writeEnd, "x"u8);
        poller.Post(() => throw new InvalidOperationException("posted"));

        Eventually.Equal(2, () => _faults.Count, "both faults are reported");
        AssertQuiet(poller);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Posted_actions_run_in_order_on_the_poller_thread(bool epoll)
    {
        var poller = NewPoller(epoll);
        var seen = new List<int>();
        using var done = new ManualResetEventSlim();
        for (var i = 0; i < 1000; i++)
        {
            var number = i;
            poller.Post(() => seen.Add(poller.IsPollerThread ? number : -1));
        }

        poller.Post(done.Set);

        Eventually.Signalled(done.WaitHandle, "done");
        Assert.Equal(Enumerable.Range(0, 1000), seen);
    }

    [Fact]
    public void News_only_tells_of_further_bytes_and_not_of_those_left_behind()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only epoll can");
        var poller = NewPoller(epoll: true);
        var (readEnd, writeEnd) = NewPipe();
        var calls = 0;
        var registration = poller.Register(readEnd, FdInterest.Read | FdInterest.NewsOnly, _ => calls++);

        Fd.Write(writeEnd, "ha"u8);
        Eventually.Equal(1, () => calls, "told once");
        AssertQuiet(poller);
        Assert.Equal(1, calls);
        Fd.Write(writeEnd, "lf"u8);
        Eventually.Equal(2, () => calls, "told of the further bytes");
        registration.Change(FdInterest.Read | FdInterest.NewsOnly);
        Eventually.Equal(3, () => calls, "told anew after a change");
        writeEnd.Dispose();
        Eventually.Equal(4, () => calls, "told of the end");
        AssertQuiet(poller);
        Assert.Equal(4, calls);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Many_threads_may_come_and_go_at_once(bool epoll)
    {
        var poller = NewPoller(epoll);
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                var (readEnd, writeEnd) = Pipes.Create(nonBlocking: true);
                var heard = new ManualResetEventSlim();
                using (poller.Register(readEnd, FdInterest.Read, _ => heard.Set()))
                {
                    writeEnd.Write("x"u8);
                    if (!heard.WaitHandle.WaitOne(Eventually.Deadline))
                    {
                        _faults.Enqueue(new TimeoutException($"round {i} heard nothing"));
                    }

                    readEnd.Dispose();
                }

                writeEnd.Dispose();
            }
        })).ToList();

        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.Empty(_faults);
        AssertQuiet(poller);
    }

    /// <summary>Two round trips through the poller without anything but our own actions, and nothing was thrown.</summary>
    private void AssertQuiet(FdPoller poller)
    {
        var before = _faults.Count;
        for (var round = 0; round < 2; round++)
        {
            using var done = new ManualResetEventSlim();
            poller.Post(done.Set);
            Eventually.Signalled(done.WaitHandle, "done");
        }

        Assert.Equal(before, _faults.Count);
    }

    private FdPoller NewPoller(bool epoll)
    {
        var poller = new FdPoller("poller under test", _faults.Enqueue, epoll ? new EpollSet() : new PollSet());
        _open.Add(poller);
        return poller;
    }

    private (FdHandle ReadEnd, FdHandle WriteEnd) NewPipe()
    {
        var (readEnd, writeEnd) = Pipes.Create(nonBlocking: true);
        _open.Add(readEnd);
        _open.Add(writeEnd);
        return (readEnd, writeEnd);
    }
}
