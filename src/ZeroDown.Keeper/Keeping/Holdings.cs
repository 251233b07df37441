namespace ZeroDown.Keeper;

/// <summary>Everything that outlives a daemon, and that a keeper leaves behind when it is killed or becomes a newer program.</summary>
internal sealed class Holdings(LaunchTable launches)
{
    internal LaunchTable Launches { get; } = launches;

    internal HeldFds Fds { get; } = new();

    internal SparedProcesses Spared { get; } = new();

    internal void GiveBack(DaemonProcess to)
    {
        Fds.GiveBack(to.Outbox);
        Launches.GiveBack();
    }

    internal void Inherit(Inheritance left)
    {
        foreach (var (key, held) in left.Held)
        {
            Fds.Hold(key, held.Kind, held.Fd, held.DiscardedBytes);
        }

        Launches.Inherit(left.Launches);
    }

    internal void Carry(CarriedTable to)
    {
        Fds.Carry(to);
        Launches.Carry(to);
        Spared.Carry(to);
    }
}
