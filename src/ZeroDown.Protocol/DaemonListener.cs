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
    private readonly Lock _gate = new();
    private CancellationTokenSource _rebinding = new();
    private TaskCompletionSource? _rebound;
    private int _rebinds;
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
            return new DaemonListener(home, Bind(home.Pipe), perConnection, onProblem ?? (_ => { }));
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

    /// <summary>Makes the pipe's file anew, after somebody has removed or replaced it. Clients that are connected stay so.</summary>
    /// <exception cref="HomeFolderException">The home folder cannot be used.</exception>
    /// <exception cref="IOException">It cannot be bound.</exception>
    public Task RebindAsync()
    {
        _home.MakeClosed();
        lock (_gate)
        {
            _rebound ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _rebinding.Cancel();
            return _rebound.Task;
        }
    }

    /// <summary>.NET shares one socket among all pipes of one spelling of a path, as long as one client is connected; another spelling gets another socket.</summary>
    private string Spelling => $"{Path.GetDirectoryName(_home.Pipe)}{new string('/', 1 + (_rebinds % 8))}{Path.GetFileName(_home.Pipe)}";

    private static NamedPipeServerStream Bind(string path) => new(
        path,
        PipeDirection.InOut,
        NamedPipeServerStream.MaxAllowedServerInstances,
        PipeTransmissionMode.Byte,
        PipeOptions.CurrentUserOnly | PipeOptions.Asynchronous);

    private async Task AcceptAsync(NamedPipeServerStream first)
    {
        NamedPipeServerStream? waiting = first;
        try
        {
            while (true)
            {
                try
                {
                    waiting ??= Bind(Spelling);
                    using var wake = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, _rebinding.Token);
                    await waiting.WaitForConnectionAsync(wake.Token).ConfigureAwait(false);
                    // The next one first: .NET removes the pipe when nobody waits and the last client has gone.
                    (var client, waiting) = (waiting, Bind(Spelling));
                    Serve(client);
                }
                catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
                {
                    // The old one first: with its last pipe .NET removes the file, whoever made it.
                    await waiting!.DisposeAsync().ConfigureAwait(false);
                    waiting = BindAnew();
                }
                catch (Exception problem) when (problem is not OperationCanceledException)
                {
                    // Another user's client (refused by CurrentUserOnly), or out of file descriptors. The rest goes on.
                    _onProblem(problem);
                    await Task.Delay(PauseAfterProblem, _stopping.Token).ConfigureAwait(false);
                    waiting = await ReplaceAsync(waiting).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // We are to stop.
        }
        finally
        {
            if (waiting is not null)
                await waiting.DisposeAsync().ConfigureAwait(false);
            lock (_gate)
                _rebound?.TrySetCanceled();
        }
    }

    /// <returns>Null when it cannot be bound now: it is tried again.</returns>
    private NamedPipeServerStream? BindAnew()
    {
        TaskCompletionSource? rebound;
        lock (_gate)
        {
            (rebound, _rebound) = (_rebound, null);
            _rebinding = new CancellationTokenSource();
            _rebinds++;
        }

        try
        {
            var bound = Bind(Spelling);
            rebound?.TrySetResult();
            return bound;
        }
        catch (Exception problem)
        {
            rebound?.TrySetException(problem);
            return null;
        }
    }

    private async Task<NamedPipeServerStream?> ReplaceAsync(NamedPipeServerStream? spoilt)
    {
        try
        {
            var next = Bind(Spelling);
            if (spoilt is not null)
                await spoilt.DisposeAsync().ConfigureAwait(false);
            return next;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            _onProblem(problem);
            return null;
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
