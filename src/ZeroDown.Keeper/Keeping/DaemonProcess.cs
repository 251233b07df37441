using System.Collections;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Keeper;

/// <summary>One daemon, from its start until it is reaped: its pid, its channel, and how long it may owe an answer.</summary>
internal sealed class DaemonProcess : IDisposable
{
    /// <summary>A daemon under the JIT on a busy machine takes seconds until it listens.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    /// <summary>The old program waits to go on.</summary>
    private static readonly TimeSpan UpdatePatience = TimeSpan.FromSeconds(30);

    private readonly FdChannel _channel;
    private readonly TimeSpan _patience;
    private readonly Patience _untilReady;
    private Patience? _untilAnswer;
    private Patience? _untilReaped;
    private Patience? _untilGone;
    private TimeSpan _nextQuestion;
    private bool _isGivenUp;
    private bool _isAskedToEnd;

    private DaemonProcess(int pid, FdChannel channel, Update? update, TimeSpan now, TimeSpan patience)
    {
        (Pid, _channel, Update, _patience, StartedAt) = (pid, channel, update, patience, now);
        _untilReady = new Patience(update is not null ? UpdatePatience : StartPatience, now);
        Outbox = new Outbox(channel);
    }

    internal int Pid { get; }

    internal TimeSpan StartedAt { get; }

    internal FdHandle Handle => _channel.Handle;

    internal Outbox Outbox { get; }

    /// <summary>It has said hello and has got everything back.</summary>
    internal bool IsAttached { get; set; }

    /// <summary>It listens.</summary>
    internal bool IsReady { get; private set; }

    /// <summary>It has closed its end, or speaks nonsense.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>The update that it was started for, whose program has yet to prove itself by it.</summary>
    internal Update? Update { get; }

    /// <summary>It was killed because it owed us an answer.</summary>
    internal bool WasOverdue { get; set; }

    /// <summary>Why it cannot start, in its own words.</summary>
    internal string? LastWords { get; set; }

    /// <summary>Because something was lacking that may come back: room, memory, a disk that can be written.</summary>
    internal bool OnlyLacked { get; set; }

    private TimeSpan Interval => _patience / 4;

    /// <param name="options">The keeper's.</param>
    /// <param name="program">Of which it is to be; null: of the keeper's own.</param>
    /// <param name="update">See <see cref="Update"/>.</param>
    /// <param name="now">CLOCK_MONOTONIC.</param>
    /// <exception cref="SystemCallException">Out of processes, memory or descriptors, or the program cannot be executed.</exception>
    internal static DaemonProcess Start(KeeperOptions options, IReadOnlyList<string>? program, Update? update, TimeSpan now)
    {
        KeeperLog.KeepShort(options.Home);
        var (ours, theirs) = FdChannel.CreatePair();
        try
        {
            using var nothing = FdHandle.OpenNull();
            var command = program is not null ? [.. program, "daemon"] : options.DaemonCommand ?? [.. SelfImage.Named, "daemon"];
            var image = new ChildImage(
                command[0],
                [.. command, "--home", options.Home],
                OurEnvironment(),
                [(nothing, 0), (nothing, 1), (KeeperLog.Stderr, 2), (theirs.Handle, KeeperClient.ChannelNumber)],
                NewSession: true);
            return new DaemonProcess(ChildLauncher.Launch(image), ours, update, now, options.Patience);
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

    /// <summary>One that an earlier image of this very process started.</summary>
    internal static DaemonProcess Carried(ref WireReader from, FdHandle channel, TimeSpan now, TimeSpan patience)
    {
        var (pid, startedAt) = (from.I32(), TimeSpan.FromTicks(from.I64()));
        var daemon = new DaemonProcess(pid, new FdChannel(channel), null, startedAt, patience) { IsAttached = from.Flag() };
        if (from.Flag())
        {
            daemon.BecomeReady(now);
        }

        return daemon;
    }

    internal WireWriter Carry(WireWriter to) => to.I32(Pid).I64(StartedAt.Ticks).Flag(IsAttached).Flag(IsReady);

    internal static List<string> OurEnvironment()
    {
        List<string> environment = [];
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            environment.Add($"{variable.Key}={variable.Value}");
        }

        return environment;
    }

    internal void BecomeReady(TimeSpan now)
    {
        IsReady = true;
        _nextQuestion = now + Interval;
    }

    /// <summary>It has answered.</summary>
    internal void Beat() => _untilAnswer = null;

    /// <returns>Null when there is nothing to take now, or ever again (<see cref="IsClosed"/>).</returns>
    internal FdMessage? Receive()
    {
        while (!IsClosed)
        {
            try
            {
                var outcome = _channel.TryReceive(out var message, alsoWithoutFds: true);
                if (outcome == ReceiveOutcome.Closed)
                {
                    IsClosed = true;
                    _untilReaped = new Patience(_patience, MonotonicClock.Now);
                }

                return message;
            }
            catch (InvalidDataException e)
            {
                // Out of descriptors on our side, or a broken peer; either way the next message may be a good one.
                KeeperLog.Say($"dropped a message of the daemon: {e.Message}");
            }
        }

        return null;
    }

    /// <summary>Dropped as long as it has not said hello: the give-back will tell it.</summary>
    internal void Tell(WireWriter news)
    {
        if (IsAttached || LastWords is not null)
        {
            Outbox.Post(news);
        }
    }

    /// <summary>As soon as it can hear that, and once.</summary>
    internal void AskToEnd()
    {
        if (IsAttached && !_isAskedToEnd)
        {
            _isAskedToEnd = true;
            Tell(new WireWriter().U8((byte)News.ShutdownRequested));
        }
    }

    /// <summary>Asks, when it is time, whether its loop still turns.</summary>
    internal void AskIfDue(TimeSpan now)
    {
        if (IsReady && !IsClosed && !_isGivenUp && _untilAnswer is null && now >= _nextQuestion)
        {
            _untilAnswer = new Patience(_patience, now);
            _nextQuestion = now + Interval;
            Outbox.Post(new WireWriter().U8((byte)News.BeatWanted));
        }
    }

    /// <summary>When <see cref="IsOverdue"/> or <see cref="AskIfDue"/> want to be called next.</summary>
    internal TimeSpan NextDeadline => _isGivenUp ? TimeSpan.MaxValue : Waiting?.Next ?? _nextQuestion;

    /// <summary>It owes us an answer for too long: it hangs.</summary>
    internal bool IsOverdue(TimeSpan now) => !_isGivenUp && Waiting?.IsOver(now) == true;

    /// <summary>It has said that it leaves.</summary>
    internal void ExpectEnd(TimeSpan now) => _untilGone = new Patience(_patience, now);

    /// <summary>From now on it only has to be reaped.</summary>
    internal void Kill()
    {
        _ = Interop.Kill(Pid, Signals.Kill);
        _isGivenUp = true;
    }

    /// <summary>What it owes us; null: nothing.</summary>
    private Patience? Waiting => _untilGone ?? _untilAnswer ?? _untilReaped ?? (IsReady ? null : _untilReady);

    public void Dispose()
    {
        Outbox.Dispose();
        _channel.Dispose();
    }
}
