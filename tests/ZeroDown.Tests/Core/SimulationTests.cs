using System.Collections.Immutable;
using Xunit;
using ZeroDown.Core.Supervision;
using ZeroDown.Simulation;

namespace ZeroDown.Tests.Core;

/// <summary>Whole app lives from seeds. The last tests spoil the core on purpose: a check that cannot fail proves nothing.</summary>
public sealed class SimulationTests
{
    [Fact]
    public void Ten_thousand_whole_app_lives_hold_every_invariant() => Assert.Null(Lives.Play(first: 1, count: 10_000));

    [Theory]
    [InlineData(17)]
    [InlineData(4_711)]
    public void A_seed_always_tells_the_same_story(int seed)
    {
        var (_, once) = Lives.Tell((ulong)seed, verbose: true);
        var (_, again) = Lives.Tell((ulong)seed, verbose: true);
        Assert.Equal(once, again);
    }

    [Fact]
    public void A_core_that_never_looks_whether_a_worker_listens_is_found_out() =>
        IsFoundOut(Spoilt(order => order is not WatchForListening), "Liveness");

    [Fact]
    public void A_core_that_forgets_to_answer_is_found_out() =>
        IsFoundOut(Spoilt(order => order is not AnswerRequest { Answer.Kind: not AnswerKind.Done }), "OneAnswerPerRequest", "Liveness");

    [Fact]
    public void A_core_that_sends_no_kill_is_found_out() =>
        IsFoundOut(Spoilt(order => order is not SignalWorker { Signal: "SIGKILL" }), "Liveness");

    [Fact]
    public void A_core_that_answers_before_old_workers_have_taken_notice_is_found_out() => IsFoundOut(
        (state, stamped) =>
        {
            var step = Supervisor.Step(state, stamped);
            foreach (var order in step.Actions)
            {
                if (order is not ArmDeadline { Deadline: { Kind: DeadlineKind.Heed } deadline } || stamped.Event is DaemonTookOver)
                    continue;
                var impatient = Supervisor.Step(step.State, stamped with { Event = new DeadlinePassed(deadline) });
                step = new StepResult(impatient.State, step.Actions.Remove(order).AddRange(impatient.Actions));
            }

            return step;
        },
        "Truth");

    [Fact]
    public void A_core_that_closes_a_listener_under_its_workers_is_found_out() => IsFoundOut(
        (state, stamped) =>
        {
            var step = Supervisor.Step(state, stamped);
            return stamped.Event is WorkerExited && step.State.Listeners.Keys.FirstOrDefault() is { } listener
                ? step with { Actions = step.Actions.Add(new CloseListener(listener)) }
                : step;
        },
        "ListenerOutlivesWorkers", "Listeners", "Truth");

    /// <summary>A spoilt core breaks one of the rules within few lives, and what is left of the story after shrinking still breaks it.</summary>
    /// <param name="spoilt">Whose judgement.</param>
    /// <param name="rules">One of these must be the one; none: any.</param>
    internal static void IsFoundOut(World.Core spoilt, params string[] rules)
    {
        for (ulong seed = 1; seed <= 3_000; seed++)
        {
            var story = Story.FromSeed(seed);
            if (World.Play(story, core: spoilt).Rule is not { } rule)
                continue;
            if (rules.Length > 0)
                Assert.Contains(rule, rules);
            var shrunken = Shrinker.Shrink(story, rule, spoilt);
            Assert.Equal(rule, World.Play(shrunken, core: spoilt).Rule);
            Assert.True(shrunken.Acts.Length <= story.Acts.Length && shrunken.Fates.Length <= story.Fates.Length, StoryText.Of(shrunken, World.Play(shrunken, core: spoilt)));
            return;
        }

        Assert.Fail("3,000 lives, and no rule noticed");
    }

    private static World.Core Spoilt(Func<SupervisorAction, bool> keep) => (state, stamped) =>
    {
        var step = Supervisor.Step(state, stamped);
        return step with { Actions = step.Actions.Where(keep).ToImmutableArray() };
    };
}
