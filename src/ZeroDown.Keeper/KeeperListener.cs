using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>
/// The thread on which the daemon hears its keeper. When that is gone, it looks after the workers itself: until we have left, or for as long as no other keeper can be
/// started, what becomes of them is still told.
/// </summary>
/// <param name="line">Which.</param>
/// <param name="leaving">Held while everything is given to another keeper: what is on its way must not end under our hands.</param>
/// <param name="handler">Gets every event, one at a time. Must not block and must not throw.</param>
internal sealed class KeeperListener(KeeperLine line, Lock leaving, Action<KeeperEvent> handler)
{
    private readonly PollList _list = new();
    private bool _mustLook;
    private Thread? _thread;

    internal void Start()
    {
        _thread = new Thread(Listen) { IsBackground = true, Name = "keeper" };
        _thread.Start();
    }

    /// <summary>Returns when it has ended, which it does soon after the line was closed; at once on its own thread.</summary>
    internal void Join()
    {
        if (Thread.CurrentThread != _thread)
        {
            _thread?.Join();
        }
    }

    private void Listen()
    {
        while (!line.IsClosed)
        {
            Wait(line.AddTo);
            TellOwnEvents();
            line.Flush();
            if (!Receive())
            {
                GoOnWithoutKeeper();
                return;
            }
        }
    }

    private void GoOnWithoutKeeper()
    {
        line.Note(mirror => mirror.LoseKeeper());
        handler(new KeeperEvent.Lost());
        while (!line.IsClosed)
        {
            Wait(AddOrphansTo);
            TellExits();
            TellOwnEvents();
        }
    }

    private void Wait(Action<PollList> add)
    {
        _list.Clear();
        var wake = _list.Add(line.Wake, FdInterest.Read);
        _mustLook = false;
        add(_list);
        _list.Wait(_mustLook ? PinnedProcess.LookEvery : null);
        if (_list.Happened(wake) != FdEvents.None)
        {
            line.Hush();
        }
    }

    private void AddOrphansTo(PollList list) => line.Note(mirror =>
    {
        foreach (var orphan in mirror.Orphans)
        {
            if (orphan.Pinned!.Handle is { } handle)
            {
                list.Add(handle, FdInterest.Read);
            }
            else
            {
                _mustLook = true; // its end wakes nobody
            }
        }
    });

    private void TellOwnEvents()
    {
        while (line.NextOwnEvent() is { } own)
        {
            Hear(own);
        }
    }

    /// <returns>False when the keeper is gone.</returns>
    private bool Receive()
    {
        while (!line.IsClosed)
        {
            var outcome = line.TryReceive(out var message);
            using (message)
            {
                if (outcome != ReceiveOutcome.Message)
                {
                    return outcome != ReceiveOutcome.Closed;
                }

                if (EventReader.Read(message!.Body.Span) is { } news)
                {
                    Hear(news);
                }
            }
        }

        return true;
    }

    private void TellExits()
    {
        lock (leaving)
        {
            foreach (var (launchId, exit) in line.Ask(mirror => mirror.Exits()))
            {
                Hear(new KeeperEvent.Exited(launchId, exit));
            }
        }
    }

    private void Hear(KeeperEvent news)
    {
        line.Note(mirror => mirror.Hear(news));
        handler(news);
    }
}
