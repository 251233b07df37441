using System.Collections.Concurrent;

namespace ZeroDown.Platform;

/// <summary>One background thread that waits for many descriptors at once and calls back: epoll on Linux, poll elsewhere.</summary>
/// <remarks>
/// Level-triggered: a callback is called again and again while its condition holds, so one that leaves bytes behind is not forgotten, and one that cannot go on
/// must take its interest back (<see cref="FdRegistration.Change"/>) or it spins; a hang-up cannot be taken back, only the registration. Whoever looks at bytes
/// without taking them (half a line) asks for <see cref="FdInterest.NewsOnly"/> instead. Callbacks run one after the other on the poller's thread; they must not block.
/// A callback that throws is reported to the handler given to the constructor, and stays registered.
/// </remarks>
public sealed class FdPoller : IDisposable
{
    private readonly Action<Exception> _onFault;
    private readonly IReadinessSet _set;
    private readonly ConcurrentDictionary<long, FdRegistration> _registrations = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly WakePipe _wake = new();
    private readonly Thread _thread;
    private long _lastId;
    private volatile bool _stopping;

    /// <param name="name">The thread's name.</param>
    /// <param name="onFault">Gets what a callback or a posted action threw; called on the poller's thread.</param>
    public FdPoller(string name, Action<Exception> onFault)
        : this(name, onFault, OperatingSystem.IsLinux() ? new EpollSet() : new PollSet())
    {
    }

    internal FdPoller(string name, Action<Exception> onFault, IReadinessSet set)
    {
        _onFault = onFault;
        _set = set;
        _set.Add(0, _wake.ReadEnd.Number, FdInterest.Read);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    public bool IsPollerThread => Thread.CurrentThread == _thread;

    /// <summary>Starts to watch. One registration per handle at a time; the descriptor stays open in the kernel until the registration is disposed.</summary>
    /// <param name="fd">A socket, pipe, FIFO or pidfd. Regular files cannot be watched (EPERM).</param>
    /// <param name="interest">With <see cref="FdInterest.None"/> only errors and hang-ups are told: the watch for a listener that somebody shut down.</param>
    /// <param name="callback">Called on the poller's thread.</param>
    public FdRegistration Register(FdHandle fd, FdInterest interest, Action<FdEvents> callback)
    {
        var registration = Prepare(fd, callback);
        registration.Begin(interest);
        return registration;
    }

    /// <summary>
    /// The same, but nothing is told before <see cref="FdRegistration.Begin"/>: for a callback that uses its own registration, which <see cref="Register"/> may
    /// not have returned yet when the poller's thread already has news that lay there before.
    /// </summary>
    /// <param name="fd">See <see cref="Register"/>.</param>
    /// <param name="callback">See <see cref="Register"/>.</param>
    public FdRegistration Prepare(FdHandle fd, Action<FdEvents> callback)
    {
        var referenced = false;
        fd.DangerousAddRef(ref referenced);
        return new FdRegistration(this, Interlocked.Increment(ref _lastId), fd, callback);
    }

    internal void Begin(FdRegistration registration, FdInterest interest)
    {
        _registrations[registration.Id] = registration;
        try
        {
            _set.Add(registration.Id, registration.Number, interest);
        }
        catch
        {
            _registrations.TryRemove(registration.Id, out _);
            registration.Fd.DangerousRelease();
            throw;
        }

        WakeUnlessEpoll();
    }

    /// <summary>Runs an action on the poller's thread, in the order of posting. After <see cref="Dispose"/> it is dropped.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        _wake.Ring();
    }

    /// <summary>Ends the thread and waits for it, unless called from it. Registered handles are released, not closed.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _wake.Ring();
        if (!IsPollerThread)
        {
            _thread.Join();
        }
    }

    internal void Change(FdRegistration registration, FdInterest interest)
    {
        _set.Change(registration.Id, registration.Number, interest);
        WakeUnlessEpoll();
    }

    internal void Remove(FdRegistration registration)
    {
        if (_registrations.TryRemove(registration.Id, out _))
        {
            _set.Remove(registration.Id, registration.Number);
            registration.Fd.DangerousRelease();
            WakeUnlessEpoll();
        }
    }

    /// <summary>poll(2) does not see a change of its list while it waits; epoll does.</summary>
    private void WakeUnlessEpoll()
    {
        if (_set is not EpollSet && !IsPollerThread)
        {
            _wake.Ring();
        }
    }

    private void Run()
    {
        var ready = new List<(long Id, FdEvents Events)>();
        while (!_stopping)
        {
            ready.Clear();
            _set.Wait(ready);
            foreach (var (id, events) in ready)
            {
                if (id == 0)
                {
                    _wake.Hush();
                    RunPosted();
                }
                else if (_registrations.TryGetValue(id, out var registration))
                {
                    // Ids are never reused, so news for a registration that an earlier callback of this round removed finds nobody.
                    Tell(registration, events);
                }
            }
        }

        foreach (var registration in _registrations.Values)
        {
            Remove(registration);
        }

        _set.Dispose();
        _wake.Dispose();
    }

    private void RunPosted()
    {
        // Only what is there now: an action that posts the next one must not starve the descriptors.
        for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var action); left--)
        {
            Run(action);
        }

        if (!_posted.IsEmpty)
        {
            _wake.Ring();
        }
    }

    private void Tell(FdRegistration registration, FdEvents events)
    {
        try
        {
            registration.Callback(events);
        }
        catch (Exception e)
        {
            _onFault(e);
        }
    }

    private void Run(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            _onFault(e);
        }
    }
}
