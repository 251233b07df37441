using System.Diagnostics;
using ZeroDown.Cli.Terminal;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Asking;

/// <summary>
/// A conversation that outlives the daemon. When the connection breaks before an answer has come, the keeper is bringing the next
/// daemon, which knows what was asked: it is asked again, in the same words and under the same token, so that nothing is done twice
/// and no answer is lost.
/// </summary>
internal sealed class LastingConnection : IAsyncDisposable
{
    /// <summary>How long a keeper may take to bring the next daemon.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>A command that ends every daemon which takes it is not sent for ever. Breaks between which a daemon lived for long are not of that kind.</summary>
    private const int MostBreaks = 20;

    private static readonly TimeSpan LongLife = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>After so long without anybody, the keeper may be gone too.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(1);

    private readonly HomeFolder _home;
    private readonly LogPlaces _notices;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _gate = new(1);
    private DaemonConnection _connection;
    private long _connectedAt;
    private int _breaks;

    /// <summary>Called when nobody listens for a while: brings a daemon back where keeper and daemon are gone both. False: nobody will come; null: there is nothing to be done about it.</summary>
    public Func<CancellationToken, Task<bool>>? BringBack { get; init; }

    private LastingConnection(HomeFolder home, DaemonConnection connection, LogPlaces notices, TimeSpan? patience, TimeProvider clock)
    {
        _home = home;
        _connection = connection;
        _notices = notices;
        _patience = patience ?? Patience;
        _clock = clock;
        _connectedAt = _clock.GetTimestamp();
        Daemon = new LastingDaemon(this);
    }

    /// <summary>The daemon, whichever it is. Its methods throw as <see cref="DaemonConnection.Daemon"/>'s, and <see cref="CommandException"/> where no
    /// daemon came back.</summary>
    public IDaemonService Daemon { get; }

    /// <summary>Up to where each log file was shown.</summary>
    public Dictionary<string, long> Shown => _notices.Ends();

    /// <summary>Tries once, and fails as <see cref="DaemonConnection.ConnectAsync"/> does. A daemon counts when it has answered: while one dies, the kernel still takes connections for it.</summary>
    /// <param name="home">Where the daemons live.</param>
    /// <param name="notices">Of whichever daemon.</param>
    /// <param name="cancellation">Ends the connecting.</param>
    /// <param name="patience">How long to wait for a next daemon.</param>
    /// <param name="bringBack">See <see cref="BringBack"/>.</param>
    /// <param name="clock">Tells how long a daemon lived; null: the machine's.</param>
    public static async Task<LastingConnection> ConnectAsync(HomeFolder home, IClientNotices notices, CancellationToken cancellation, TimeSpan? patience = null, Func<CancellationToken, Task<bool>>? bringBack = null, TimeProvider? clock = null)
    {
        var places = new LogPlaces(notices);
        return new LastingConnection(home, await MeetAsync(home, places, cancellation), places, patience, clock ?? TimeProvider.System) { BringBack = bringBack };
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _gate.Dispose();
    }

    /// <summary>Asks until somebody has answered.</summary>
    /// <param name="verb">As the user typed it, for what is said; null: nothing is said, the question is simply put again.</param>
    /// <param name="ask">The question; the number says how often it was put before.</param>
    /// <param name="cancellation">Ctrl-C.</param>
    /// <exception cref="UnderWayException">The user does not wait any longer for a command that was sent.</exception>
    public async Task<T> AskAsync<T>(string? verb, Func<IDaemonService, int, Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await AskUntilAnsweredAsync(verb, ask, cancellation);
        }
        catch (OperationCanceledException) when (verb is not null)
        {
            throw new UnderWayException(verb);
        }
    }

    private async Task<T> AskUntilAnsweredAsync<T>(string? verb, Func<IDaemonService, int, Task<T>> ask, CancellationToken cancellation)
    {
        for (var put = 0; ; put++)
        {
            var connection = _connection;
            try
            {
                return await ask(connection.Daemon, put);
            }
            catch (DaemonLeftException)
            {
                await ReconnectAsync(connection, verb, cancellation);
            }
        }
    }

    private async Task ReconnectAsync(DaemonConnection broken, string? verb, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (!ReferenceEquals(_connection, broken))
                return; // another question has found the next daemon
            await broken.DisposeAsync();
            _breaks = _clock.GetElapsedTime(_connectedAt) > LongLife ? 1 : _breaks + 1;
            _connection = _breaks <= MostBreaks ? await FindAsync(cancellation) ?? throw Nobody(verb) : throw Nobody(verb);
            _connectedAt = _clock.GetTimestamp();
            if (verb is not null)
                _notices.Progress(new ProgressNote { Text = $"the daemon was replaced; waiting for the answer of the new one to `zd {verb}`" });
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The pipe tells of a daemon only when that listens, so this looks again and again.</summary>
    private async Task<DaemonConnection?> FindAsync(CancellationToken cancellation)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            if (await LookAsync(cancellation) is { } found)
                return found;
            if (since.Elapsed > _patience)
                return null;
            if (since.Elapsed > Doubt && BringBack is not null && !await BringBack(cancellation))
                return null;
            await Task.Delay(Pause, cancellation);
        }
    }

    /// <returns>A daemon that answers.</returns>
    private async Task<DaemonConnection?> LookAsync(CancellationToken cancellation)
    {
        try
        {
            return await MeetAsync(_home, _notices, cancellation);
        }
        catch (DaemonUnreachableException gone)
        {
            return gone.Reason == UnreachableReason.NotPermitted ? throw new CommandException(ExitCode.DaemonNotReachable, gone.Message) : null;
        }
    }

    /// <exception cref="DaemonUnreachableException">As <see cref="DaemonConnection.ConnectAsync"/>; a daemon that ends before it has answered left a stale pipe.</exception>
    private static async Task<DaemonConnection> MeetAsync(HomeFolder home, IClientNotices notices, CancellationToken cancellation)
    {
        var connection = await DaemonConnection.ConnectAsync(home, notices, cancellation);
        try
        {
            await connection.Daemon.PingAsync(new PingCommand(), cancellation);
            return connection;
        }
        catch (DaemonLeftException left)
        {
            await connection.DisposeAsync();
            throw new DaemonUnreachableException(UnreachableReason.StalePipe, $"the daemon in {Screen.Safe(home.Path)} ended before it answered", left);
        }
    }

    private CommandException Nobody(string? verb)
    {
        var what = verb is null ? "" : $", and what became of `zd {verb}` is not known";
        return new CommandException(
            ExitCode.DaemonNotReachable,
            _breaks > MostBreaks
                ? $"{MostBreaks} daemons ended one after the other before they answered{what}; {Screen.Safe(_home.DaemonLog)} says why"
                : $"the daemon ended before it answered and none has come back in {Screen.Safe(_home.Path)}{what}; "
                  + $"{Screen.Safe(KeeperOfHome.WhyNoDaemon(_home))}. Workers serve on without one, and `zd list` looks again");
    }
}
