using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon;
using ZeroDown.Daemon.Survival;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Daemon;

public sealed class RequestDeskTests
{
    private static readonly CommandName Reload = new("token-1", "reload all");

    private readonly List<SupervisorEvent> _posted = [];

    [Fact]
    public void A_command_that_is_sent_again_is_posted_once_and_answered_every_time()
    {
        var desk = new RequestDesk(_posted.Add);
        var first = Submit(desk, Reload);
        var again = Submit(desk, Reload);

        desk.Answer(new RequestId(1), Done("web"));

        Assert.Equal(new ReloadRequested(new RequestId(1), []), Assert.Single(_posted));
        Assert.Equal("web", NameIn(first));
        Assert.Equal("web", NameIn(again));
    }

    [Fact]
    public void Whoever_asks_again_hears_the_news_from_there_on()
    {
        var desk = new RequestDesk(_posted.Add);
        var (before, after) = (new List<FleetNews>(), new List<FleetNews>());
        var news = new FleetNews.RollEnded(new AppName("web"), 2);
        desk.Submit(Reload, id => new ReloadRequested(id, []), before.Add);
        desk.Tell(new RequestId(1), news);

        Assert.NotNull(desk.Find(Reload, after.Add));
        desk.Tell(new RequestId(1), news);

        Assert.Equal(2, before.Count);
        Assert.Single(after);
    }

    [Fact]
    public void A_command_without_a_name_is_posted_every_time()
    {
        var desk = new RequestDesk(_posted.Add);
        Submit(desk, null);
        Submit(desk, null);

        Assert.Equal([1L, 2L], _posted.Select(posted => ((Requested)posted).Request.Number));
        Assert.Empty(desk.Book.Tickets);
    }

    [Fact]
    public void Another_command_under_the_same_name_is_refused()
    {
        var desk = new RequestDesk(_posted.Add);
        Submit(desk, Reload);

        var refusal = Record.Exception(() => { _ = Submit(desk, Reload with { Content = "stop all" }); });

        Assert.IsType<DaemonRefusedException>(refusal);
        Assert.Contains("token-1 belongs to another command", refusal.Message, StringComparison.Ordinal);
        Assert.Single(_posted);
    }

    [Fact]
    public void The_next_daemon_answers_what_was_answered_and_waits_for_what_was_pending()
    {
        var desk = new RequestDesk(_posted.Add);
        Submit(desk, Reload);
        Submit(desk, new CommandName("token-2", "stop web"));
        desk.Enter([new AnswerRequest(new RequestId(1), Done("web"))]);
        var pending = new PendingRequest(new RequestId(2), Verb.Stop, []);
        _posted.Clear();

        var next = new RequestDesk(_posted.Add, new Remembered(FleetState.Empty with { Requests = [pending] }, desk.Book));
        var (answered, waiting) = (Submit(next, Reload), Submit(next, new CommandName("token-2", "stop web")));

        Assert.Equal("web", NameIn(answered));
        Assert.False(waiting.IsCompleted);
        next.Answer(pending.Id, Done("api"));
        Assert.Equal("api", NameIn(waiting));
        Assert.Empty(_posted);
    }

    [Fact]
    public void What_the_dead_daemon_had_not_taken_yet_is_carried_out_by_the_next_under_a_new_number()
    {
        var desk = new RequestDesk(_posted.Add);
        Submit(desk, Reload);
        _posted.Clear();

        var next = new RequestDesk(_posted.Add, new Remembered(FleetState.Empty, desk.Book));
        Submit(next, Reload);

        Assert.Equal(new ReloadRequested(new RequestId(2), []), Assert.Single(_posted));
    }

    [Fact]
    public void Numbers_go_on_above_all_that_the_state_names()
    {
        var fleet = FleetCodecState(request: 41);

        var desk = new RequestDesk(_posted.Add, new Remembered(fleet, DeskBook.Empty));
        Submit(desk, null);

        Assert.Equal(42, ((Requested)_posted[0]).Request.Number);
    }

    [Fact]
    public void An_answer_is_in_the_book_before_anybody_hears_it()
    {
        var desk = new RequestDesk(_posted.Add);
        var first = Submit(desk, Reload);
        desk.Enter([new AnswerRequest(new RequestId(1), Done("web"))]);

        var again = desk.Find(Reload, null)!;

        Assert.NotNull(Assert.Single(desk.Book.Tickets).Answer);
        Assert.False(first.IsCompleted || again.IsCompleted);
        desk.Answer(new RequestId(1), Done("web"));
        Assert.Equal("web", NameIn(again));
    }

    [Fact]
    public void An_answer_that_was_long_in_coming_is_kept_like_any_other()
    {
        var desk = new RequestDesk(_posted.Add);
        Submit(desk, new CommandName("slow", "x"));
        for (var number = 0; number < RequestDesk.MostAnswers; number++)
        {
            Submit(desk, new CommandName($"t{number}", "x"));
            desk.Enter([new AnswerRequest(new RequestId(number + 2), Done("web"))]);
        }

        desk.Enter([new AnswerRequest(new RequestId(1), Done("web"))]);
        Assert.NotNull(desk.Find(new CommandName("slow", "x"), null));
        Assert.Null(desk.Find(new CommandName("t0", "x"), null));
    }

    [Fact]
    public void The_last_answers_are_kept_and_every_pending_command()
    {
        var desk = new RequestDesk(_posted.Add);
        Submit(desk, new CommandName("waits", "x"));
        for (var number = 0; number < RequestDesk.MostAnswers + 10; number++)
        {
            Submit(desk, new CommandName($"t{number}", "x"));
            desk.Enter([new AnswerRequest(new RequestId(number + 2), Done("web"))]);
            desk.Answer(new RequestId(number + 2), Done("web"));
        }

        Assert.Equal(RequestDesk.MostAnswers + 1, desk.Book.Tickets.Count);
        Assert.NotNull(desk.Find(new CommandName("waits", "x"), null));
        Assert.Null(desk.Find(new CommandName("t9", "x"), null));
        Assert.NotNull(desk.Find(new CommandName("t10", "x"), null));
    }

    private static FleetState FleetCodecState(long request) => new()
    {
        Apps = [new AppState { Spec = Some.App(), Slots = [new SlotState { Slot = 0, PmId = 0, Request = new RequestId(request) }] }],
    };

    private static Answer Done(string app) => new(AnswerKind.Done, [new AppOutcome(new AppName(app), OutcomeKind.Reloaded, [])]);

    private static string NameIn(Task<Answer> answer)
    {
        Assert.True(answer.IsCompletedSuccessfully);
        return answer.Result.Apps[0].App.Value;
    }

    private static Task<Answer> Submit(RequestDesk desk, CommandName? name) => desk.Submit(name, id => new ReloadRequested(id, []), null);
}
