using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>
/// The command that a keeper in the foreground runs beside its daemon, with the standard streams that it was itself given: it reads the ecosystem file, starts the apps, prints
/// what they say. All that may be slow, wait for a reader or fail is over there. It has a session of its own, so that Ctrl-C reaches the keeper alone.
/// </summary>
internal sealed class Attendant : IDisposable
{
    /// <summary>It is not started for the first time: the apps run already.</summary>
    internal const string Again = "--again";

    private readonly FdHandle _link;
    private bool _isHeard;

    private Attendant(int pid, FdHandle link) => (Pid, _link) = (pid, link);

    internal int Pid { get; }

    internal FdHandle Link => _link;

    /// <summary>There is something to wait for on <see cref="Link"/>.</summary>
    internal bool MaySpeak => !_isHeard;

    /// <exception cref="SystemCallException">Out of processes, memory or descriptors.</exception>
    internal static Attendant Start(string home, IReadOnlyList<string> words, bool again)
    {
        using var nothing = FdHandle.OpenNull();
        var (ours, theirs) = NewSocket.CreatePair(Constants.SOCK_STREAM, nonBlocking: true);
        try
        {
            theirs.IsNonBlocking = false;
            List<(FdHandle Source, int Number)> fds = [.. StandardStreams.Inherited(nothing), (theirs, AttendantLink.Number)];
            string[] arguments = [.. SelfImage.Named, "attend", home, .. again ? [Again] : Array.Empty<string>(), .. words];
            return new Attendant(ChildLauncher.Launch(new ChildImage(arguments[0], arguments, DaemonProcess.OurEnvironment(), fds, NewSession: true)), ours);
        }
        catch
        {
            ours.Dispose();
            throw;
        }
        finally
        {
            theirs.Dispose();
        }
    }

    internal void Signal(int signal) => _ = Interop.Kill(Pid, signal);

    /// <summary>True once, when it has said that everything is ready.</summary>
    internal bool TakeReady()
    {
        Span<byte> buffer = stackalloc byte[64];
        var read = _isHeard ? -1 : FdBytes.Read(_link, buffer);
        _isHeard |= read >= 0;
        return read > 0;
    }

    public void Dispose() => _link.Dispose();
}
