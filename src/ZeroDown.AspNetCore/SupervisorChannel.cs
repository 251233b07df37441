using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ZeroDown.AspNetCore;

/// <summary>
/// Our end of the line to the supervisor: newline-delimited JSON over a stream socket (README, section "channel"). What is not understood is
/// skipped, so that either side may be newer. When it closes, the supervisor is gone and nothing changes: the worker serves on.
/// </summary>
internal sealed class SupervisorChannel : IDisposable
{
    private const int LongestLine = 64 * 1024;

    private readonly Socket _socket;
    private readonly object _writing = new();

    public SupervisorChannel(int descriptor) => _socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));

    public void SayHello() =>
        Send($$$"""{"hello":{"library":"ZeroDown.AspNetCore","version":"{{{typeof(SupervisorChannel).Assembly.GetName().Version?.ToString(3)}}}"}}""");

    public void SayDraining(OpenWork open) => Send($$$"""{"draining":{"requests":{{{open.Requests}}},"idle":{{{open.Idle}}}}}""");

    public void SayDrained() => Send("""{"drained":{}}""");

    /// <summary>Reads until the supervisor is gone.</summary>
    public async Task ListenAsync(Action<DrainOrder> onDrain)
    {
        try
        {
            using var reader = new StreamReader(new NetworkStream(_socket, ownsSocket: false), Encoding.UTF8);
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.Length <= LongestLine && ParseDrain(line) is { } order)
                {
                    onDrain(order);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>The order in <c>{"drain":{"why":…,"idleMs":…,"drainMs":…}}</c>, or null for any other line.</summary>
    internal static DrainOrder? ParseDrain(string line)
    {
        try
        {
            using var message = JsonDocument.Parse(line);
            if (message.RootElement.ValueKind != JsonValueKind.Object
                || !message.RootElement.TryGetProperty("drain", out var drain)
                || drain.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var total = Milliseconds(drain, "drainMs") ?? TimeSpan.FromSeconds(30);
            return new DrainOrder(
                drain.TryGetProperty("why", out var why) && why.ValueKind == JsonValueKind.String ? why.GetString()! : "",
                Milliseconds(drain, "idleMs") ?? total,
                total);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static TimeSpan? Milliseconds(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var ms)
            ? TimeSpan.FromMilliseconds(Math.Clamp(ms, 0, int.MaxValue))
            : null;

    private void Send(string message)
    {
        try
        {
            lock (_writing)
            {
                _socket.Send(Encoding.UTF8.GetBytes(message + "\n"));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }
}
