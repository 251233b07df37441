using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>The thread that waits for children to end. It only looks: the loop reaps, when it has done to pid and group what was still to be done.</summary>
/// <remarks>
/// waitid is the only wait that also sees adopted orphans, and it cannot be polled together with descriptors (a signalfd needs the signal blocked in every thread, the
/// runtime's own included, which nobody can promise). After each find the thread pauses until the loop has reaped; otherwise it would find the same one for ever.
/// </remarks>
internal sealed class ChildWatch(WakePipe wake)
{
    private const int SmallStack = 128 * 1024;

    private readonly object _pause = new();
    private bool _mayResume;
    private int _found;

    internal void Start() => new Thread(Watch, SmallStack) { IsBackground = true, Name = "children" }.Start();

    /// <summary>True once after each find. Read and cleared in one step: a find between the two would be lost, and with it the exit,
    /// because this thread then waits for the loop and the loop for this thread.</summary>
    internal bool TakeFound() => Interlocked.Exchange(ref _found, 0) != 0;

    /// <summary>Everything that had ended is reaped, or there is a new child.</summary>
    internal void Resume()
    {
        lock (_pause)
        {
            _mayResume = true;
            Monitor.Pulse(_pause);
        }
    }

    private void Watch()
    {
        while (true)
        {
            // False: no children at all, so no orphans of theirs either. The next launch resumes us.
            if (Reaper.WaitForAny())
            {
                Volatile.Write(ref _found, 1);
                wake.Ring();
            }

            lock (_pause)
            {
                while (!_mayResume)
                {
                    Monitor.Wait(_pause);
                }

                _mayResume = false;
            }
        }
    }
}
