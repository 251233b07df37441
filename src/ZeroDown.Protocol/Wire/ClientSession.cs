using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace ZeroDown.Protocol.Wire;

/// <summary>
/// One client of the daemon, from accept to close. Whatever it sends, or fails to read, costs a bounded amount and hurts
/// nobody else: lines have a limit, notices are dropped, and no more than <see cref="MaxOpenRequests"/> requests may be
/// without their written answer, nor many bytes of answers (then nothing more is read from it).
/// <para>
/// The end of what a client sends is not its end: <c>echo … | socat</c> closes its half and waits for the answer. A client
/// that left altogether looks the same to a reader; only a write tells the two apart (EPIPE), so while requests are open
/// after the end, a blank line is written now and then.
/// </para>
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A handler may end long after its client; it still gives its slot back.")]
internal sealed class ClientSession
{
    public const int MaxOpenRequests = 64;

    private static readonly TimeSpan FirstProbe = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ProbePause = TimeSpan.FromSeconds(1);

    /// <summary>For a handler to notice that it is taken back; the listener that ends gives up earlier.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(10);

    private readonly Stream _stream;
    private readonly IDaemonService _service;
    private readonly Action<Exception> _onProblem;
    private readonly LineReader _lines;
    private readonly Outbox _outbox = new();

    /// <summary>One is taken before a line is read and given back when its answer has been written.</summary>
    private readonly SemaphoreSlim _slots = new(MaxOpenRequests);
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _cancellable = new();
    private readonly CancellationTokenSource _left = new();

    /// <summary>Takes back every open request while the client still reads, so that it hears why.</summary>
    private readonly CancellationTokenSource _takenBack = new();

    public ClientSession(Stream stream, Func<IClientNotices, IDaemonService> perConnection, Action<Exception> onProblem)
    {
        _stream = stream;
        _lines = new LineReader(stream, DaemonListener.MaxRequestBytes);
        _onProblem = onProblem;
        _service = perConnection(_outbox);
    }

    /// <summary>Serves until the client has left, or until <paramref name="stopping"/> and what is open then is answered.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        // Stopping ends the reading, not what was asked before: the answer to `kill` is on its way just then.
        using var noMore = CancellationTokenSource.CreateLinkedTokenSource(_left.Token, stopping);
        var writing = WriteAsync();
        try
        {
            await ReadAsync(noMore.Token).ConfigureAwait(false);
            await AnswerTheRestAsync(writing, stopping).ConfigureAwait(false);
        }
        finally
        {
            await _left.CancelAsync().ConfigureAwait(false);
            _outbox.Complete();
            await Task.WhenAny(writing, Task.Delay(ProbePause, CancellationToken.None)).ConfigureAwait(false);
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(CancellationToken cancellation)
    {
        var holdsSlot = false;
        try
        {
            while (true)
            {
                while (!(holdsSlot = await _slots.WaitAsync(ProbePause, cancellation).ConfigureAwait(false)))
                    _outbox.Probe();
                while (!await _outbox.AnswersReadAsync(ProbePause, cancellation).ConfigureAwait(false))
                    cancellation.ThrowIfCancellationRequested();
                if (await _lines.ReadAsync(cancellation).ConfigureAwait(false) is not { } line)
                    break;
                holdsSlot = false; // whoever answers gives it back
                Take(line);
            }
        }
        catch (LineTooLongException tooLong)
        {
            holdsSlot = false;
            Answer(RpcLine.Error(default, RpcError.InvalidRequest, tooLong.Message));
        }
        catch (Exception left) when (left is IOException or OperationCanceledException)
        {
            // The client broke off, or we are to stop. Either way nothing more is read.
        }

        if (holdsSlot)
            _slots.Release();
    }

    /// <summary>
    /// Holding every slot means that everything which was asked is answered and written. A daemon that ends first lets answers
    /// that are on their way come, then takes the other requests back, which is an answer too, and at last goes.
    /// </summary>
    private async Task AnswerTheRestAsync(Task writing, CancellationToken stopping)
    {
        var pause = FirstProbe;
        for (var held = 0; held < MaxOpenRequests && !writing.IsCompleted;)
        {
            if (await _slots.WaitAsync(pause, CancellationToken.None).ConfigureAwait(false))
            {
                held++;
                continue;
            }

            if (stopping.IsCancellationRequested)
            {
                if (_takenBack.IsCancellationRequested)
                    return;
                await _takenBack.CancelAsync().ConfigureAwait(false);
                pause = LastPatience;
                continue;
            }

            _outbox.Probe();
            pause = ProbePause;
        }
    }

    private void Take(ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            Take(document.RootElement);
        }
        catch (JsonException problem)
        {
            Answer(RpcLine.Error(default, RpcError.ParseError, $"this line is not JSON: {problem.Message}"));
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json finds bytes that are no UTF-8 only when a string is read.
            Answer(RpcLine.Error(default, RpcError.ParseError, "this line is not UTF-8"));
        }
    }

    private void Take(JsonElement request)
    {
        if (request.ValueKind != JsonValueKind.Object
            || !request.TryGetProperty("method", out var methodName) || methodName.ValueKind != JsonValueKind.String)
        {
            Answer(RpcLine.Error(default, RpcError.InvalidRequest,
                "a request is one JSON object on one line: {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"list\",\"params\":{}}"));
            return;
        }

        JsonElement? id = request.TryGetProperty("id", out var requestId) ? requestId.Clone() : null;
        var name = methodName.GetString()!;
        var parameters = ParameterObject(request);
        if (name == RpcLine.CancelMethod)
        {
            TakeBack(parameters);
            return;
        }

        if (DaemonMethods.Find(name) is not { } method)
        {
            var known = string.Join(", ", DaemonMethods.All.Select(row => row.Name));
            Refuse(id, RpcError.MethodNotFound, $"there is no method \"{name}\"; there are {known}");
            return;
        }

        if (!method.AnyVersion && OtherVersion(parameters) is { } other)
        {
            Refuse(id, RpcError.OtherVersion,
                $"this daemon speaks version {ProtocolVersion.Current} of the protocol and the request is of version {other}");
            return;
        }

        DaemonCommand command;
        try
        {
            command = method.Read(parameters);
        }
        catch (JsonException problem)
        {
            Refuse(id, RpcError.InvalidParams, $"the parameters of \"{name}\" are wrong: {problem.Message}");
            return;
        }

        _ = InvokeAsync(method, command, id);
    }

    /// <summary>One object, by itself or as the only element of an array; both are JSON-RPC.</summary>
    private static JsonElement ParameterObject(JsonElement request)
    {
        if (!request.TryGetProperty("params", out var parameters) || parameters.ValueKind == JsonValueKind.Null)
            return default;
        if (parameters.ValueKind != JsonValueKind.Array)
            return parameters;
        return parameters.GetArrayLength() switch
        {
            0 => default,
            1 => parameters[0],
            _ => parameters,
        };
    }

    private static string? OtherVersion(JsonElement parameters) =>
        parameters.ValueKind == JsonValueKind.Object
        && parameters.TryGetProperty("protocol", out var version)
        && !(version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number) && number == ProtocolVersion.Current)
            ? version.GetRawText()
            : null;

    private async Task InvokeAsync(RpcMethod method, DaemonCommand command, JsonElement? id)
    {
        var key = id?.GetRawText();
        using var cancellable = CancellationTokenSource.CreateLinkedTokenSource(_left.Token, _takenBack.Token);
        if (key is not null)
            _cancellable[key] = cancellable;
        var (result, error, code) = ((Action<Utf8JsonWriter>?)null, "", 0);
        try
        {
            result = await method.InvokeAsync(_service, command, cancellable.Token).ConfigureAwait(false);
        }
        catch (DaemonRefusedException refused)
        {
            (error, code) = (refused.Message, refused.Code);
        }
        catch (OperationCanceledException) when (cancellable.IsCancellationRequested)
        {
            (error, code) = ("the request was taken back, or the daemon is shutting down", RpcError.Cancelled);
        }
        catch (Exception problem)
        {
            _onProblem(problem);
            (error, code) = ($"the daemon failed at this: {problem.Message}", RpcError.InternalError);
        }

        if (key is not null)
            _cancellable.TryRemove(new(key, cancellable));
        if (result is null)
            Refuse(id, code, error);
        else if (id is { } answered)
            Answer(RpcLine.Result(answered, result));
        else
            _slots.Release();
    }

    private void TakeBack(JsonElement parameters)
    {
        if (parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty("id", out var id)
            && _cancellable.TryGetValue(id.GetRawText(), out var request))
        {
            try
            {
                request.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It was answered at this very moment.
            }
        }

        _slots.Release();
    }

    /// <summary>A notification gets no answer, not even a refusal.</summary>
    private void Refuse(JsonElement? id, int code, string message)
    {
        if (id is { } answered)
            Answer(RpcLine.Error(answered, code, message));
        else
            _slots.Release();
    }

    private void Answer(ReadOnlyMemory<byte> line) => _outbox.Answer(line);

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var entry in _outbox.Entries.ReadAllAsync().ConfigureAwait(false))
            {
                _outbox.Sent(entry);
                await _stream.WriteAsync(entry.Line, CancellationToken.None).ConfigureAwait(false);
                if (entry is Outbox.AnswerEntry answer)
                {
                    _outbox.Written(answer);
                    _slots.Release();
                }
            }
        }
        catch (Exception left) when (left is IOException or ObjectDisposedException or InvalidOperationException)
        {
            await _left.CancelAsync().ConfigureAwait(false);
        }
    }
}
