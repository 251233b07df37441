using System.Globalization;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>The daemon's part when its keeper was killed: it starts another one, detached, and gives it everything.</summary>
/// <remarks>
/// A keeper cannot have this daemon as its child, so the daemon leaves when the new keeper has it all, and the new keeper starts the next daemon by the ordinary path, which
/// takes over as after any death of a daemon. One way for everything.
/// </remarks>
internal static class SuccessorStart
{
    private const int ChannelNumber = 3;

    /// <summary>Opening gates may have to be waited for, and a keeper that a CLI has started meanwhile has to find out that it is second.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="home">The home folder.</param>
    /// <param name="self">Program and leading arguments of zd.</param>
    /// <param name="more">Further arguments of `zd keeper`.</param>
    /// <param name="keeper">What the dead one had said of itself.</param>
    /// <param name="estate">What it held.</param>
    /// <exception cref="IOException">There is no new keeper; the message is for people.</exception>
    /// <exception cref="SystemCallException">The same: out of processes, memory or descriptors.</exception>
    internal static void Run(string home, IReadOnlyList<string> self, IReadOnlyList<string> more, KeeperFields keeper, Estate estate)
    {
        var (ours, theirs) = FdChannel.CreatePair();
        using (ours)
        {
            int pid;
            using (theirs)
            {
                pid = Launch(home, self, more, keeper, theirs.Handle);
            }

            try
            {
                Give(ours, keeper, estate);
            }
            catch
            {
                // It is our child: nobody else has reaped it, so the number is still its own.
                _ = Interop.Kill(pid, Signals.Kill);
                _ = Reaper.Reap(pid);
                throw;
            }
        }
    }

    private static int Launch(string home, IReadOnlyList<string> self, IReadOnlyList<string> more, KeeperFields keeper, FdHandle channel)
    {
        List<string> arguments = [.. self, "keeper", "--home", home, "--successor-fd", Number(ChannelNumber), "--predecessor", Number(Environment.ProcessId)];
        if (keeper.OpenFiles is { } openFiles)
        {
            arguments.AddRange(["--open-files", Number(openFiles)]);
        }

        if (keeper.OomScoreAdjust is { } score)
        {
            arguments.AddRange(["--oom-score", Number(score)]);
        }

        using var nothing = FdHandle.OpenNull();
        using var log = KeeperLog.Open(home);
        return ChildLauncher.Launch(new ChildImage(
            self[0], [.. arguments, .. more], DaemonProcess.OurEnvironment(), [(nothing, 0), (nothing, 1), (log, 2), (channel, ChannelNumber)], NewSession: true));
    }

    private static void Give(FdChannel channel, KeeperFields keeper, Estate estate)
    {
        using var outbox = new Outbox(channel);
        var deadline = MonotonicClock.Now + Patience;
        outbox.Post(keeper.Write(New(News.Welcome)));
        foreach (var (key, kind, fd) in estate.Held)
        {
            try
            {
                outbox.Post(New(News.Held).Text(key).U8((byte)kind).I64(0), fd);
                WaitForRoom(channel, outbox, deadline);
            }
            catch (ObjectDisposedException)
            {
                // It ended this moment, on another thread; its release would have come next.
            }
        }

        foreach (var (record, pinned) in estate.Launches)
        {
            outbox.Post(New(News.Kept).Kept(record), pinned?.Handle is { } pidFd ? [pidFd] : []);
            WaitForRoom(channel, outbox, deadline);
        }

        outbox.Post(New(News.EndOfGiveBack));
        WaitUntilTaken(channel, outbox, deadline);
    }

    /// <summary>A message that waits keeps duplicates of its descriptors, and for hundreds of them there may be no room: so no more than one waits.</summary>
    private static void WaitForRoom(FdChannel channel, Outbox outbox, TimeSpan deadline)
    {
        var list = new PollList();
        while (outbox.HasWaiting && !outbox.IsClosed && MonotonicClock.Now < deadline)
        {
            list.Clear();
            list.Add(channel.Handle, FdInterest.Write);
            list.Wait(deadline - MonotonicClock.Now);
            outbox.Flush();
        }
    }

    private static void WaitUntilTaken(FdChannel channel, Outbox outbox, TimeSpan deadline)
    {
        var list = new PollList();
        while (MonotonicClock.Now < deadline)
        {
            outbox.Flush();
            var outcome = channel.TryReceive(out var message);
            using (message)
            {
                if (message is not null && message.Body.Span is [(byte)SuccessorWord.Taken, ..])
                {
                    return;
                }
            }

            if (outcome == ReceiveOutcome.Closed)
            {
                throw new IOException("the new keeper ended before it had taken over; keeper.log in the home folder may say why");
            }

            list.Clear();
            list.Add(channel.Handle, outbox.HasWaiting ? FdInterest.Read | FdInterest.Write : FdInterest.Read);
            list.Wait(deadline - MonotonicClock.Now);
        }

        throw new IOException($"the new keeper has not taken over for {Patience.TotalSeconds} s");
    }

    private static WireWriter New(News news) => new WireWriter().U8((byte)news);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Everything that a keeper which was killed had held, as its daemon knows it.</summary>
/// <param name="Held">The handles stay the daemon's.</param>
/// <param name="Launches">Pinned if they live.</param>
internal sealed record Estate(IReadOnlyList<(string Key, HoldKind Kind, FdHandle Fd)> Held, IReadOnlyList<(KeptRecord Record, PinnedProcess? Pinned)> Launches);
