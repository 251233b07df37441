using System.Collections.Immutable;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Survival;
using ZeroDown.Protocol;

namespace ZeroDown.Daemon;

/// <summary>
/// Where commands wait for their answer. A request belongs to the daemon from the moment it is posted: when the client
/// leaves, only the answer has nobody to go to.
/// <para>
/// A client that names its command can ask again, also after the daemon was replaced: <see cref="Book"/> is written down with
/// every step, so a command that was taken is carried out once, whoever answers it.
/// </para>
/// </summary>
internal sealed class RequestDesk
{
    /// <summary>Answers that are kept for clients who ask again. They ask within seconds.</summary>
    public const int MostAnswers = 64;

    private readonly Lock _gate = new();
    private readonly Action<SupervisorEvent> _post;
    private readonly Dictionary<RequestId, Pending> _pending = [];
    private DeskBook _book;

    public RequestDesk(Action<SupervisorEvent> post)
        : this(post, Remembered.Nothing)
    {
    }

    /// <summary>Goes on where the desk of a daemon stood that is gone.</summary>
    public RequestDesk(Action<SupervisorEvent> post, Remembered remembered)
    {
        _post = post;
        // A command that the state does not know was not taken yet when its daemon died: whoever asks again asks for the first time.
        var tickets = remembered.Desk.Tickets.RemoveAll(ticket => ticket.Answer is null && remembered.Fleet.Requests.TrueForAll(request => request.Id != ticket.Request));
        foreach (var request in remembered.Fleet.Requests)
            _pending[request.Id] = new Pending();
        _book = new DeskBook { LastRequest = Math.Max(remembered.Desk.LastRequest, LastRequestIn(remembered.Fleet)), Tickets = tickets };
    }

    /// <summary>As it is to be written down.</summary>
    public DeskBook Book
    {
        get
        {
            lock (_gate)
                return _book;
        }
    }

    /// <summary>Posts a request and gives its answer. A command that is known by its name is not posted again.</summary>
    /// <param name="name">The client's name for it; null when it has none.</param>
    /// <param name="make">Makes the event for the number that the request gets.</param>
    /// <param name="progress">Called on the loop's thread for each piece of news; must not block.</param>
    /// <exception cref="DaemonRefusedException">Another command has that name.</exception>
    public Task<Answer> Submit(CommandName? name, Func<RequestId, Requested> make, Action<FleetNews>? progress)
    {
        Pending pending;
        Requested request;
        lock (_gate)
        {
            if (name is not null && FindTicket(name) is { } ticket)
                return Attach(ticket, progress);
            var id = new RequestId(_book.LastRequest + 1);
            _book = _book with
            {
                LastRequest = id.Number,
                Tickets = name is null ? _book.Tickets : _book.Tickets.Add(new CommandTicket(name.Token, name.Content, id)),
            };
            _pending[id] = pending = new Pending { Progress = progress };
            request = make(id);
        }

        _post(request);
        return pending.Answer.Task;
    }

    /// <summary>The answer to a command that was posted before, given or yet to come; null when it is not known.</summary>
    /// <inheritdoc cref="Submit"/>
    public Task<Answer>? Find(CommandName? name, Action<FleetNews>? progress)
    {
        lock (_gate)
            return name is not null && FindTicket(name) is { } ticket ? Attach(ticket, progress) : null;
    }

    /// <summary>Enters the answers of a step into the book: before it is written down, and before anybody hears them.</summary>
    public void Enter(ImmutableArray<SupervisorAction> actions)
    {
        foreach (var action in actions)
        {
            if (action is AnswerRequest answer)
                Enter(answer);
        }
    }

    public void Tell(RequestId request, FleetNews news)
    {
        Action<FleetNews>? progress;
        lock (_gate)
            progress = _pending.GetValueOrDefault(request)?.Progress;
        progress?.Invoke(news);
    }

    public void Answer(RequestId request, Answer answer)
    {
        Pending? pending;
        lock (_gate)
            _pending.Remove(request, out pending);
        pending?.Answer.TrySetResult(answer);
    }

    private static long LastRequestIn(FleetState fleet) => fleet.Requests.Select(request => request.Id.Number)
        .Concat(fleet.Apps.SelectMany(app => app.Slots.Select(slot => slot.Request?.Number ?? 0).Concat(app.Workers.Values.Select(worker => worker.Request?.Number ?? 0))))
        .DefaultIfEmpty().Max();

    private CommandTicket? FindTicket(CommandName name)
    {
        var ticket = _book.Tickets.Find(known => known.Token == name.Token);
        return ticket is null || ticket.Content == name.Content
            ? ticket
            : throw new DaemonRefusedException($"the token {name.Token} belongs to another command; every command needs one of its own");
    }

    private Task<Answer> Attach(CommandTicket ticket, Action<FleetNews>? progress)
    {
        // An answer that is entered and not given yet is not written down yet: nobody may hear it before.
        if (!_pending.TryGetValue(ticket.Request, out var pending))
            return Task.FromResult(ticket.Answer!);
        pending.Progress += progress;
        return pending.Answer.Task;
    }

    private void Enter(AnswerRequest answer)
    {
        lock (_gate)
        {
            var index = _book.Tickets.FindIndex(ticket => ticket.Request == answer.Request);
            if (index < 0)
                return;
            // To the end: those that were answered first go first, however long they had waited for it.
            var tickets = _book.Tickets.RemoveAt(index).Add(_book.Tickets[index] with { Answer = answer.Answer });
            if (tickets.Count(ticket => ticket.Answer is not null) > MostAnswers)
                tickets = tickets.RemoveAt(tickets.FindIndex(ticket => ticket.Answer is not null));
            _book = _book with { Tickets = tickets };
        }
    }

    private sealed class Pending
    {
        // Continuations run elsewhere: the loop's thread must not run a client's code.
        public TaskCompletionSource<Answer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Action<FleetNews>? Progress { get; set; }
    }
}
