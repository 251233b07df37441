using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Inspecting;

/// <summary>
/// The inspector of one Node process. Node opens it on SIGUSR1, and says where on its stderr only; but it is a socket of that process that was not
/// there before, and it answers to <c>/json/list</c>. Nothing else of the process is asked: it might be the program's own.
/// </summary>
internal sealed class NodeInspector(int pid)
{
    private const int UsualPort = 9229;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly HashSet<long> _before = [.. Sockets(pid).Select(socket => socket.Inode)];

    /// <summary>The address of one that is open already; null when none is, as far as can be seen.</summary>
    public Task<string?> FindOpenAsync(CancellationToken cancellation) =>
        FirstAsync(Sockets(pid).Where(socket => socket.Address is ListenAddress.Tcp { Port: UsualPort } tcp && IPAddress.IsLoopback(tcp.Address)), cancellation);

    /// <summary>The address of one that is being opened; null when none comes.</summary>
    public async Task<string?> WaitAsync(CancellationToken cancellation)
    {
        for (var waited = TimeSpan.Zero; waited < Patience; waited += Pause)
        {
            if (await FirstAsync(Sockets(pid).Where(socket => !_before.Contains(socket.Inode)), cancellation) is { } url)
                return url;
            await Task.Delay(Pause, cancellation);
        }

        return null;
    }

    private static IReadOnlyList<ListeningSocket> Sockets(int pid) => ListeningSockets.OwnedBy([pid], new HashSet<long>());

    private static async Task<string?> FirstAsync(IEnumerable<ListeningSocket> sockets, CancellationToken cancellation)
    {
        foreach (var socket in sockets)
        {
            if (socket.Address is ListenAddress.Tcp address && await AskAsync(address, cancellation) is { } url)
                return url;
        }

        return null;
    }

    private static async Task<string?> AskAsync(ListenAddress.Tcp address, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            using var client = new Socket(address.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(new IPEndPoint(address.Address, address.Port), limit.Token);
            await client.SendAsync(Encoding.ASCII.GetBytes($"GET /json/list HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"), limit.Token);
            var answer = new MemoryStream();
            var chunk = new byte[4096];
            string? url = null;
            for (int read; url is null && (read = await client.ReceiveAsync(chunk, limit.Token)) > 0;)
            {
                answer.Write(chunk, 0, read);
                url = UrlIn(Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length));
            }

            return url;
        }
        catch (Exception none) when (none is SocketException or OperationCanceledException)
        {
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    private static string? UrlIn(string answer)
    {
        var start = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (start < 0 || !answer.StartsWith("HTTP/1", StringComparison.Ordinal))
            return null;
        try
        {
            using var json = JsonDocument.Parse(answer[start..].Trim());
            return json.RootElement is { ValueKind: JsonValueKind.Array } list && list.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
                && first.TryGetProperty("webSocketDebuggerUrl", out var url)
                    ? url.GetString()
                    : null;
        }
        catch (JsonException)
        {
            return null; // there is more to come
        }
    }
}
