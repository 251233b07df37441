namespace ZeroDown.Daemon.Workers;

/// <summary>
/// Cuts what has arrived on a Node channel into lines and these into messages. The bytes are only looked at: what the answer does
/// not tell to take is seen again, with more behind it.
/// </summary>
/// <param name="skipping">It begins in the middle of a line that is to be passed over.</param>
internal sealed class NodeLines(bool skipping = false)
{
    /// <summary>No message for us is longer. A program may send longer ones to its parent; they are passed over.</summary>
    public const int LongestLine = 64 * 1024;

    /// <summary>How Node begins a message of the program's that a handle goes along with. Until somebody says that the handle has come, it sends nothing else.</summary>
    private static readonly byte[] WithHandle = [.. "{\"cmd\":\"NODE_HANDLE\","u8];

    /// <summary>In the middle of a line that is passed over.</summary>
    public bool Skipping { get; private set; } = skipping;

    /// <summary>A line was too long to be for us; said until it is asked for.</summary>
    public bool WasTooLong { get; private set; }

    /// <param name="seen">From the first byte that was not taken yet.</param>
    /// <param name="messages">Gets the messages for us, in order.</param>
    /// <returns>How many bytes are to be taken once the messages are dealt with.</returns>
    public int Look(ReadOnlySpan<byte> seen, List<NodeMessage> messages)
    {
        var taken = 0;
        if (Skipping)
        {
            var end = seen.IndexOf((byte)'\n');
            if (end < 0)
                return seen.Length;
            Skipping = false;
            taken = end + 1;
        }

        while (seen[taken..].IndexOf((byte)'\n') is >= 0 and var length)
        {
            if (NodeMessages.Parse(seen.Slice(taken, length)) is { } message)
                messages.Add(message);
            taken += length + 1;
        }

        if (taken > 0 || seen.Length < LongestLine)
            return taken;
        Skipping = true;
        WasTooLong = true;
        if (seen.StartsWith(WithHandle))
            messages.Add(new NodeMessage.SendsHandle());
        return seen.Length;
    }
}
