using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ZeroDown.AspNetCore;

/// <summary>
/// Stands in for Kestrel's socket transport, through public API only. Kestrel asks it to bind each endpoint and never learns that the socket
/// came from the supervisor; so endpoints keep everything that belongs to them (TLS, protocols, limits), which <c>ListenHandle</c> would lose.
/// The accept loop is ours as well, because ending it before the host stops is the first half of a drain.
/// </summary>
internal sealed class WorkerListenerFactory(
    WorkerSockets sockets,
    IOptions<SocketTransportOptions> options,
    ILoggerFactory loggerFactory) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly ILogger _log = loggerFactory.CreateLogger("ZeroDown.AspNetCore");

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint or UnixDomainSocketEndPoint or FileHandleEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new WorkerListener(endpoint, sockets, options.Value, _log);
        var (fate, inherited, displaced) = sockets.Claim(endpoint, listener);
        switch (fate)
        {
            case EndpointFate.Inherits:
                listener.Use(inherited!.Open(), inherited);
                break;
            case EndpointFate.Silent:
                break;
            case EndpointFate.Own:
                listener.Use(Bind(endpoint), inherited: null);
                break;
        }

        if (displaced is not null)
        {
            Relocate(displaced);
        }

        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    // Somebody had the socket by order only, and has not accepted from it yet: listeners begin when all are bound.
    private void Relocate(WorkerListener displaced)
    {
        var (fate, inherited, _) = sockets.Claim(displaced.Requested, displaced);
        switch (fate)
        {
            case EndpointFate.Inherits:
                displaced.Use(inherited!.Open(), inherited);
                break;
            case EndpointFate.Silent:
                displaced.Silence();
                break;
            case EndpointFate.Own:
                displaced.Use(Bind(displaced.Requested), inherited: null);
                break;
        }
    }

    private Socket Bind(EndPoint endpoint)
    {
        Socket socket;
        try
        {
            // The option is where a program hooks in to set socket options of its own.
            socket = options.Value.CreateBoundListenSocket(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }

        socket.Listen(options.Value.Backlog);
        return socket;
    }
}
