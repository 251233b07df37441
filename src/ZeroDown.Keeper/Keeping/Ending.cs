using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>The keeper's own end: who asked for it, whom it still has to end itself, and when nobody is left.</summary>
/// <remarks>
/// Whoever asks (a signal, a Ctrl-C) asks the daemon, which drains everything and then orders the shutdown; from that order on no daemon is started any more. The
/// keeper ends when daemon, workers and those who look at it are gone.
/// </remarks>
/// <param name="holdings">Whom it may have to end.</param>
/// <param name="cli">Who may wait for a daemon.</param>
/// <param name="foreground">Who looks at us.</param>
/// <param name="patience">How long an end that was asked for waits for a daemon that can drain.</param>
internal sealed class Ending(Holdings holdings, ReadyPipe cli, Foreground? foreground, TimeSpan patience)
{
    /// <summary>For workers of a dead daemon, when its successor ends: between the request to stop and the end of patience.</summary>
    private static readonly TimeSpan LastGrace = TimeSpan.FromSeconds(5);

    /// <summary>Between two looks at who is left in the foreground.</summary>
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(50);

    private TimeSpan _killLeftoversAt = TimeSpan.MaxValue;
    private TimeSpan _beginAloneAt = TimeSpan.MaxValue;
    private bool _isKilled;
    private volatile bool _isRequested;

    internal bool IsRequested => _isRequested;

    /// <summary>No daemon is started any more.</summary>
    internal bool IsUnderway { get; private set; }

    /// <summary>Set when it is over.</summary>
    internal int? ExitCode { get; private set; }

    /// <summary>When <see cref="PassOnRequest"/> or <see cref="Conclude"/> want to be called next.</summary>
    internal TimeSpan NextDeadline(bool daemonIsGone)
    {
        if (!IsUnderway || !daemonIsGone)
        {
            return IsUnderway ? TimeSpan.MaxValue : _beginAloneAt;
        }

        var look = foreground is null && holdings.Launches.LeftGroups.AreGone ? TimeSpan.MaxValue : MonotonicClock.Now + ShortWait;
        return _killLeftoversAt < look ? _killLeftoversAt : look;
    }

    /// <summary>From any thread.</summary>
    internal void Request() => _isRequested = true;

    /// <summary>
    /// A daemon ends when its workers have. What still lives belongs to one that died before it, and nobody else would ever end it: we would stay with it, in a home
    /// where no other keeper can start.
    /// </summary>
    internal void Begin()
    {
        IsUnderway = true;
        if (holdings.Launches.End(Signals.Terminate, SignalScope.Process) is > 0 and var left)
        {
            KeeperLog.Say($"workers of a daemon that died are told to stop: {left}");
            _killLeftoversAt = MonotonicClock.Now + LastGrace;
        }
    }

    /// <summary>The first daemon could not start. If there is nothing to keep, whoever started us should know, not wait.</summary>
    internal void GiveUp(string why)
    {
        // Descriptors that a daemon deposited before it failed are worth nothing without a worker.
        if (!holdings.Launches.IsEmpty)
        {
            return;
        }

        cli.SayFailed(why);
        ExitCode = 1;
        if (foreground is not null)
        {
            Foreground.SayToUser(why);
        }
    }

    /// <summary>What the user wants who looks at us.</summary>
    internal void ObeyForeground(DaemonProcess? daemon)
    {
        if (foreground is null)
        {
            return;
        }

        _isRequested |= foreground.WantsEnd;
        if (foreground.WantsKill && !_isKilled)
        {
            KeeperLog.Say("asked to end for the second time: everything is killed");
            _isKilled = IsUnderway = true;
            _ = holdings.Launches.End(Signals.Kill, SignalScope.Group);
            holdings.Launches.LeftGroups.Kill();
            daemon?.Kill();
        }
    }

    /// <summary>To each daemon once, as long as there is anything for it to drain.</summary>
    internal void PassOnRequest(DaemonProcess? daemon)
    {
        if (!_isRequested || IsUnderway)
        {
            return;
        }

        if (daemon is { IsAttached: true })
        {
            _beginAloneAt = TimeSpan.MaxValue;
            daemon.AskToEnd();
        }
        else if (daemon is null && !holdings.Launches.HasLiving)
        {
            IsUnderway = true;
        }
        else if (_beginAloneAt == TimeSpan.MaxValue)
        {
            _beginAloneAt = MonotonicClock.Now + patience;
        }
        else if (MonotonicClock.Now >= _beginAloneAt)
        {
            KeeperLog.Say($"asked to end, and for {patience.TotalSeconds:0.#} s there was no daemon that could drain; the workers are told to stop without one");
            daemon?.Kill();
            Begin();
        }
    }

    internal void Conclude(bool daemonIsGone)
    {
        if (MonotonicClock.Now >= _killLeftoversAt)
        {
            _killLeftoversAt = TimeSpan.MaxValue;
            _ = holdings.Launches.End(Signals.Kill, SignalScope.Group);
            holdings.Launches.LeftGroups.Kill();
        }

        if (IsUnderway && daemonIsGone && !holdings.Launches.HasLiving && holdings.Launches.LeftGroups.AreGone && foreground?.IsOver(holdings.Spared, MonotonicClock.Now) != false)
        {
            ExitCode = foreground?.ExitCode ?? 0;
        }
    }
}
