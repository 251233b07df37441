using System.Collections.Concurrent;
using System.IO.Pipes;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ZeroDown.Protocol.Wire;

namespace ZeroDown.Protocol;

/// <summary>
/// The client's side of the named pipe: <see cref="Daemon"/> turns calls into requests, and what the daemon says in between
/// goes to the notices that the connection was opened with.
/// </summary>
public sealed class DaemonConnection : IAsyncDisposable
{
    /// <summary>A snapshot of a great many apps with their environments may be long; the daemon is trusted.</summary>
    private const int MaxAnswerBytes = 512 * 1024 * 1024;

    private readonly Stream _stream;
    private readonly IClientNotices _notices;
    private readonly ConcurrentDictionary<long, PendingAnswer> _pending = new();
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Task _reading;
    private long _lastId;
    private volatile Exception? _ended;

    private DaemonConnection(Stream stream, IClientNotices notices)
    {
        _stream = stream;
        _notices = notices;
        Daemon = new DaemonProxy(this);
        _reading = ReadAsync();
    }

    /// <summary>The daemon. Its methods throw <see cref="DaemonRefusedException"/> when it answers with an error,
    /// <see cref="DaemonLeftException"/> when it goes away before it answers, and <see cref="OperationCanceledException"/>
    /// when the caller takes the request back.</summary>
    public IDaemonService Daemon { get; }

    /// <summary>Connects to the daemon of <paramref name="home"/>. Tries once and does not wait: who starts a daemon learns
    /// from its ready pipe when it listens.</summary>
    /// <param name="home">Where to look.</param>
    /// <param name="notices">Called one at a time; a slow one holds up the reading, and then the daemon leaves notices out.</param>
    /// <param name="cancellation">Ends the connecting.</param>
    /// <exception cref="DaemonUnreachableException">Nobody can be asked; its reason says which way.</exception>
    /// <exception cref="HomeFolderException">The folder's path is too long.</exception>
    public static async Task<DaemonConnection> ConnectAsync(HomeFolder home, IClientNotices notices, CancellationToken cancellation)
    {
        home.CheckSocketPaths();
        var pipe = new NamedPipeClientStream(
            ".", home.Pipe, PipeDirection.InOut, PipeOptions.CurrentUserOnly | PipeOptions.Asynchronous);
        try
        {
            // 0: one try. The kernel answers at once, as there is either a listener or none.
            await pipe.ConnectAsync(0, cancellation).ConfigureAwait(false);
            return new DaemonConnection(pipe, notices);
        }
        catch (Exception problem)
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
            if (Unreachable(home, problem) is { } unreachable)
                throw unreachable;
            throw;
        }
    }

    /// <summary>Connects through a stream that is there already; disposed with the connection.</summary>
    public static DaemonConnection Over(Stream stream, IClientNotices notices) => new(stream, notices);

    public async ValueTask DisposeAsync()
    {
        _ended ??= new ObjectDisposedException(nameof(DaemonConnection));
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(false);
        _writing.Dispose();
    }

    /// <summary>.NET has one exception for "no such file" and "nobody listens"; the file tells them apart.</summary>
    private static DaemonUnreachableException? Unreachable(HomeFolder home, Exception problem) => problem switch
    {
        TimeoutException when File.Exists(home.Pipe) => new(
            UnreachableReason.StalePipe, $"nobody listens at {home.Pipe}: the daemon died or is just starting", problem),
        TimeoutException => new(UnreachableReason.NobodyHome, $"no daemon is running in {home.Path}", problem),
        UnauthorizedAccessException or System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AccessDenied } =>
            new(UnreachableReason.NotPermitted,
                $"{home.Pipe} may not be opened by {Environment.UserName} (permission denied): the daemon there is another user's, or a folder on the way is closed. Run zd as that user, or set ZD_HOME to a folder of your own", problem),
        // ENOTDIR and what else no pipe was ever made under: .NET has no word for these.
        System.Net.Sockets.SocketException when !Directory.Exists(home.Path) => new(
            UnreachableReason.NobodyHome, $"the home folder {home.Path} cannot be used: it, or what is above it, is no folder. Set ZD_HOME to a folder that you own.", problem),
        _ => null,
    };

    private async Task<TResult> CallAsync<TCommand, TResult>(
        RpcMethod<TCommand, TResult> method, TCommand command, CancellationToken cancellation)
        where TCommand : DaemonCommand
        where TResult : class
    {
        cancellation.ThrowIfCancellationRequested();
        var id = Interlocked.Increment(ref _lastId);
        var line = RpcLine.Request(id, method.Name, ProtocolJson.Of<TCommand>(), command);
        if (line.Length > DaemonListener.MaxRequestBytes)
        {
            throw new DaemonRefusedException(
                $"this command is {line.Length / 1024} KiB long and the daemon takes {DaemonListener.MaxRequestBytes / 1024} KiB; name fewer apps at once");
        }

        var answer = new PendingAnswer<TResult>(ProtocolJson.Of<TResult>());
        _pending[id] = answer;
        try
        {
            if (_ended is { } ended)
                throw Left(ended);
            await WriteAsync(line).ConfigureAwait(false);
            await using var takenBack = cancellation.Register(() => TakeBack(id, answer, cancellation)).ConfigureAwait(false);
            return await answer.Task.ConfigureAwait(false);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    private void TakeBack(long id, PendingAnswer answer, CancellationToken cancellation)
    {
        answer.Cancel(cancellation);
        _ = WriteAsync(RpcLine.Cancel(id)).ContinueWith(
            static written => _ = written.Exception, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> line)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await _stream.WriteAsync(line).ConfigureAwait(false);
        }
        catch (IOException broken)
        {
            throw Left(broken);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task ReadAsync()
    {
        Exception? why = null;
        try
        {
            var lines = new LineReader(_stream, MaxAnswerBytes);
            while (await lines.ReadAsync(CancellationToken.None).ConfigureAwait(false) is { } line)
                Take(line);
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException or JsonException or OperationCanceledException)
        {
            why = broken;
        }

        _ended ??= why ?? new EndOfStreamException();
        foreach (var pending in _pending.Values)
            pending.Fail(Left(why));
    }

    private void Take(ReadOnlyMemory<byte> line)
    {
        using var document = JsonDocument.Parse(line);
        var message = document.RootElement;
        if (message.TryGetProperty("method"u8, out var method))
        {
            var parameters = message.GetProperty("params"u8);
            if (method.ValueEquals(DaemonNotices.Progress))
                _notices.Progress(parameters.Deserialize(ProtocolJson.Of<ProgressNote>())!);
            else if (method.ValueEquals(DaemonNotices.Log))
                _notices.Log(parameters.Deserialize(ProtocolJson.Of<LogNote>())!);
            return;
        }

        if (message.TryGetProperty("error"u8, out var error))
        {
            var refusal = new DaemonRefusedException(error.GetProperty("message"u8).GetString()!, error.GetProperty("code"u8).GetInt32());
            if (Find(message) is { } refused)
                refused.Fail(refusal);
            return;
        }

        Find(message)?.Complete(message.GetProperty("result"u8));
    }

    private PendingAnswer? Find(JsonElement message) =>
        message.TryGetProperty("id"u8, out var id) && id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out var number)
        && _pending.TryGetValue(number, out var pending)
            ? pending
            : null;

    private static DaemonLeftException Left(Exception? why) =>
        new("the daemon closed the connection before it answered", why);

    private abstract class PendingAnswer
    {
        public abstract void Complete(JsonElement result);

        public abstract void Fail(Exception why);

        public abstract void Cancel(CancellationToken cancellation);
    }

    private sealed class PendingAnswer<TResult>(JsonTypeInfo<TResult> type) : PendingAnswer
        where TResult : class
    {
        private readonly TaskCompletionSource<TResult> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TResult> Task => _source.Task;

        public override void Complete(JsonElement result) => _source.TrySetResult(result.Deserialize(type)!);

        public override void Fail(Exception why) => _source.TrySetException(why);

        public override void Cancel(CancellationToken cancellation) => _source.TrySetCanceled(cancellation);
    }

    private sealed class DaemonProxy(DaemonConnection connection) : IDaemonService
    {
        public Task<DaemonInfo> PingAsync(PingCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Ping, command, cancellation);

        public Task<CommandReply> StartAsync(FleetCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Start, command, cancellation);

        public Task<CommandReply> ReloadAsync(FleetCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Reload, command, cancellation);

        public Task<CommandReply> RestartAsync(FleetCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Restart, command, cancellation);

        public Task<CommandReply> StopAsync(FleetCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Stop, command, cancellation);

        public Task<CommandReply> DeleteAsync(FleetCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Delete, command, cancellation);

        public Task<CommandReply> ScaleAsync(ScaleCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Scale, command, cancellation);

        public Task<CommandReply> WatchAsync(WatchCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Watch, command, cancellation);

        public Task<CommandReply> ResetAsync(FleetCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Reset, command, cancellation);

        public Task<CommandReply> FlushAsync(FleetCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Flush, command, cancellation);

        public Task<CommandReply> ReloadLogsAsync(FleetCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.ReloadLogs, command, cancellation);

        public Task<CommandReply> SignalAsync(SignalCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Signal, command, cancellation);

        public Task<CommandReply> SendLineAsync(SendLineCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.SendLine, command, cancellation);

        public Task<FleetSnapshot> ListAsync(ListCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.List, command, cancellation);

        public Task<CommandReply> LogsAsync(LogsCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Logs, command, cancellation);

        public Task<CommandReply> SaveAsync(SaveCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Save, command, cancellation);

        public Task<CommandReply> ResurrectAsync(ResurrectCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Resurrect, command, cancellation);

        public Task<CommandReply> UpdateAsync(UpdateCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Update, command, cancellation);

        public Task<CommandReply> KillAsync(KillCommand command, CancellationToken cancellation) =>
            connection.CallAsync(DaemonMethods.Kill, command, cancellation);
    }
}
