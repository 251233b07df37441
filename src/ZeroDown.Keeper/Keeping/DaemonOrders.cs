using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>Reads what the daemon orders, and does it. One that cannot be followed is a line in the log; the next one may be a good one.</summary>
internal sealed class DaemonOrders(DaemonSeat seat, Holdings holdings, Renewal renewal, Ending ending, ChildWatch children)
{
    internal void Obey()
    {
        while (seat.Daemon?.Receive() is { } message)
        {
            using (message)
            {
                try
                {
                    Obey(seat.Daemon, message);
                }
                catch (Exception e) when (e is InvalidDataException or SystemCallException)
                {
                    KeeperLog.Say($"cannot follow an order of the daemon ({NameOf(message)}): {e.Message}");
                }
            }
        }
    }

    /// <summary>What it says of itself, and of both of us; everything else is about workers.</summary>
    private void Obey(DaemonProcess daemon, FdMessage message)
    {
        if (message.LostFds)
        {
            KeeperLog.Say($"too many open files: what the daemon sent with an order ({NameOf(message)}) is lost; raise this process's limit with prlimit --nofile --pid {Environment.ProcessId}");
        }

        var fields = new WireReader(message.Body.Span);
        var order = (Order)fields.U8();
        switch (order)
        {
            case Order.Hello:
                Attach(daemon, fields.I32());
                break;
            case Order.Ready:
                holdings.Fds.ForgetDiscarded();
                seat.BecomeReady(daemon, tookOver: fields.IsAtEnd || fields.Flag());
                break;
            case Order.CannotStart:
                daemon.LastWords = fields.Text();
                daemon.OnlyLacked = !fields.IsAtEnd && fields.Flag();
                break;
            case Order.Beat:
                daemon.Beat();
                break;
            case Order.Update when !ending.IsUnderway:
                renewal.Begin(Update.Read(ref fields));
                seat.MakeRoom(daemon);
                break;
            case Order.Shutdown:
                ending.Begin();
                seat.LockOutOthers();
                break;
            default:
                Obey(order, ref fields, message);
                break;
        }
    }

    private void Obey(Order order, ref WireReader fields, FdMessage message)
    {
        var (launches, held) = (holdings.Launches, holdings.Fds);
        switch (order)
        {
            case Order.Launch:
                launches.Launch(ref fields, message);
                children.Resume();
                break;
            case Order.Adopt:
                launches.Adopt(ref fields, message.FdCount == 1 ? message.Take(0) : null);
                break;
            case Order.OpenGate:
                launches.OpenGate(fields.I64());
                break;
            case Order.Signal:
                launches.Signal(fields.I64(), fields.I64(), fields.I32(), (SignalScope)fields.U8());
                break;
            case Order.Forget:
                launches.Forget(fields.I64());
                break;
            case Order.Hold when message.FdCount == 1:
                held.Hold(fields.Text(), (HoldKind)fields.U8(), message.Take(0));
                break;
            case Order.Release:
                held.Release(fields.Text());
                break;
            case Order.Note:
                launches.Note(fields.I64(), fields.Bytes());
                break;
            case Order.Spare:
                holdings.Spared.Add(ref fields);
                break;
            case Order.Look:
                launches.Look(ref fields);
                break;
        }
    }

    private static string NameOf(FdMessage message) => message.Body.Span is [var order, ..] ? ((Order)order).ToString() : "an empty one";

    private void Attach(DaemonProcess daemon, int version)
    {
        if (version < Contract.OldestVersion)
        {
            var why = $"it speaks version {version} of the contract, this keeper {Contract.OldestVersion} to {KeeperClient.ContractVersion}";
            daemon.LastWords = $"the daemon does not fit to the keeper that runs: {why}";
            daemon.Tell(new WireWriter().U8((byte)News.Refused).Text(why));
            return;
        }

        daemon.IsAttached = true;
        seat.Welcome(daemon);
        holdings.GiveBack(daemon);
        renewal.TellTo(daemon);
        daemon.Tell(new WireWriter().U8((byte)News.EndOfGiveBack));
    }
}
