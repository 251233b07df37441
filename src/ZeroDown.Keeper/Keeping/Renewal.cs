using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>
/// Which program daemons are started from: our own, or that of the last <see cref="Update"/>. It proves itself by a daemon that gets ready; until then everything can be
/// taken back.
/// </summary>
internal sealed class Renewal
{
    private Update? _last;

    /// <summary>Whose program the daemons are of since an update that the keeper could not follow; null: of our own.</summary>
    private Update? _daemonOnly;

    /// <summary>The update whose daemon leaves, starts, or has yet to prove itself.</summary>
    internal Update? Underway => _last is { IsUnderway: true } ? _last : null;

    /// <summary>The update whose daemon works and that the keeper has not followed yet.</summary>
    internal Update? AtKeepersTurn => _last is { IsKeepersTurn: true } ? _last : null;

    /// <summary>Null: our own.</summary>
    internal IReadOnlyList<string>? Program => (Underway ?? _daemonOnly)?.Program;

    internal void Begin(Update update)
    {
        _last = update;
        KeeperLog.Say($"update to {update.Version} ({string.Join(' ', update.Program)})");
    }

    internal void DaemonIsReady(DaemonProcess daemon)
    {
        if (IsProvedBy(daemon))
        {
            _last!.DaemonIsReady();
        }
    }

    /// <summary>The old one has made room, or the new one has not proved itself.</summary>
    internal void DaemonEnded(DaemonProcess daemon, ChildExit exit)
    {
        if (IsProvedBy(daemon))
        {
            Return(_last!, daemon.LastWords ?? (daemon.WasOverdue ? "it did not listen in time" : $"it ended before it listened: {exit}"));
        }
    }

    /// <summary>A daemon of <see cref="Program"/> cannot be started.</summary>
    /// <returns>True if that was another program's fault: from now on it is the one before.</returns>
    internal bool CannotStart(SystemCallException problem)
    {
        if (Underway is { } update)
        {
            Return(update, $"it cannot be started: {problem.Message}");
            return true;
        }

        if (_daemonOnly is { } followed && IsOfTheFile(problem.Errno))
        {
            KeeperLog.Say($"the daemon of {followed.Version} cannot be started any more ({problem.Message}); from now on it is that of {SelfImage.Version}, as this keeper is");
            _daemonOnly = null;
            return true;
        }

        return false;
    }

    /// <summary>The keeper cannot become what its daemon is already.</summary>
    internal void KeeperStays(Update update, string why)
    {
        KeeperLog.Say($"goes on as {SelfImage.Version}: {why}");
        update.KeeperStays(why);
        _daemonOnly = update;
    }

    /// <summary>How the last one stands, if there was any.</summary>
    internal void TellTo(DaemonProcess? daemon)
    {
        if (_last is not null)
        {
            daemon?.Tell(_last.Write(new WireWriter().U8((byte)News.Updated)));
        }
    }

    internal void Carry(CarriedTable to, Update update) =>
        to.Add(Carried.Update, update.Carry);

    /// <summary>We are what it was about.</summary>
    internal void Carry(ref WireReader fields)
    {
        _last = Update.Read(ref fields);
        _last.Succeeded();
    }

    /// <summary>A daemon that was started for an earlier update proves nothing for this one.</summary>
    private bool IsProvedBy(DaemonProcess daemon) => _last is not null && ReferenceEquals(_last, daemon.Update);

    private static void Return(Update update, string why)
    {
        KeeperLog.Say($"the daemon of {update.Version} does not start ({why}); one of the program before is started again");
        update.DaemonFailed(why);
    }

    /// <summary>Trying again would not help, unlike where processes or memory are short.</summary>
    private static bool IsOfTheFile(Errno errno) => errno == Errno.ENOENT || errno == Errno.EACCES || errno == Errno.ENOEXEC;
}
