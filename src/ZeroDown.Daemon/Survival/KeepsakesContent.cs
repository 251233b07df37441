using System.Collections.Immutable;
using System.Text.Json.Serialization;
using ZeroDown.Daemon.Output;

namespace ZeroDown.Daemon.Survival;

/// <summary>Everything in <see cref="Keepsakes"/>.</summary>
internal sealed record KeepsakesContent
{
    /// <summary>By worker.</summary>
    public Dictionary<long, ChannelKeepsake> Channels { get; init; } = [];

    /// <summary>By the key under which the keeper holds the socket.</summary>
    public Dictionary<string, ListenerKeepsake> Listeners { get; init; } = [];

    /// <summary>By worker.</summary>
    public Dictionary<long, OutputCourse> Orphans { get; init; } = [];

    /// <summary>See <see cref="Keepsakes.IsAttended"/>.</summary>
    public bool Attended { get; set; }
}

/// <summary>What is to be known of a Node worker's channel.</summary>
internal sealed record ChannelKeepsake
{
    /// <summary>Our preload lives in it: it drains by our word, not by Node's.</summary>
    public bool Preloaded { get; init; }

    /// <summary>It was told to disconnect in Node's way. Told twice, it would close its channel before its connections.</summary>
    public bool Disconnecting { get; init; }

    /// <summary>It was told to end by message.</summary>
    public bool ShuttingDown { get; init; }

    /// <summary>In the middle of a line that is too long to be for us.</summary>
    public bool Skipping { get; init; }

    /// <summary>Answers that found no room yet, oldest first.</summary>
    public ImmutableArray<string> Owed { get; init; } = [];

    public bool Equals(ChannelKeepsake? other) => other is not null
        && (Preloaded, Disconnecting, ShuttingDown, Skipping) == (other.Preloaded, other.Disconnecting, other.ShuttingDown, other.Skipping)
        && Owed.SequenceEqual(other.Owed);

    public override int GetHashCode() => HashCode.Combine(Preloaded, Disconnecting, ShuttingDown, Skipping, Owed.Length);
}

/// <summary>What is to be known of a listening socket beside the socket itself.</summary>
internal sealed record ListenerKeepsake
{
    /// <summary>The mode in which it is kept; null while no worker has decided.</summary>
    public bool? NonBlocking { get; init; }

    /// <summary>By the workers' name for the socket, what goes along when it is handed out.</summary>
    public ImmutableSortedDictionary<string, string> Data { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public bool Equals(ListenerKeepsake? other) => other is not null && NonBlocking == other.NonBlocking && Data.SequenceEqual(other.Data);

    public override int GetHashCode() => HashCode.Combine(NonBlocking, Data.Count);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(KeepsakesContent))]
internal sealed partial class KeepsakesJson : JsonSerializerContext;
