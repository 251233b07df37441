namespace LoadClient;

/// <summary>What a load run does: against which address, with how many connections of which manner.</summary>
/// <param name="Url">Where to; its path and query are what is asked for.</param>
public sealed record LoadPlan(Uri Url)
{
    /// <summary>A unix domain socket to connect to instead of the URL's host and port.</summary>
    public string? UnixPath { get; init; }

    /// <summary>Connections that carry one request after the other until the server announces their end.</summary>
    public int KeepAlive { get; init; }

    /// <summary>Clients that connect anew for each request and say <c>Connection: close</c>.</summary>
    public int Fresh { get; init; }

    /// <summary>Clients that connect, stay silent for 150 to 300 ms, and only then send: the server has accepted, but knows of no request.</summary>
    public int Silent { get; init; }

    /// <summary>HTTP/2 connections (prior knowledge, no TLS), each with <see cref="StreamsPerConnection"/> requests in flight at once.</summary>
    public int Http2 { get; init; }

    /// <summary>How many streams an HTTP/2 connection has in flight.</summary>
    public int StreamsPerConnection { get; init; } = 4;

    /// <summary>How long the server is asked to take for an answer; the time limit of a request is 5 s more.</summary>
    public TimeSpan ExpectedDelay { get; init; }

    /// <summary>A client pauses between two requests for a random time up to this; idle connections are what a careless drain resets.</summary>
    public TimeSpan Think { get; init; }

    /// <summary>Text that every answer's body must contain.</summary>
    public string? MustContain { get; init; }

    /// <summary>Seeds the pauses, so that two runs differ only in what the server does.</summary>
    public int Seed { get; init; } = 1;

    internal TimeSpan Limit => TimeSpan.FromSeconds(5) + ExpectedDelay;

    internal LoadTarget Target => new(Url, UnixPath);
}
