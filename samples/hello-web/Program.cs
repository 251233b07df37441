// A small web service without one line for its supervisor: no graceful shutdown, no socket passing, no readiness.

using System.Globalization;
using System.Net.WebSockets;

var builder = WebApplication.CreateBuilder(args);
var app = builder.Build();
var count = 0;

app.UseWebSockets();

app.MapGet("/", async (int? delay, CancellationToken aborted) =>
{
    await Task.Delay(delay ?? 0, aborted);
    var now = DateTime.Now.ToString("O", CultureInfo.InvariantCulture);
    return $"here is my voice: Hello World! now is: {now} cnt: {Interlocked.Increment(ref count)} pid: {Environment.ProcessId}\n";
});

// Server-sent events, one per second, for as long as the client listens.
app.MapGet("/events", async (HttpContext context) =>
{
    context.Response.ContentType = "text/event-stream";
    for (var n = 1; ; n++)
    {
        await context.Response.WriteAsync($"data: {n} from {Environment.ProcessId}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(1000, context.RequestAborted);
    }
});

// Says everything back.
app.Map("/ws", async (HttpContext context) =>
{
    if (!context.WebSockets.IsWebSocketRequest)
    {
        context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
        return;
    }

    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var buffer = new byte[4096];
    while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } part)
    {
        await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, context.RequestAborted);
    }

    await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
});

// A long download: so many megabytes at so many megabytes per second.
app.MapGet("/download", async (HttpContext context, int mb = 10, double rate = 1) =>
{
    const int piecesPerMegabyte = 16;
    var piece = new byte[1024 * 1024 / piecesPerMegabyte];
    var pieces = mb * piecesPerMegabyte;
    context.Response.ContentLength = (long)piece.Length * pieces;
    context.Response.ContentType = "application/octet-stream";
    for (var n = 0; n < pieces; n++)
    {
        await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        await Task.Delay(TimeSpan.FromSeconds(1 / (rate * piecesPerMegabyte)), context.RequestAborted);
    }
});

app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine("listening"));
app.Run();
