namespace LoadClient;

/// <summary>How a request failed. There is no kind "retried": a request is sent once.</summary>
public enum FailureKind
{
    /// <summary>The connection was refused, or was not established in time.</summary>
    Connect,

    /// <summary>The server reset the connection, or had closed it when the request was sent.</summary>
    Reset,

    /// <summary>The server closed the connection without one byte of an answer.</summary>
    EndOfFile,

    /// <summary>An answer, but not 200.</summary>
    WrongStatus,

    /// <summary>An answer that ends early, is not HTTP, or lacks the text it must contain.</summary>
    WrongBody,

    /// <summary>No whole answer within 5 s beyond the expected delay.</summary>
    Timeout,
}

/// <summary>One failed request, with what helps to find its cause.</summary>
/// <param name="At">Wall clock, to lay beside the daemon's log.</param>
/// <param name="Client">Which kind of client and its number.</param>
/// <param name="Exchange">Which request on its connection, from 1.</param>
/// <param name="LastWorker">Who gave the last answer on this connection, if anyone.</param>
public sealed record Failure(FailureKind Kind, DateTime At, string Client, int Exchange, string Detail, WorkerSeen? LastWorker)
{
    public override string ToString() =>
        $"{At:HH:mm:ss.fff} {Kind} {Client}, request {Exchange} on its connection, last answered by {LastWorker?.ToString() ?? "nobody"}: {Detail}";
}

/// <summary>A request came to nothing; caught by the client's loop, which counts it.</summary>
internal sealed class RequestFailedException(FailureKind kind, string detail) : Exception(detail)
{
    public FailureKind Kind { get; } = kind;
}
