using ZeroDown.Keeper;

namespace ZeroDown.Daemon.Survival;

/// <summary>The descriptors that the keeper gave back. Whoever knows what one is takes it; what nobody takes is let go.</summary>
internal sealed class Bequest(IReadOnlyDictionary<string, HeldFd> held)
{
    private readonly Dictionary<string, HeldFd> _left = new(held);

    /// <summary>Of those that nobody has taken yet.</summary>
    public IReadOnlyCollection<string> Keys => [.. _left.Keys];

    public bool Has(string key) => _left.ContainsKey(key);

    /// <returns>Null when the keeper did not have it, or somebody has taken it.</returns>
    public HeldFd? Take(string key) => _left.Remove(key, out var held) ? held : null;

    /// <summary>Those of the keys that are there.</summary>
    public IReadOnlyDictionary<string, HeldFd> TakeAll(IEnumerable<string> keys)
    {
        var taken = new Dictionary<string, HeldFd>();
        foreach (var key in keys)
        {
            if (Take(key) is { } held)
                taken[key] = held;
        }

        return taken;
    }

    /// <summary>Closes what is left, with the keeper too.</summary>
    /// <returns>How many there were.</returns>
    public int LetGo(KeeperClient keeper)
    {
        var count = _left.Count;
        foreach (var (key, held) in _left)
        {
            keeper.Release(key);
            held.Fd.Dispose();
        }

        _left.Clear();
        return count;
    }
}
