using System.IO.Pipes;
using ZeroDown.Protocol.Wire;

namespace ZeroDown.Protocol;

/// <summary>
/// The daemon's side of the named pipe: JSON-RPC 2.0, one message per line, so that one line of JSON and <c>socat</c> will
/// do as a client.
/// <para>
/// On Unix .NET's named pipe is a socket file, and whoever binds it first deletes what lies at its path, a living daemon's
/// socket too. Therefore the path is absolute, in a folder that only its owner may enter, and <b>the caller holds
/// <see cref="HomeFolder.DaemonLock"/></b> before it starts a listener and until its process ends.
/// </para>
/// </summary>
public sealed class DaemonListener : IAsyncDisposable
{
    /// <summary>The longest line that a client may send. 4 MiB hold an ecosystem file of some 500 apps, each with the whole
    /// environment of a user's shell.</summary>
    public const int MaxRequestBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan PauseAfterProblem = TimeSpan.FromMilliseconds(100);

    private readonly HomeFolder _home;
    private readonly Func<IClientNotices, IDaemonService> _perConnection;
    private readonly Action<Exception> _onProblem;
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<Task> _sessions = [];
    private readonly Task _accepting;

    private DaemonListener(
        HomeFolder home, NamedPipeServerStream first, Func<IClientNotices, IDaemonService> perConnection, Action<Exception> onProblem)
    {
        _home = home;
        _perConnection = perConnection;
        _onProblem = onProblem;
        _accepting = Task.Run(() => AcceptAsync(first));
    }

    /// <summary>Binds the pipe; clients are served from then on.</summary>
    /// <param name="home">Created 0700 if need be.</param>
    /// <param name="perConnection">Called once per client; the notices that it is given go to that client only.</param>
    /// <param name="onProblem">Told about exceptions of handlers (the client gets an error object) and of accept.</param>
    /// <exception cref="HomeFolderException">The pipe cannot be bound; the message says why.</exception>
    public static DaemonListener Start(
        HomeFolder home, Func<IClientNotices, IDaemonService> perConnection, Action<Exception>? onProblem = null)
    {
        home.MakeClosed();
        try
        {
            return new DaemonListener(home, Bind(home), perConnection, onProblem ?? (_ => { }));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            throw new HomeFolderException($"the pipe {home.Pipe} cannot be bound: {problem.Message}", problem);
        }
    }

    /// <summary>Accepts nobody any more, lets answers that are on their way be written, takes back what is open after that,
    /// and removes the pipe; 3 s at most.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        Task[] open;
        lock (_sessions)
            open = [.. _sessions];
        await Task.WhenAny(Task.WhenAll(open), Task.Delay(TimeSpan.FromSeconds(3))).ConfigureAwait(false);
    }

    private static NamedPipeServerStream Bind(HomeFolder home) => new(
        home.Pipe,
        PipeDirection.InOut,
        NamedPipeServerStream.MaxAllowedServerInstances,
        PipeTransmissionMode.Byte,
        PipeOptions.CurrentUserOnly | PipeOptions.Asynchronous);

    private async Task AcceptAsync(NamedPipeServerStream first)
    {
        var waiting = first;
        try
        {
            while (true)
            {
                NamedPipeServerStream client;
                try
                {
                    await waiting.WaitForConnectionAsync(_stopping.Token).ConfigureAwait(false);
                    // The next one first: .NET removes the pipe when nobody waits and the last client has gone.
                    (client, waiting) = (waiting, Bind(_home));
                }
                catch (Exception problem) when (problem is not OperationCanceledException)
                {
                    // Another user's client (refused by CurrentUserOnly), or out of file descriptors. The rest goes on.
                    _onProblem(problem);
                    await Task.Delay(PauseAfterProblem, _stopping.Token).ConfigureAwait(false);
                    var spoilt = waiting;
                    waiting = Bind(_home);
                    await spoilt.DisposeAsync().ConfigureAwait(false);
                    continue;
                }

                Serve(client);
            }
        }
        catch (OperationCanceledException)
        {
            // We are to stop.
        }
        finally
        {
            await waiting.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Serve(NamedPipeServerStream client)
    {
        var serving = Task.Run(async () =>
        {
            try
            {
                await new ClientSession(client, _perConnection, _onProblem).RunAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception problem)
            {
                _onProblem(problem);
            }
        });
        lock (_sessions)
            _sessions.Add(serving);
        _ = serving.ContinueWith(
            done =>
            {
                lock (_sessions)
                    _sessions.Remove(done);
            },
            TaskScheduler.Default);
    }
}
