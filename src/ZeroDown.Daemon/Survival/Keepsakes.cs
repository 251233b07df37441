using System.Text.Json;
using ZeroDown.Daemon.Output;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// The little that only the shell knows, that no socket can be asked for and that the core has no use for: left where the next daemon
/// finds it, before anything is done on its strength. All of it is written at each change, and changes are rare: a worker says hello, asks
/// for a socket, gets it.
/// </summary>
/// <param name="remembered">What the last daemon left; null for nothing.</param>
/// <param name="save">Puts it where a kill cannot reach it, whole or not at all. Called under the lock, from any thread.</param>
internal sealed class Keepsakes(byte[]? remembered, Action<ReadOnlyMemory<byte>> save)
{
    private readonly Lock _lock = new();
    private readonly KeepsakesContent _content = Read(remembered);

    /// <summary>For tests, and for a system that has no place to leave anything.</summary>
    public static Keepsakes Nowhere() => new(null, _ => { });

    public ChannelKeepsake? OfChannel(long worker)
    {
        lock (_lock)
            return _content.Channels.GetValueOrDefault(worker);
    }

    /// <param name="worker">Whose channel.</param>
    /// <param name="keepsake">Null: nothing needs to be known of it any more.</param>
    public void OfChannel(long worker, ChannelKeepsake? keepsake) => Change(content => Set(content.Channels, worker, keepsake));

    public ListenerKeepsake? OfListener(string key)
    {
        lock (_lock)
            return _content.Listeners.GetValueOrDefault(key);
    }

    /// <inheritdoc cref="OfChannel(long, ChannelKeepsake?)"/>
    public void OfListener(string key, ListenerKeepsake? keepsake) => Change(content => Set(content.Listeners, key, keepsake));

    /// <summary>Where the output goes that a forgotten worker's children still print.</summary>
    public OutputCourse? OfOrphans(long worker)
    {
        lock (_lock)
            return _content.Orphans.GetValueOrDefault(worker);
    }

    /// <inheritdoc cref="OfChannel(long, ChannelKeepsake?)"/>
    public void OfOrphans(long worker, OutputCourse? course) => Change(content => Set(content.Orphans, worker, course));

    /// <summary>Throws away what belongs to nobody any more.</summary>
    public void Keep(Predicate<long> channelOf, Predicate<string> listener, Predicate<long> orphansOf) => Change(content =>
        Remove(content.Channels, channelOf) | Remove(content.Listeners, listener) | Remove(content.Orphans, orphansOf));

    private void Change(Func<KeepsakesContent, bool> change)
    {
        lock (_lock)
        {
            if (change(_content))
                save(JsonSerializer.SerializeToUtf8Bytes(_content, KeepsakesJson.Default.KeepsakesContent));
        }
    }

    private static bool Set<TKey, T>(Dictionary<TKey, T> into, TKey key, T? value)
        where TKey : notnull
        where T : class
    {
        if (value is null)
            return into.Remove(key);
        if (into.TryGetValue(key, out var known) && known.Equals(value))
            return false;
        into[key] = value;
        return true;
    }

    private static bool Remove<TKey, T>(Dictionary<TKey, T> from, Predicate<TKey> keep)
        where TKey : notnull
    {
        var gone = from.Keys.Where(key => !keep(key)).ToList();
        gone.ForEach(key => from.Remove(key));
        return gone.Count > 0;
    }

    /// <summary>Another version's words cost a drain its finesse, no more: nothing in here decides whether a worker lives.</summary>
    private static KeepsakesContent Read(byte[]? remembered)
    {
        try
        {
            return remembered is null ? new KeepsakesContent() : JsonSerializer.Deserialize(remembered, KeepsakesJson.Default.KeepsakesContent) ?? new KeepsakesContent();
        }
        catch (JsonException)
        {
            return new KeepsakesContent();
        }
    }
}
