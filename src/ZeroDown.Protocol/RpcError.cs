namespace ZeroDown.Protocol;

/// <summary>Error codes of JSON-RPC 2.0, and ours in the range that it leaves to servers.</summary>
public static class RpcError
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;

    /// <summary>A bug in the daemon; its log has the rest.</summary>
    public const int InternalError = -32603;

    /// <summary>The daemon understood and says no.</summary>
    public const int Refused = -32000;

    /// <summary>CLI and daemon are of different versions.</summary>
    public const int OtherVersion = -32001;

    /// <summary>The client took the request back.</summary>
    public const int Cancelled = -32800;
}

/// <summary>Thrown by a request's handler in the daemon when the answer is no; thrown by the client's proxy when the
/// daemon answered with an error object. The message is for people.</summary>
public sealed class DaemonRefusedException(string message, int code = RpcError.Refused) : Exception(message)
{
    public int Code { get; } = code;
}

/// <summary>The connection ended before the answer came.</summary>
public sealed class DaemonLeftException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Nobody can be asked.</summary>
public sealed class DaemonUnreachableException(UnreachableReason reason, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public UnreachableReason Reason { get; } = reason;
}

public enum UnreachableReason
{
    /// <summary>There is no pipe: no daemon was started, or it was stopped properly.</summary>
    NobodyHome,

    /// <summary>There is a pipe and nobody behind it: the daemon died; its keeper may be starting the next one.</summary>
    StalePipe,

    /// <summary>The pipe or its folder belongs to another user.</summary>
    NotPermitted,
}
