using System.Globalization;
using System.Text;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>The CLI's side of the start: launches `zd keeper` detached and learns over an inherited pipe that the daemon listens. Nobody sleeps and retries.</summary>
public static class KeeperStarter
{
    private const int ReadyFd = 3;

    /// <param name="home">Absolute, existing folder (0700); its files keeper.lock, starting.lock and keeper.log are the keeper's.</param>
    /// <exception cref="IOException">The keeper could not be launched.</exception>
    public static KeeperStart StartDetached(string home) => StartDetached(home, SelfImage.Named, []);

    /// <param name="home">See above.</param>
    /// <param name="self">Program and leading arguments of zd.</param>
    /// <param name="more">Further arguments of `zd keeper`.</param>
    internal static KeeperStart StartDetached(string home, IReadOnlyList<string> self, IReadOnlyList<string> more)
    {
        // What a shell, make or ssh left open in us must not stay open in a process that lives for months: somebody may wait for its end of file.
        OpenFds.CloseOnExecAllBut([0, 1, 2]);
        var (readEnd, writeEnd) = Pipes.Create(nonBlocking: false);
        using (writeEnd)
        using (var nothing = FdHandle.OpenNull())
        using (var log = KeeperLog.Open(home))
        {
            var image = new ChildImage(
                self[0],
                [.. self, "keeper", "--home", home, "--ready-fd", Number(ReadyFd), "--open-files", Number(InheritedTraits.Read().OpenFiles ?? 1024), .. more],
                DaemonProcess.OurEnvironment(),
                [(nothing, 0), (nothing, 1), (log, 2), (writeEnd, ReadyFd)],
                NewSession: true);
            try
            {
                return new KeeperStart(ChildLauncher.Launch(image), readEnd);
            }
            catch
            {
                readEnd.Dispose();
                throw;
            }
        }
    }

    /// <summary>Makes this very process the keeper: in the foreground, as pid 1, or as the main process of a unit.</summary>
    /// <param name="home">See above.</param>
    /// <param name="service">False: <paramref name="words"/> are a command that shows the apps and ends when they do. True: one that ends when they run.</param>
    /// <param name="words">A zd command; it gets our standard streams.</param>
    /// <exception cref="IOException">It did not work, and nothing has changed. There is no other return.</exception>
    public static void BecomeKeeper(string home, bool service, IReadOnlyList<string> words)
    {
        OpenFds.CloseOnExecAllBut([0, 1, 2]);
        string[] arguments =
        [
            .. SelfImage.Named, "keeper", "--home", home, "--open-files", Number(InheritedTraits.Read().OpenFiles ?? 1024), service ? "--service" : "--attend", .. words,
        ];
        SelfReplacement.Exec(arguments[0], arguments, DaemonProcess.OurEnvironment());
    }

    internal static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A start that is under way.</summary>
public sealed class KeeperStart : IDisposable
{
    private readonly FdHandle _pipe;
    private readonly StringBuilder _text = new();

    internal KeeperStart(int keeperPid, FdHandle pipe) => (KeeperPid, _pipe) = (keeperPid, pipe);

    /// <summary>Of the process that was launched; it is gone soon if another keeper was quicker.</summary>
    public int KeeperPid { get; }

    /// <summary>
    /// Waits until a daemon listens: the one that this start brought, or, if another start was quicker, that one's. Should the connection still fail then (that daemon
    /// has died or been stopped meanwhile), start again, a few times at most.
    /// </summary>
    public StartReport Wait(TimeSpan timeout)
    {
        var list = new PollList();
        var deadline = MonotonicClock.Now + timeout;
        while (true)
        {
            list.Clear();
            var readable = list.Add(_pipe, FdInterest.Read);
            list.Wait(deadline - MonotonicClock.Now);
            if (list.Happened(readable) == FdEvents.None)
            {
                if (MonotonicClock.Now >= deadline)
                {
                    return new StartReport(StartOutcome.TimedOut, "");
                }
            }
            else if (Read() is { } report)
            {
                return report;
            }
        }
    }

    /// <summary>Nobody waits for the keeper of this start any more: it would only stand behind another one, and the next start behind it.</summary>
    /// <param name="keeperLock">What the keeper of a home holds; whoever does is left alone.</param>
    public void EndIfUseless(string keeperLock)
    {
        if (InstanceLock.ReadHolder(keeperLock) != KeeperPid)
        {
            _ = Interop.Kill(KeeperPid, Signals.Terminate);
        }
    }

    public void Dispose() => _pipe.Dispose();

    /// <returns>Null as long as the line is not complete.</returns>
    private StartReport? Read()
    {
        Span<byte> buffer = stackalloc byte[1024];
        var read = FdBytes.Read(_pipe, buffer);
        if (read > 0)
        {
            _text.Append(Encoding.UTF8.GetString(buffer[..read]));
        }

        var line = _text.ToString();
        return line.EndsWith('\n') ? Understand(line.TrimEnd('\n'))
            : read > 0 ? null
            : new StartReport(StartOutcome.Failed, "the keeper ended before it could start a daemon; keeper.log in the home folder may say why");
    }

    private static StartReport Understand(string line) => line == ReadyPipe.Ready
        ? new StartReport(StartOutcome.Ready, "")
        : new StartReport(StartOutcome.Failed, line.StartsWith(ReadyPipe.Error, StringComparison.Ordinal) ? line[ReadyPipe.Error.Length..] : line);
}

/// <param name="Outcome">What became of the start.</param>
/// <param name="Line">One line for the user if it failed, else empty.</param>
public sealed record StartReport(StartOutcome Outcome, string Line);

public enum StartOutcome
{
    /// <summary>A daemon listens.</summary>
    Ready,

    /// <summary>It could not start; the line says why.</summary>
    Failed,

    /// <summary>Neither yet.</summary>
    TimedOut,
}
