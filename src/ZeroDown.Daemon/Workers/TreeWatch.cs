using ZeroDown.Core.Supervision;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Looks after what a worker has left behind: says who has to be asked to stop, and when nobody is left. The kernel has no event for "the last process of a session ended", so it
/// looks again and again, from 20 ms to 100 ms apart, as long as somebody is there.
/// </summary>
internal sealed class TreeWatch : IDisposable
{
    /// <summary>In which a process that was asked by its parent shows it.</summary>
    private static readonly TimeSpan Courtesy = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Each pass also finds what was started while the one before killed.</summary>
    private const int KillPasses = 5;

    private readonly object _gate = new();
    private readonly Func<IReadOnlyList<TreeMember>> _rest;
    private readonly TreeGlance? _before;
    private readonly TreeWatchNews _news;
    private readonly Dictionary<TreeProcess, TimeSpan> _roots = [];
    private readonly HashSet<TreeProcess> _settled = [];
    private readonly HashSet<TreeProcess> _beyondUs = [];
    private readonly Timer _timer;
    private TimeSpan _pause = FirstPause;
    private bool _ended;

    /// <param name="rest">Finds the processes that are left.</param>
    /// <param name="before">The tree before it was asked to stop; null when nobody looked.</param>
    /// <param name="news">Whom to tell.</param>
    public TreeWatch(Func<IReadOnlyList<TreeMember>> rest, TreeGlance? before, TreeWatchNews news)
    {
        (_rest, _before, _news) = (rest, before, news);
        _timer = new Timer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Begin() => After(TimeSpan.Zero);

    /// <summary>SIGKILL to all of them, now.</summary>
    public void Kill() => ThreadPool.QueueUserWorkItem(_ =>
    {
        lock (_gate)
        {
            for (var pass = 0; pass < KillPasses && !_ended; pass++)
            {
                var victims = Mine(TreeGlance.At(_rest())).ToList();
                if (victims.Count == 0)
                    break;
                foreach (var member in victims)
                    Signal(member.Identity, Signals.Kill);
            }
        }

        After(FirstPause);
    });

    /// <summary>Sends a signal to one of them, if it still is that process.</summary>
    public void Signal(TreeProcess process, int signal)
    {
        lock (_gate)
            Signal(new ProcessIdentity(process.Pid, process.StartTime, Machine.BootId), signal);
    }

    public void Dispose()
    {
        lock (_gate)
            _ended = true;
        _timer.Dispose();
    }

    /// <summary>Looks now, and from then on until all have ended.</summary>
    public void Look()
    {
        lock (_gate)
        {
            if (_ended)
                return;
            var now = TreeGlance.At(_rest());
            if (!Mine(now).Any())
            {
                _ended = true;
                var others = now.Spared.Concat(now.Mortal).Select(member => member.ToString()).ToArray();
                _news.Ended(others);
                return;
            }

            foreach (var root in now.Roots)
                Consider(root, now);
        }

        _pause = _pause * 1.3 < LongestPause ? _pause * 1.3 : LongestPause;
        After(_pause);
    }

    private void Consider(TreeMember root, TreeGlance now)
    {
        var process = new TreeProcess(root.Pid, root.StartTime);
        if (_settled.Contains(process) || _beyondUs.Contains(process))
            return;
        if (_before is not null && now.IsLeaving(root, _before))
        {
            _settled.Add(process);
            return;
        }

        if (_roots.TryAdd(process, MonotonicClock.Now) || MonotonicClock.Now - _roots[process] < Courtesy)
            return;
        _settled.Add(process);
        _news.Unasked(process);
    }

    private IEnumerable<TreeMember> Mine(TreeGlance glance) =>
        glance.Mortal.Where(member => !_beyondUs.Contains(new TreeProcess(member.Pid, member.StartTime)));

    /// <summary>A process of another user (sudo) is nobody to wait for.</summary>
    private void Signal(ProcessIdentity process, int signal)
    {
        try
        {
            if (process.Signal(signal) == SignalOutcome.NotPermitted)
                _beyondUs.Add(new TreeProcess(process.Pid, process.StartTime));
        }
        catch (SystemCallException problem)
        {
            _news.Failed(problem.Message);
        }
    }

    private void After(TimeSpan pause)
    {
        try
        {
            _timer.Change(pause, Timeout.InfiniteTimeSpan);
        }
        catch (ObjectDisposedException)
        {
            // The worker was forgotten meanwhile.
        }
    }
}

/// <summary>What a <see cref="TreeWatch"/> tells, on a thread of the pool.</summary>
/// <param name="Unasked">A process lost its parent, and nothing shows that it was asked to stop.</param>
/// <param name="Ended">Nobody is left but these, whom we may not end.</param>
/// <param name="Failed">The kernel refused something.</param>
internal sealed record TreeWatchNews(Action<TreeProcess> Unasked, Action<string[]> Ended, Action<string> Failed);
