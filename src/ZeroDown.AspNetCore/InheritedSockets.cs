using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace ZeroDown.AspNetCore;

/// <summary>What an endpoint that the program binds becomes.</summary>
internal enum EndpointFate
{
    /// <summary>It listens on an inherited socket.</summary>
    Inherits,

    /// <summary>Its socket is already served by an earlier endpoint: it is bound in name only and never accepts.</summary>
    Silent,

    /// <summary>It has nothing to do with an inherited socket: the program binds it, as it would without us.</summary>
    Own,
}

/// <summary>A listening socket that the supervisor passed.</summary>
/// <param name="Descriptor">Its file descriptor in this process.</param>
/// <param name="Address">Where it listens.</param>
internal sealed record InheritedSocket(int Descriptor, EndPoint Address)
{
    /// <summary>A handle on the same socket that never closes, shuts down or disconnects it: siblings are accepting from it.</summary>
    public Socket Open() => new(new SafeSocketHandle(Descriptor, ownsHandle: false));

    public static InheritedSocket FromDescriptor(int descriptor)
    {
        // The program's children must not keep the port open (Kestrel's own ListenHandle forgets this: aspnetcore#29189).
        CloseOnExec.Set(descriptor);
        using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
        return new InheritedSocket(descriptor, socket.LocalEndPoint!);
    }
}

/// <summary>
/// Decides which endpoint of the program gets which inherited socket, while the program binds one after another and we cannot know what
/// comes next. The same port wins. An endpoint whose port nobody passed takes a free socket *by order* (a program on its default port 5000
/// shall answer on the <c>listen:</c> address), but gives it back when a later endpoint has the socket's own port. Each socket is used once,
/// because two endpoints that accept from one socket would deal connections out at random between, say, http and https.
/// </summary>
/// <typeparam name="TUser">Who uses a socket; told apart by reference.</typeparam>
internal sealed class InheritedSockets<TUser>(IEnumerable<InheritedSocket> sockets)
    where TUser : class
{
    private readonly Slot[] _slots = [.. sockets.Select(socket => new Slot(socket))];

    public int Count => _slots.Length;

    public IEnumerable<InheritedSocket> Unused => _slots.Where(slot => slot.User is null).Select(slot => slot.Socket);

    /// <summary>Decides for one endpoint; <c>Displaced</c> is who had the socket by order and needs another one now.</summary>
    public (EndpointFate Fate, InheritedSocket? Socket, TUser? Displaced) Claim(EndPoint endpoint, TUser user)
    {
        var own = _slots.Where(slot => Likeness(slot.Socket, endpoint) > 0)
            .OrderByDescending(slot => Likeness(slot.Socket, endpoint))
            .ToList();
        if (own.Find(slot => slot.User is null || slot.ByOrder) is { } match)
        {
            var displaced = match.User;
            match.Take(user, endpoint, byOrder: false);
            return (EndpointFate.Inherits, match.Socket, displaced);
        }

        // "localhost" binds 127.0.0.1 and ::1; the second of them is the first one's twin, whatever socket that one got.
        if (own.Count > 0 || Array.Exists(_slots, slot => slot.Endpoint is { } first && SamePort(first, endpoint)))
        {
            return (EndpointFate.Silent, null, null);
        }

        // A handle is a demand for exactly this socket, and one that nobody passed to us is the program's own affair.
        if (endpoint is not FileHandleEndPoint && Array.Find(_slots, slot => slot.User is null) is { } free)
        {
            free.Take(user, endpoint, byOrder: true);
            return (EndpointFate.Inherits, free.Socket, null);
        }

        return (EndpointFate.Own, null, null);
    }

    /// <summary>True when <paramref name="user"/> has its socket only until an endpoint with the socket's own port turns up.</summary>
    public bool HasByOrder(TUser user) => Array.Exists(_slots, slot => slot.User == user && slot.ByOrder);

    private static int Likeness(InheritedSocket socket, EndPoint endpoint) => (socket.Address, endpoint) switch
    {
        (_, FileHandleEndPoint handle) => handle.FileHandle == (ulong)socket.Descriptor ? 3 : 0,
        (IPEndPoint a, IPEndPoint b) when a.Port == b.Port => a.Address.Equals(b.Address) ? 3 : a.AddressFamily == b.AddressFamily ? 2 : 1,
        (UnixDomainSocketEndPoint a, UnixDomainSocketEndPoint b) when a.ToString() == b.ToString() => 3,
        _ => 0,
    };

    private static bool SamePort(EndPoint a, EndPoint b) => (a, b) switch
    {
        (IPEndPoint x, IPEndPoint y) => x.Port == y.Port && x.Port != 0,
        _ => false,
    };

    private sealed class Slot(InheritedSocket socket)
    {
        public InheritedSocket Socket { get; } = socket;

        public TUser? User { get; private set; }

        public EndPoint? Endpoint { get; private set; }

        public bool ByOrder { get; private set; }

        public void Take(TUser user, EndPoint endpoint, bool byOrder) => (User, Endpoint, ByOrder) = (user, endpoint, byOrder);
    }
}
