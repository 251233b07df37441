using ZeroDown.Platform;

namespace ZeroDown.Keeper;

/// <summary>The duplicates that outlive a daemon, by its own names for them.</summary>
internal sealed class HeldFds
{
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>True if there is anything that <see cref="OutputRelief"/> would look at.</summary>
    internal bool HasOutput
    {
        get
        {
            foreach (var entry in _entries.Values)
            {
                if (entry.Kind == HoldKind.Output)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Takes the handle over; one that was there under that key is closed.</summary>
    internal void Hold(string key, HoldKind kind, FdHandle fd, long discarded = 0)
    {
        Release(key);
        _entries[key] = new Entry(key, kind, fd) { Discarded = discarded };
    }

    internal void Release(string key)
    {
        if (_entries.Remove(key, out var entry))
        {
            entry.Fd.Dispose();
        }
    }

    internal void GiveBack(Outbox to)
    {
        foreach (var entry in _entries.Values)
        {
            to.Post(new WireWriter().U8((byte)News.Held).Text(entry.Key).U8((byte)entry.Kind).I64(entry.Discarded), entry.Fd);
        }
    }

    internal void Carry(CarriedTable to)
    {
        foreach (var entry in _entries.Values)
        {
            to.Add(Carried.Held, fields => fields.I32(to.Keep(entry.Fd)).Text(entry.Key).U8((byte)entry.Kind).I64(entry.Discarded));
        }
    }

    /// <summary>One that an earlier image of this very process held.</summary>
    internal void Carry(ref WireReader fields)
    {
        var fd = CarriedTable.Find(fields.I32())!;
        Hold(fields.Text(), (HoldKind)fields.U8(), fd, fields.I64());
    }

    /// <summary>A daemon has written down what was thrown away: one that died before it had would leave nobody who knows.</summary>
    internal void ForgetDiscarded()
    {
        foreach (var entry in _entries.Values)
        {
            entry.Discarded = 0;
        }
    }

    internal Dictionary<string, Entry>.ValueCollection All => _entries.Values;

    internal sealed class Entry(string key, HoldKind kind, FdHandle fd)
    {
        internal string Key { get; } = key;

        internal HoldKind Kind { get; } = kind;

        internal FdHandle Fd { get; } = fd;

        /// <summary>Bytes that were thrown away since a daemon was ready last.</summary>
        internal long Discarded { get; set; }
    }
}
