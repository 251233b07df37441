using System.Collections.Concurrent;
using System.Text;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>
/// What a keeper does in addition when somebody looks at it: a terminal, a container (as pid 1 too) or an init system. It has an <see cref="Attendant"/>, obeys signals,
/// tells the init system how far it is, gives back the exit code, and leaves no process behind.
/// </summary>
/// <remarks>On the loop's thread, but for <see cref="Hear"/>.</remarks>
internal sealed class Foreground(KeeperOptions options, InitSystem init)
{
    /// <summary>A wrapper (npm, a shell script, docker -it) passes on a Ctrl-C that the terminal has sent to us already: that is one, not two.</summary>
    private static readonly TimeSpan OneKeyPress = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RestartPause = TimeSpan.FromSeconds(1);

    /// <summary>For an attendant whose reader is slow, once everything else has ended.</summary>
    private static readonly TimeSpan LastWordsPatience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentQueue<int> _heard = new();
    private Attendant? _attendant;
    private TimeSpan _nextAttendant;

    /// <summary>It has ended, and none is needed any more.</summary>
    private bool _attendantIsDone;
    private bool _wasAttended;
    private TimeSpan? _endingSince;
    private TimeSpan _nextNotice;
    private TimeSpan? _othersGoneSince;
    private readonly LeftBehind _leftBehind = new();

    /// <summary>Everything is to be drained, and then we end.</summary>
    internal bool WantsEnd { get; private set; }

    /// <summary>Nothing is to be waited for any more.</summary>
    internal bool WantsKill { get; private set; }

    internal int ExitCode { get; private set; }

    /// <summary>When <see cref="Attend"/> or <see cref="IsOver"/> want to be called next.</summary>
    internal TimeSpan NextDeadline { get; private set; } = TimeSpan.MaxValue;

    internal void Carry(CarriedTable to) => to.Add(Carried.Foreground, fields => fields.Flag(_attendantIsDone));

    /// <summary>An earlier image of this very process went before us. Its attendant has heard that and ends; the next one finds the apps running.</summary>
    internal void Carry(ref WireReader fields) => (_attendantIsDone, _wasAttended) = (fields.Flag(), true);

    /// <summary>A signal came; from any thread. The loop must be woken afterwards.</summary>
    internal void Hear(int signal) => _heard.Enqueue(signal);

    internal void AddTo(PollList list)
    {
        if (_attendant is { MaySpeak: true } attendant)
        {
            list.Add(attendant.Link, FdInterest.Read);
        }
    }

    /// <summary>Starts the attendant when it is time, and passes on what was heard.</summary>
    /// <returns>True if there is a new child.</returns>
    internal bool Attend(bool daemonIsReady, TimeSpan now)
    {
        var before = _attendant;
        while (_heard.TryDequeue(out var signal))
        {
            Obey(signal, now);
        }

        if (_attendant is null && !_attendantIsDone && !WantsEnd && daemonIsReady && now >= _nextAttendant)
        {
            StartAttendant(now);
        }

        if (_attendant?.TakeReady() == true)
        {
            init.SayReady("ready");
        }

        NextDeadline = _attendant is null && !_attendantIsDone && !WantsEnd && _nextAttendant > now ? _nextAttendant : TimeSpan.MaxValue;
        if (_endingSince is not null)
        {
            TellThatWeStop(now);
        }

        return _attendant is not null && _attendant != before;
    }

    /// <returns>False if it is not the attendant.</returns>
    internal bool TryReap(int pid, TimeSpan now)
    {
        if (_attendant is not { } attendant || attendant.Pid != pid)
        {
            return false;
        }

        var ready = attendant.TakeReady();
        var exit = Reaper.Reap(pid);
        attendant.Dispose();
        _attendant = null;
        if (options.IsService)
        {
            _attendantIsDone = true;
            init.SayReady(exit.ExitCode == 0 ? "every saved app runs" : "not every saved app could be started; zd list, zd logs");
        }
        else if (exit.ExitCode is { } code)
        {
            _attendantIsDone = true;
            if (!WantsEnd)
            {
                ExitCode = code;
                BeginEnd(now);
            }
        }
        else if (!WantsEnd)
        {
            KeeperLog.Say($"the process that shows the logs (pid {pid}) ended: {exit}; another one is started");
            _wasAttended = true;
            _nextAttendant = now + RestartPause;
            if (ready)
            {
                init.SayReady("ready");
            }
        }

        return true;
    }

    /// <summary>Asked when daemon and workers are gone.</summary>
    /// <param name="spared">Who lives on.</param>
    /// <param name="now">The moment.</param>
    /// <returns>True when nobody else is left either.</returns>
    internal bool IsOver(SparedProcesses spared, TimeSpan now)
    {
        _othersGoneSince ??= BeginLastWords(now);
        if (_attendant is { } attendant)
        {
            if (now - _othersGoneSince > LastWordsPatience)
            {
                attendant.Signal(Signals.Kill);
            }

            return false;
        }

        return _leftBehind.IsGone(inHaste: WantsKill, spared, now);
    }

    /// <summary>A line for whoever started us, if there is room for it: nobody waits for a reader.</summary>
    internal static void SayToUser(string line)
    {
        var stderr = new FdHandle(2);
        try
        {
            var list = new PollList();
            var writable = list.Add(stderr, FdInterest.Write);
            list.Wait(TimeSpan.FromSeconds(1));
            if (list.Happened(writable).HasFlag(FdEvents.Writable))
            {
                _ = FdBytes.Write(stderr, Encoding.UTF8.GetBytes($"error: {line.ReplaceLineEndings(" ")}\n"));
            }
        }
        finally
        {
            stderr.SetHandleAsInvalid();
        }
    }

    private void Obey(int signal, TimeSpan now)
    {
        if (signal is not (KeeperSignals.Terminate or KeeperSignals.Interrupt or KeeperSignals.Quit))
        {
            _attendant?.Signal(signal);
        }
        else if (_endingSince is not { } since)
        {
            ExitCode = 0;
            BeginEnd(now);
        }
        else if (now - since > OneKeyPress)
        {
            WantsKill = true;
            ExitCode = 128 + signal;
        }
    }

    private void BeginEnd(TimeSpan now)
    {
        WantsEnd = true;
        _endingSince ??= now;
        _attendant?.Signal(KeeperSignals.Terminate);
    }

    private void TellThatWeStop(TimeSpan now)
    {
        if (now >= _nextNotice)
        {
            _nextNotice = now + StopPatience / 3;
            init.SayStopping("draining", StopPatience);
        }

        NextDeadline = init.Listens ? _nextNotice : TimeSpan.MaxValue;
    }

    private void StartAttendant(TimeSpan now)
    {
        try
        {
            _attendant = Attendant.Start(options.Home, options.Attendant, _wasAttended);
        }
        catch (SystemCallException e)
        {
            KeeperLog.Say($"cannot start the process that starts the apps and shows their logs: {e.Message}; tried again");
            _nextAttendant = now + RestartPause;
        }
    }

    private TimeSpan BeginLastWords(TimeSpan now)
    {
        // Somebody else has ended the daemon (zd kill): the attendant need not wait for another one.
        BeginEnd(now);
        return now;
    }
}
