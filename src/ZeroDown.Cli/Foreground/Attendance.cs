using System.Globalization;
using ZeroDown.Cli.Terminal;
using ZeroDown.Cli.Verbs;
using ZeroDown.Cli.Views;
using ZeroDown.Keeper;
using ZeroDown.Protocol;

namespace ZeroDown.Cli.Foreground;

/// <summary>
/// The attendant's life: start the apps, print what everybody says, keep the ready file, and end with the apps' exit code when nothing runs any more. It decides nothing about
/// workers, so it may be killed and started again; and when the daemon is replaced it goes on with the next one.
/// </summary>
internal sealed class Attendance : IDisposable
{
    private static readonly TimeSpan ReaderPatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan DaemonPause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan SuccessionPatience = TimeSpan.FromSeconds(30);

    private readonly Invocation _call;
    private readonly RunLook _look;
    private readonly Screen _screen;
    private readonly ReadyFile _ready;
    private readonly LogRelay _relay;
    private readonly AttendantLink _link = AttendantLink.Inherited();
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _leaving = new();
    private readonly SemaphoreSlim _news = new(0);
    private readonly AttendantSignals _signals;
    private readonly TaskCompletionSource _replaced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IDaemonService? _daemon;
    private bool _isReady;

    public Attendance(Invocation call, RunLook look)
    {
        // stdout is for the apps' lines.
        _screen = call.Shell.Screen with { Out = call.Shell.Screen.Error, OutIsTerminal = call.Shell.Screen.ErrorIsTerminal };
        _call = call with { Cancellation = _ending.Token, Shell = call.Shell with { Screen = _screen } };
        _look = look;
        _ready = new ReadyFile(look.ReadyFile);
        var printer = new LogPrinter(call.Shell.Screen, look.Log);
        // A log file that is one of our streams gets the lines as they are; with --json and the like, in that form.
        var plain = look.Log.Style == LogStyle.Prefixed ? look.Log with { Style = LogStyle.Raw } : look.Log;
        var (toOut, toError) = (new LogPrinter(call.Shell.Screen, plain), new LogPrinter(_screen, plain));
        _relay = new LogRelay(note => (note.To switch { "stderr" => toError, "stdout" => toOut, _ => printer }).Log(note), () => _news.Release());
        _signals = new AttendantSignals(End, () => Ask("reload", daemon => daemon.ReloadAsync(new FleetCommand { Targets = ["all"] }, CancellationToken.None)),
            signal => Ask("send-signal", daemon => daemon.SignalAsync(new SignalCommand { Targets = ["all"], Signal = signal }, CancellationToken.None)));
        _link.Watch(KeeperIsGone);
    }

    /// <param name="read">The apps; not called when they run already.</param>
    /// <returns>The exit code of <c>zd run</c>.</returns>
    public async Task<int> RunAsync(Func<Invocation, Task<AppDefinition[]>> read)
    {
        try
        {
            return await AttendAsync(read);
        }
        catch (Exception) when (_ending.IsCancellationRequested)
        {
            // Whatever was under way: it was interrupted in good order.
            return ExitCode.Done;
        }
        finally
        {
            if (!_replaced.Task.IsCompleted)
                _ready.Remove();
            await _relay.FinishAsync(ReaderPatience);
        }
    }

    public void Dispose()
    {
        _signals.Dispose();
        _link.Dispose();
        _ending.Dispose();
        _leaving.Dispose();
        _news.Dispose();
    }

    private async Task<int> AttendAsync(Func<Invocation, Task<AppDefinition[]>> read)
    {
        FleetCommand? start = null;
        _relay.Start();
        if (!_look.IsAgain)
        {
            _ready.Clear();
            start = new FleetCommand { Apps = [.. (await read(_call)).Select(ToStdout)], Token = CommandToken.New() };
            if (start.Apps.Length == 0)
                throw new CommandException(ExitCode.Failed, "there is nothing to run: the file has no apps");
            if (_look.Delay > TimeSpan.Zero)
                await Task.Delay(_look.Delay, _ending.Token);
        }

        while (true)
        {
            if (await ConnectAsync() is not { } connection)
                return ExitCode.Done;
            await using (connection)
            {
                try
                {
                    _daemon = connection.Daemon;
                    // The first request on this connection: what workers print is read only after it was taken.
                    var following = connection.Daemon.LogsAsync(new LogsCommand { Lines = 0, Follow = true, Missed = true }, _leaving.Token);
                    if (start is not null)
                    {
                        var reply = await connection.Daemon.StartAsync(start, CancellationToken.None);
                        start = null;
                        ReplyText.Write(reply, _screen);
                        if (reply.Errors.Length > 0)
                            return reply.ExitCode;
                    }

                    if (await WatchAsync(connection.Daemon, following) is { } code)
                        return code;
                }
                catch (DaemonLeftException)
                {
                    // The keeper brings the next one, and that one knows the apps, or everything is over.
                }
                finally
                {
                    _daemon = null;
                }
            }
        }
    }

    /// <returns>Null when the daemon has gone; else everything has ended, and how.</returns>
    private async Task<int?> WatchAsync(IDaemonService daemon, Task<CommandReply> following)
    {
        while (!following.IsCompleted)
        {
            var fleet = await daemon.ListAsync(new ListCommand(), CancellationToken.None);
            if (!_isReady && FleetEnd.IsReady(fleet))
                BecomeReady();
            if (_look.AutoExit && !_ending.IsCancellationRequested && FleetEnd.Of(fleet) is { } end)
            {
                _screen.Say($"{Screen.Safe(end.Reason)}; zd run ends with {end.ExitCode.ToString(CultureInfo.InvariantCulture)}");
                return end.ExitCode;
            }

            await Task.WhenAny(following, _news.WaitAsync(), _replaced.Task);
            if (_replaced.Task.IsCompleted)
                return await LeaveAsync(daemon);
            while (_news.Wait(0))
            {
                // Many lines, one look.
            }
        }

        return null;
    }

    /// <summary>The next attendant gets what is printed from now on; what was sent to us before is ours to print.</summary>
    private async Task<int> LeaveAsync(IDaemonService daemon)
    {
        await _leaving.CancelAsync();
        // It is answered behind the end of the following: both are done by the daemon's output thread, in this order. What was sent to us comes before the answer.
        _ = await daemon.LogsAsync(new LogsCommand { Lines = 0, Out = false, Error = false }, CancellationToken.None);
        return ExitCode.Done;
    }

    /// <returns>Null when there is no daemon and there will be none.</returns>
    private async Task<DaemonConnection?> ConnectAsync()
    {
        while (true)
        {
            try
            {
                return await DaemonConnection.ConnectAsync(_call.Shell.Home, _relay, CancellationToken.None);
            }
            catch (DaemonUnreachableException) when (_ending.IsCancellationRequested)
            {
                return null;
            }
            catch (DaemonUnreachableException nobody) when (nobody.Reason != UnreachableReason.NotPermitted)
            {
                await Task.Delay(DaemonPause, CancellationToken.None);
            }
        }
    }

    private void BecomeReady()
    {
        _isReady = true;
        _link.SayReady();
        if (_ready.Write(DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture) + "\n") is { } problem)
            _screen.Warn($"the ready file could not be written: {Screen.Safe(problem)}");
    }

    private void End()
    {
        _ready.Remove();
        _ending.Cancel();
    }

    private void Ask(string verb, Func<IDaemonService, Task<CommandReply>> ask) => Task.Run(async () =>
    {
        try
        {
            if (_daemon is { } daemon && !_ending.IsCancellationRequested)
                ReplyText.Write(await ask(daemon), _screen);
            else
                _screen.Warn($"nothing is done for the signal ({verb}): the apps are not started yet, or everything ends");
        }
        catch (Exception problem) when (problem is DaemonRefusedException or DaemonLeftException)
        {
            _screen.Fail(Screen.Safe(problem.Message));
        }
    });

    /// <summary>
    /// A keeper that was killed leaves nobody in the foreground, and what runs must not stay behind in secret. One that has replaced itself (<c>zd update</c>) starts another
    /// attendant, and we make room.
    /// </summary>
    private void KeeperIsGone(bool dead)
    {
        if (!dead)
            _replaced.TrySetResult();
        else if (!_ending.IsCancellationRequested)
            _ = EndWithoutKeeperAsync();
    }

    private async Task EndWithoutKeeperAsync()
    {
        _screen.Fail("the keeper of this zd run was killed; everything is being stopped");
        _ready.Remove();
        for (var until = _call.Shell.Now() + SuccessionPatience; _call.Shell.Now() < until;)
        {
            try
            {
                // The daemon brings another keeper, and that one another daemon, which then knows everybody.
                await using var connection = await DaemonConnection.ConnectAsync(_call.Shell.Home, new ProgressBoard(_screen), CancellationToken.None);
                await connection.Daemon.KillAsync(new KillCommand(), CancellationToken.None);
                End();
                return;
            }
            catch (Exception problem) when (problem is DaemonLeftException or DaemonRefusedException or DaemonUnreachableException)
            {
                await Task.Delay(DaemonPause, CancellationToken.None);
            }
        }

        _screen.Fail($"no daemon could be reached within {SuccessionPatience.TotalSeconds:0} s, so workers may still run; `zd list` shows them, `zd kill` ends them");
        End();
    }

    /// <summary>Whoever runs in the foreground reads the lines here, and in a container files would only grow; those that the app names itself are written.</summary>
    private static AppDefinition ToStdout(AppDefinition app)
    {
        app.OutFile ??= Nowhere;
        app.ErrorFile ??= Nowhere;
        return app;
    }

    private const string Nowhere = "/dev/null";
}

/// <summary>What was asked of <c>zd run</c> besides the apps.</summary>
internal sealed record RunLook
{
    public required LogLook Log { get; init; }

    /// <summary>Absolute.</summary>
    public string? ReadyFile { get; init; }

    /// <summary>End when nothing runs any more.</summary>
    public bool AutoExit { get; init; } = true;

    public TimeSpan Delay { get; init; }

    /// <summary>Another attendant was here before, and was killed.</summary>
    public bool IsAgain { get; init; }
}
