using System.Buffers;
using System.Globalization;
using System.Text.Json;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// The words on <c>NODE_CHANNEL_FD</c>, one JSON value per line: those of Node's own channel and cluster protocol, as its primary and
/// its workers speak it, and our preload's. A program may send whatever it likes there; what is not for us is not even parsed.
/// </summary>
internal static class NodeMessages
{
    private const string Cluster = "NODE_CLUSTER";
    private const int UdpReuseAddress = 4;
    private const int Ipv6Only = 1;

    /// <summary>What the line says to us; null when it is the program's own business.</summary>
    public static NodeMessage? Parse(ReadOnlySpan<byte> line)
    {
        if (line.SequenceEqual("\"ready\""u8))
            return new NodeMessage.Ready();
        if (line.IndexOf("\"NODE_"u8) < 0)
            return null;
        try
        {
            using var json = JsonDocument.Parse(line.ToArray());
            return json.RootElement.ValueKind == JsonValueKind.Object && Text(json.RootElement, "cmd") is { } command ? Parse(command, json.RootElement) : null;
        }
        catch (JsonException problem)
        {
            return new NodeMessage.Nonsense(problem.Message);
        }
        catch (InvalidOperationException)
        {
            // Text that is JSON and no Unicode: half of a surrogate pair.
            return new NodeMessage.Nonsense("a text in it is not Unicode");
        }
    }

    /// <summary>The answer to a question for a socket; the socket itself goes with it.</summary>
    /// <param name="ask">The question.</param>
    /// <param name="datagrams">It is a UDP socket.</param>
    /// <param name="data">What the first who asked for it sent along, as JSON; null for nothing.</param>
    public static byte[] HandOver(ListenAsk ask, bool datagrams, string? data) => Line(json =>
    {
        json.WriteStartObject();
        json.WriteString("cmd", "NODE_HANDLE");
        json.WriteString("type", datagrams ? "dgram.Native" : "net.Native");
        json.WritePropertyName("msg");
        Answer(json, ask, 0, data);
        json.WriteEndObject();
    });

    /// <summary>The answer to a question for a socket that cannot be had.</summary>
    /// <param name="ask">The question.</param>
    /// <param name="errno">The kernel's number, positive.</param>
    public static byte[] Refuse(ListenAsk ask, int errno) => Line(json => Answer(json, ask, -errno, ask.Data));

    /// <summary>The answer to everything that only wants one.</summary>
    public static byte[] Acknowledge(long seq) => Line(json =>
    {
        json.WriteStartObject();
        json.WriteString("cmd", Cluster);
        json.WriteNumber("ack", seq);
        json.WriteEndObject();
    });

    /// <summary>The answer to a socket that the worker sent.</summary>
    public static byte[] HandleTaken() => Line(json =>
    {
        json.WriteStartObject();
        json.WriteString("cmd", "NODE_HANDLE_ACK");
        json.WriteEndObject();
    });

    /// <summary>Node's own way to make a worker of a cluster let go: it closes its servers and then the channel.</summary>
    public static byte[] Disconnect() => Line(json =>
    {
        json.WriteStartObject();
        json.WriteString("cmd", Cluster);
        json.WriteString("act", "disconnect");
        json.WriteEndObject();
    });

    /// <summary>Our preload's way: nothing new, what is open goes on, then it closes the channel.</summary>
    /// <param name="order">Why, and how long.</param>
    /// <param name="signal">The stop signal that will follow: once the program's handler of it has run, nothing of the preload keeps the process alive.</param>
    /// <param name="stay">It keeps the channel open for the message that ends it, and says instead that it has let go.</param>
    public static byte[] Drain(DrainOrder order, string signal, bool stay) => Line(json =>
    {
        json.WriteStartObject();
        json.WriteString("cmd", "NODE_ZD_DRAIN");
        json.WriteString("why", DrainMessages.Why(order.Reason));
        json.WriteNumber("idleMs", (long)order.Idle.TotalMilliseconds);
        json.WriteNumber("drainMs", (long)order.Limit.TotalMilliseconds);
        json.WriteString("signal", signal);
        if (stay)
            json.WriteBoolean("stay", true);
        json.WriteEndObject();
    });

    /// <summary>pm2's <c>shutdown_with_message</c>.</summary>
    public static byte[] Shutdown() => Line(json => json.WriteStringValue("shutdown"));

    private static NodeMessage? Parse(string command, JsonElement json) => command switch
    {
        Cluster => ParseCluster(json),
        "NODE_HANDLE" => new NodeMessage.SendsHandle(),
        "NODE_HANDLE_ACK" => new NodeMessage.HandleTaken(),
        "NODE_HANDLE_NACK" => new NodeMessage.HandleLost(),
        "NODE_ZD_HELLO" => new NodeMessage.Hello(Text(json, "version")),
        "NODE_ZD_DRAINED" => new NodeMessage.Drained(),
        "NODE_ZD_DRAINING" => new NodeMessage.Draining(Count(json, "requests"), Count(json, "idle")),
        _ => null,
    };

    private static NodeMessage? ParseCluster(JsonElement json)
    {
        var act = Text(json, "act");
        var seq = Number(json, "seq");
        return act switch
        {
            "online" => new NodeMessage.Online(),
            "queryServer" when seq is { } number => new NodeMessage.Asks(Ask(json, number)),
            "listening" => new NodeMessage.Listening(Point(json)),
            "close" => Text(json, "key") is { } key ? new NodeMessage.Closed(key) : new NodeMessage.Nonsense("it closes a server and does not say which"),
            "exitedAfterDisconnect" when seq is { } number => new NodeMessage.LeavesByItself(number),
            "queryServer" or "exitedAfterDisconnect" => new NodeMessage.Nonsense($"its {act} has no number"),
            // An acknowledgement wants none: two that acknowledge each other would never end.
            _ when json.TryGetProperty("ack", out _) => null,
            _ => seq is { } number ? new NodeMessage.WantsAnswer(number) : null,
        };
    }

    private static ListenAsk Ask(JsonElement json, long seq)
    {
        var point = Point(json);
        var flags = Number(json, "flags") ?? 0;
        var datagrams = point.Kind is "udp4" or "udp6";
        return new ListenAsk(seq, point)
        {
            Backlog = Number(json, "backlog") is > 0 and <= int.MaxValue and var backlog ? (int)backlog : ListenerSpec.DefaultBacklog,
            V6Only = (flags & Ipv6Only) != 0,
            Reuse = datagrams && (flags & UdpReuseAddress) != 0,
            Writable = json.TryGetProperty("writableAll", out var writable) && writable.ValueKind == JsonValueKind.True,
            Data = json.TryGetProperty("data", out var data) && data.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? data.GetRawText() : null,
        };
    }

    private static ListenPoint Point(JsonElement json) => new(
        Text(json, "address"),
        Small(json, "port"),
        json.TryGetProperty("addressType", out var kind) ? kind.ValueKind switch
        {
            JsonValueKind.String => kind.GetString(),
            JsonValueKind.Number => kind.GetRawText(),
            _ => null,
        } : null,
        // A UDP socket that names an address says -1.
        Small(json, "fd") is >= 0 and var fd ? fd : null,
        Small(json, "index") ?? 0);

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A whole number; the port of a UDP socket may come as a text.</summary>
    private static long? Number(JsonElement json, string name)
    {
        if (!json.TryGetProperty(name, out var value))
            return null;
        return value.ValueKind switch
        {
            JsonValueKind.Number when value.TryGetInt64(out var number) => number,
            JsonValueKind.String when long.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
            _ => null,
        };
    }

    private static int? Small(JsonElement json, string name) => Number(json, name) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : null;

    private static int Count(JsonElement json, string name) => Small(json, name) is > 0 and var count ? count : 0;

    private static void Answer(Utf8JsonWriter json, ListenAsk ask, int errno, string? data)
    {
        json.WriteStartObject();
        json.WriteString("cmd", Cluster);
        json.WriteNumber("ack", ask.Seq);
        json.WriteString("key", ask.Point.Key);
        json.WriteNumber("errno", errno);
        json.WritePropertyName("data");
        if (data is null)
            json.WriteNullValue();
        else
            json.WriteRawValue(data);
        json.WriteEndObject();
    }

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            write(json);
        return [.. buffer.WrittenSpan, (byte)'\n'];
    }
}
