// A server on bare sockets that can be rolled without losing a request. What ZeroDown asks of it is what systemd asks of a
// socket-activated service, and nothing else:
//
//   1. accept on fd 3 (LISTEN_FDS says how many sockets there are), and never shut that socket down: others accept on it too;
//   2. say READY=1 to NOTIFY_SOCKET once it accepts (with `wait_ready: true`);
//   3. on SIGTERM: stop accepting, finish what is open, exit.
//
// The part that most servers get wrong is the third one: an idle keep-alive connection must not be closed at once, because the client's
// next request may already be on its way. So it stays open, its next answer says "Connection: close", and then it ends.

using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

const int FirstInheritedFd = 3;
var patienceWithIdleConnections = TimeSpan.FromSeconds(20);

if (Environment.GetEnvironmentVariable("LISTEN_FDS") is not { } count || int.Parse(count, null) < 1)
{
    Console.Error.WriteLine("raw-socket accepts on an inherited socket; start it with: zd start ecosystem.yaml");
    return 64;
}

// Not owned: disposing a .NET socket that owns its handle would disturb the listener for everybody who shares it.
using var listener = new Socket(new SafeSocketHandle(FirstInheritedFd, ownsHandle: false));
using var stop = new CancellationTokenSource();
using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    stop.Cancel();
});

var answers = 0;
var connections = new List<Task>();
SayReady();
Console.WriteLine($"raw-socket is listening on {listener.LocalEndPoint}");

while (!stop.IsCancellationRequested)
{
    try
    {
        var connection = await listener.AcceptAsync(stop.Token);
        connections.RemoveAll(task => task.IsCompleted);
        connections.Add(ServeAsync(connection));
    }
    catch (OperationCanceledException)
    {
        // SIGTERM. Connections that nobody has accepted yet stay in the queue for the other workers.
    }
}

Console.WriteLine($"draining {connections.Count(task => !task.IsCompleted)} connections");
await Task.WhenAll(connections);
return 0;

async Task ServeAsync(Socket socket)
{
    using var connection = socket;
    var buffer = new byte[8 * 1024];
    var length = 0;
    try
    {
        while (true)
        {
            int end;
            while ((end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
            {
                var read = await ReceiveAsync(connection, buffer.AsMemory(length));
                if (read == 0)
                    return;
                length += read;
            }

            var close = stop.IsCancellationRequested || buffer.AsSpan(0, end).IndexOf("\r\nConnection: close"u8) >= 0;
            length -= end + 4;
            buffer.AsSpan(end + 4, length).CopyTo(buffer);

            var body = $"here is my voice: Hello World! now is: {DateTime.Now:O} cnt: {Interlocked.Increment(ref answers)} pid: {Environment.ProcessId}\n";
            await connection.SendAsync(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\n{(close ? "Connection: close\r\n" : "")}\r\n{body}"));
            if (close)
            {
                connection.Shutdown(SocketShutdown.Send);
                return;
            }
        }
    }
    catch (Exception e) when (e is SocketException or OperationCanceledException)
    {
        // The client has gone, or did not speak again while we drained.
    }
}

// An idle connection may be idle for ever while we serve; once we drain, its patience is limited.
async Task<int> ReceiveAsync(Socket connection, Memory<byte> buffer)
{
    using var limit = new CancellationTokenSource();
    await using var whenDraining = stop.Token.Register(() => limit.CancelAfter(patienceWithIdleConnections));
    return await connection.ReceiveAsync(buffer, limit.Token);
}

static void SayReady()
{
    if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } path)
        return;
    using var notify = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    notify.SendTo("READY=1"u8, new UnixDomainSocketEndPoint(path));
}
