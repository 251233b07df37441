using System.Net.Sockets;

namespace TestWorker;

/// <summary>
/// Accepts, serves keep-alive HTTP/1.1, and drains so that no client loses a request: it stops accepting (what is queued stays for the
/// others on the shared socket), answers the next request of every open connection with <c>Connection: close</c>, leaves idle ones open
/// until they speak once more, and is done when none is left.
/// </summary>
internal sealed class HttpServer(TimeSpan idleLimit)
{
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1; // the accept loops' share, given back when draining begins
    private volatile bool _draining;

    public int Open => Volatile.Read(ref _open) - (_draining ? 0 : 1);

    public bool Draining => _draining;

    /// <summary>How long a draining server waits for an idle connection to speak; infinite unless a test says otherwise.</summary>
    public TimeSpan IdleLimit => idleLimit;

    /// <summary>Returns when <paramref name="stop"/> is cancelled and everything that was accepted is being served.</summary>
    public async Task AcceptAsync(Socket listener, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Socket connection;
            try
            {
                connection = await listener.AcceptAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException e)
            {
                // A listener that a sibling shut down answers EINVAL until it is healed.
                Console.Error.WriteLine($"accept: {e.SocketErrorCode}");
                await Task.Delay(50, CancellationToken.None);
                continue;
            }

            Interlocked.Increment(ref _open);
            _ = ServeAsync(connection);
        }
    }

    /// <summary>Completes when the last connection is gone.</summary>
    /// <param name="accepting">The accept loops, cancelled: a connection that one of them has in its hands is still to be served.</param>
    public async Task DrainAsync(Task accepting)
    {
        _draining = true;
        await accepting;
        Release();
        await _empty.Task;
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            using var connection = new HttpConnection(socket, this);
            await connection.RunAsync();
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            // The client went away; nothing to tell anybody.
        }
        finally
        {
            Release();
        }
    }

    private void Release()
    {
        if (Interlocked.Decrement(ref _open) == 0)
            _empty.TrySetResult();
    }
}
