using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace ZeroDown.AspNetCore;

/// <summary>
/// The outermost middleware: tells the drain when requests begin and end, and puts the last word on answers during a drain.
/// </summary>
internal sealed class RequestTracking(Worker worker) : IStartupFilter
{
    private readonly Drain _drain = worker.Drain;

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(inner => context => TrackAsync(context, inner));
        next(app);
    };

    private async Task TrackAsync(HttpContext context, RequestDelegate inner)
    {
        var connection = context.Features.Get<WorkerConnection>();
        if (connection is null)
        {
            _drain.BeginRequestElsewhere();
            try
            {
                await inner(context);
            }
            finally
            {
                _drain.EndRequestElsewhere();
            }

            return;
        }

        var http2 = !context.Request.Protocol.StartsWith("HTTP/1", StringComparison.Ordinal);
        if (!http2)
        {
            // Asked when the head is written, so an answer that began before the drain says it too. Callbacks run last in, first out:
            // being the first we speak last, also after an error handler that cleared the headers.
            context.Response.OnStarting(SayClose, context);
        }

        connection.BeginRequest(http2);
        try
        {
            await inner(context);
            while (http2 && !context.RequestAborted.IsCancellationRequested && connection.GoAwayHoldMs() is var hold and > 0)
            {
                await HoldStreamOpenAsync(context, hold);
            }
        }
        finally
        {
            connection.EndRequest();
        }
    }

    // A header rather than IConnectionLifetimeNotificationFeature.RequestClose(): called while the connection has just fallen idle, that one
    // closes it at once, and a request that is on its way with it.
    private Task SayClose(object state)
    {
        var response = ((HttpContext)state).Response;
        if (_drain.IsDraining && response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            response.Headers.Connection = "close";
        }

        return Task.CompletedTask;
    }

    private static async Task HoldStreamOpenAsync(HttpContext context, int holdMs)
    {
        try
        {
            await Task.Delay(holdMs, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
        }
    }
}
