using System.Collections.Concurrent;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon;

/// <summary>
/// Where commands wait for their answer. A request belongs to the daemon from the moment it is posted: when the client
/// leaves, only the answer has nobody to go to.
/// </summary>
internal sealed class RequestDesk(Action<SupervisorEvent> post)
{
    private readonly ConcurrentDictionary<long, Pending> _pending = new();
    private long _last;

    /// <summary>Posts a request and gives its answer.</summary>
    /// <param name="make">Makes the event for the number that the request gets.</param>
    /// <param name="progress">Called on the loop's thread for each piece of news; must not block.</param>
    public Task<Answer> Submit(Func<RequestId, Requested> make, Action<FleetNews>? progress)
    {
        var id = new RequestId(Interlocked.Increment(ref _last));
        // Continuations run elsewhere: the loop's thread must not run a client's code.
        var pending = new Pending(new TaskCompletionSource<Answer>(TaskCreationOptions.RunContinuationsAsynchronously), progress);
        _pending[id.Number] = pending;
        post(make(id));
        return pending.Answer.Task;
    }

    public void Tell(RequestId request, FleetNews news)
    {
        if (_pending.TryGetValue(request.Number, out var pending))
            pending.Progress?.Invoke(news);
    }

    public void Answer(RequestId request, Answer answer)
    {
        if (_pending.TryRemove(request.Number, out var pending))
            pending.Answer.TrySetResult(answer);
    }

    private sealed record Pending(TaskCompletionSource<Answer> Answer, Action<FleetNews>? Progress);
}
