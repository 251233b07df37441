using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using ZeroDown.Daemon.Output;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Survival;

/// <summary>
/// The little that only the shell knows, that no socket can be asked for and that the core has no use for: left where the next daemon
/// finds it, before anything is done on its strength. All of it is written at each change, and changes are rare: a worker says hello, asks
/// for a socket, gets it.
/// </summary>
internal sealed class Keepsakes : IDisposable
{
    /// <summary>Under which the keeper holds them.</summary>
    public const string Key = "keepsakes";

    private readonly Lock _lock = new();
    private readonly SealedMemory _memory;
    private readonly KeepsakesContent _content;

    private Keepsakes(SealedMemory memory) => (_memory, _content) = (memory, Read(memory.Read()));

    /// <summary>For the keeper to hold.</summary>
    public FdHandle Handle => _memory.Handle;

    public static Keepsakes Create() => new(SealedMemory.Create("zd-keepsakes"));

    /// <summary>Goes on with what a daemon left that is gone.</summary>
    /// <param name="handle">Owned from now on.</param>
    public static Keepsakes Continue(FdHandle handle) => new(SealedMemory.Continue(handle));

    /// <summary>Somebody follows who must miss nothing, or did a moment ago.</summary>
    public bool IsAttended
    {
        get
        {
            lock (_lock)
                return _content.Attended;
        }
        set => Change(content =>
        {
            var changed = content.Attended != value;
            content.Attended = value;
            return changed;
        });
    }

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
    public void Keep(Predicate<long> channelOf, Predicate<long> orphansOf) => Change(content =>
        Remove(content.Channels, channelOf) | Remove(content.Orphans, orphansOf));

    private void Change(Func<KeepsakesContent, bool> change)
    {
        lock (_lock)
        {
            if (!change(_content))
                return;
            var slot = new ArrayBufferWriter<byte>();
            slot.Write(stackalloc byte[SealedMemory.HeaderLength]);
            using (var json = new Utf8JsonWriter(slot))
                JsonSerializer.Serialize(json, _content, KeepsakesJson.Default.KeepsakesContent);
            try
            {
                _memory.Write(MemoryMarshal.AsMemory(slot.WrittenMemory).Span);
            }
            catch (SystemCallException)
            {
                // Not even that much memory is left. What stood there stands, and the next change tries again.
            }
        }
    }

    public void Dispose() => _memory.Dispose();

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
