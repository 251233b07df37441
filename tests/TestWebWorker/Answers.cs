using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;

namespace TestWebWorker;

/// <summary>What can be asked. Plain request delegates, which need neither reflection nor a source generator.</summary>
internal static class Answers
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Map("/", SayWhoAsync);
        routes.Map("/events", StreamEventsAsync);
        routes.Map("/ws", EchoAsync);
        routes.Map("/upload", CountBodyAsync);
        routes.Map("/drip", DripAsync);
        routes.Map("/clears-headers", ClearHeadersAsync);
        routes.Map("/child", ShowChildAsync);
        routes.Map("/environment", context => context.Response.WriteAsync(string.Join('\n',
            Environment.GetEnvironmentVariables().Keys.Cast<string>().Order())));
    }

    private static async Task SayWhoAsync(HttpContext context)
    {
        if (int.TryParse(context.Request.Query["delay"], CultureInfo.InvariantCulture, out var delay))
        {
            await Task.Delay(delay, context.RequestAborted);
        }

        await context.Response.WriteAsync(
            $"pid: {Environment.ProcessId}\nscheme: {context.Request.Scheme}\nlocal: {context.Connection.LocalIpAddress}:{context.Connection.LocalPort}\nversion={Ways.Current}\n");
    }

    private static async Task StreamEventsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        for (var n = 1; ; n++)
        {
            await context.Response.WriteAsync($"data: {n} pid: {Environment.ProcessId}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(100, context.RequestAborted);
        }
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } part)
        {
            await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
    }

    private static async Task CountBodyAsync(HttpContext context)
    {
        var buffer = new byte[4096];
        var total = 0L;
        for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0; total += read)
        {
        }

        await context.Response.WriteAsync($"{total} bytes\n");
    }

    // The head goes out at once, so before a drain that begins while the body drips.
    private static async Task DripAsync(HttpContext context)
    {
        var pieces = int.Parse(context.Request.Query["pieces"]!, CultureInfo.InvariantCulture);
        context.Response.ContentLength = pieces;
        for (var n = 0; n < pieces; n++)
        {
            await context.Response.WriteAsync(".", context.RequestAborted);
            await Task.Delay(100, context.RequestAborted);
        }
    }

    // What an exception handler does before it writes its page; after the request has come in whole, so that a test can hold it up.
    private static async Task ClearHeadersAsync(HttpContext context)
    {
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        context.Response.Clear();
        context.Response.StatusCode = 500;
        await context.Response.WriteAsync("sorry\n");
    }

    private static async Task ShowChildAsync(HttpContext context)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", "ls -l /proc/self/fd; env"]) { RedirectStandardOutput = true };
        using var child = Process.Start(start)!;
        await context.Response.WriteAsync(await child.StandardOutput.ReadToEndAsync());
        await child.WaitForExitAsync();
    }
}
