using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Survival;
using ZeroDown.Simulation;

namespace ZeroDown.Tests.Daemon.Survival;

public sealed class FleetCodecTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whatever_the_core_can_know_is_carried_through(bool truth)
    {
        var any = new AnyState(truth);
        var (fleet, desk) = (any.Make<FleetState>(), any.Make<DeskBook>());

        var read = FleetCodec.Read(Text(fleet, desk));

        Assert.Null(AnyState.Difference(fleet, read.Fleet, "fleet"));
        Assert.Null(AnyState.Difference(desk, read.Desk, "desk"));
        foreach (var type in (ReadOnlySpan<Type>)[typeof(ListenerAddress), typeof(FailureCause), typeof(SupervisorAction)])
            Assert.All(AnyState.CasesOf(type), one => Assert.Contains(one, any.Made));
    }

    [Fact]
    public void What_is_as_by_default_is_carried_through()
    {
        var fleet = new FleetState { Apps = [new AppState { Spec = Some.App(), Slots = [new SlotState { Slot = 0, PmId = 0 }] }] };

        Assert.Null(AnyState.Difference(fleet, FleetCodec.Read(Text(fleet)).Fleet, "fleet"));
        Assert.Null(AnyState.Difference(FleetState.Empty, FleetCodec.Read(Text(FleetState.Empty)).Fleet, "fleet"));
    }

    [Fact]
    public void A_life_that_is_read_back_after_every_step_is_the_same_life()
    {
        for (ulong seed = 1; seed <= 100; seed++)
        {
            var (plain, read) = (new List<string>(), new List<string>());
            var story = Story.FromSeed(seed);
            using var codec = new FleetCodec();
            var buffer = new ByteBuffer();
            World.Play(story, plain);
            var ending = World.Play(story, read, (state, stamped) =>
            {
                var step = Supervisor.Step(state, stamped);
                if (ReferenceEquals(step.State, state))
                    return step;
                buffer.Clear();
                codec.Write(buffer, step.State, DeskBook.Empty);
                var back = FleetCodec.Read(buffer.Written).Fleet;
                if (AnyState.Difference(step.State, back, "fleet") is { } difference)
                    throw new InvalidOperationException(difference);
                return step with { State = back };
            });
            Assert.Null(ending.Finding);
            Assert.Equal(plain, read);
        }
    }

    [Fact]
    public void A_spec_that_is_shared_is_written_once_and_stays_shared()
    {
        var spec = Some.App().WithEnvironment(("LONG", new string('x', 5_000)));
        var workers = Enumerable.Range(1, 50).Select(number => new Worker { Id = new WorkerId(number), Slot = number, PmId = number, Generation = 1, Spec = spec });
        var fleet = new FleetState { Apps = [new AppState { Spec = spec, Workers = workers.ToImmutableSortedDictionary(worker => worker.Id.Number, worker => worker) }] };

        var text = Text(fleet);
        var read = FleetCodec.Read(text).Fleet.Apps[0];

        Assert.True(text.Length < 15_000, $"{text.Length} bytes");
        Assert.All(read.Workers.Values, worker => Assert.Same(read.Spec, worker.Spec));
        Assert.Equal(spec, read.Spec);
    }

    [Fact]
    public void A_spec_that_is_not_used_any_more_is_not_written_any_more()
    {
        using var codec = new FleetCodec();
        var buffer = new ByteBuffer();
        codec.Write(buffer, Running(Some.App("first")), DeskBook.Empty);
        buffer.Clear();
        codec.Write(buffer, Running(Some.App("second")), DeskBook.Empty);

        Assert.DoesNotContain("first", Encoding.UTF8.GetString(buffer.Written), StringComparison.Ordinal);
        Assert.Equal("second", FleetCodec.Read(buffer.Written).Fleet.Apps[0].Spec.Name.Value);
    }

    [Fact]
    public void What_a_later_version_adds_is_passed_over_and_what_it_leaves_out_is_as_by_default()
    {
        var text = JsonNode.Parse(Text(Running(Some.App() with { Stop = new StopRule { KillTimeout = TimeSpan.FromSeconds(1) } })))!;
        text["fleet"]!["apps"]![0]!["mood"] = new JsonObject { ["of"] = new JsonArray(1, "two", null) };
        text["news"] = new JsonArray(new JsonObject());
        var stop = text["specs"]![1]!["stop"]!.AsObject();
        stop.Remove("killTimeout");
        stop.Remove("wholeTree");

        var spec = FleetCodec.Read(Encoding.UTF8.GetBytes(text.ToJsonString())).Fleet.Apps[0].Spec;

        Assert.Equal(new StopRule().KillTimeout, spec.Stop.KillTimeout);
        Assert.True(spec.Stop.WholeTree);
    }

    [Fact]
    public void What_cannot_be_left_out_is_missed_by_its_name()
    {
        var text = JsonNode.Parse(Text(Running(Some.App())))!;
        text["fleet"]!["apps"]![0]!.AsObject().Remove("serving");

        var problem = Assert.Throws<UnreadableStateException>(() => FleetCodec.Read(Encoding.UTF8.GetBytes(text.ToJsonString())));

        Assert.Equal("a AppState is without its \"serving\"", problem.Message);
    }

    [Fact]
    public void A_format_of_the_future_is_refused_with_words()
    {
        var text = JsonNode.Parse(Text(FleetState.Empty))!;
        text["format"] = FleetCodec.Format + 1;
        text["version"] = "99.0.0";

        var problem = Assert.Throws<UnreadableStateException>(() => FleetCodec.Read(Encoding.UTF8.GetBytes(text.ToJsonString())));

        Assert.Contains($"written by version 99.0.0 of zd in format {FleetCodec.Format + 1}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_was_cut_anywhere_is_refused_and_never_read_as_something_else()
    {
        var any = new AnyState(true);
        var text = Text(Running(any.Make<AppSpec>()), any.Make<DeskBook>());

        for (var length = 0; length < text.Length; length++)
            Assert.Throws<UnreadableStateException>(() => FleetCodec.Read(text.AsSpan(0, length)));
    }

    [Fact]
    public void A_text_with_any_byte_changed_is_read_or_refused_and_nothing_else_happens()
    {
        var text = Text(Running(Some.App().WithEnvironment(("A", "b"))));
        var refused = 0;
        for (var at = 0; at < text.Length; at++)
        {
            foreach (var other in (ReadOnlySpan<byte>)[0, (byte)'"', (byte)'9', (byte)'-', (byte)'{', (byte)']', 0xFF])
            {
                var changed = (byte[])text.Clone();
                changed[at] = other;
                try
                {
                    FleetCodec.Read(changed);
                }
                catch (UnreadableStateException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > text.Length, $"{refused} of {text.Length * 7} changes were noticed");
    }

    internal static FleetState Running(AppSpec spec) => new() { Apps = [new AppState { Spec = spec }] };

    internal static byte[] Text(FleetState fleet, DeskBook? desk = null)
    {
        using var codec = new FleetCodec();
        var buffer = new ByteBuffer();
        codec.Write(buffer, fleet, desk ?? DeskBook.Empty);
        return buffer.Written.ToArray();
    }
}
