using System.Net;

namespace ZeroDown.AspNetCore;

/// <summary>The inherited sockets of this process, who has them, and when accepting may begin.</summary>
internal sealed class WorkerSockets
{
    // A program whose start never ends (a hosted service that waits for its own server) must not be deaf for ever: after this time without
    // a further endpoint, accepting begins.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);
    private static readonly object Creation = new();
    private static WorkerSockets? _instance;

    private readonly object _lock = new();
    private readonly InheritedSockets<WorkerListener> _sockets;
    private readonly TaskCompletionSource _settled = new();
    private long _lastClaim;
    private bool _settling;

    private WorkerSockets(Worker worker)
    {
        Drain = worker.Drain;
        _sockets = new InheritedSockets<WorkerListener>(worker.Environment.SocketDescriptors.Select(InheritedSocket.FromDescriptor).ToList());
        AllBound = Task.WhenAny(worker.Started, _settled.Task);
    }

    public Drain Drain { get; }

    /// <summary>Completes when no further endpoint is expected. Until then no listener accepts, because it may have to give its socket back.</summary>
    public Task AllBound { get; }

    public static WorkerSockets OfThisProcess(Worker worker)
    {
        lock (Creation)
        {
            return _instance ??= new WorkerSockets(worker);
        }
    }

    /// <summary>See <see cref="InheritedSockets{TUser}.Claim"/>.</summary>
    public (EndpointFate Fate, InheritedSocket? Socket, WorkerListener? Displaced) Claim(EndPoint endpoint, WorkerListener listener)
    {
        lock (_lock)
        {
            _lastClaim = Environment.TickCount64;
            if (!_settling)
            {
                _settling = true;
                _ = SettleAsync();
            }

            return _sockets.Claim(endpoint, listener);
        }
    }

    private async Task SettleAsync()
    {
        while (Environment.TickCount64 - Volatile.Read(ref _lastClaim) is var quietMs && quietMs < Settle.TotalMilliseconds)
        {
            await Task.Delay(Settle - TimeSpan.FromMilliseconds(quietMs));
        }

        _settled.TrySetResult();
    }
}
