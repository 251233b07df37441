using System.Collections.Concurrent;
using Xunit;
using ZeroDown.Cli.Foreground;
using ZeroDown.Protocol;

namespace ZeroDown.Tests.Cli;

public class LogRelayTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Lines_arrive_in_their_order_and_the_end_waits_for_the_last()
    {
        var printed = new ConcurrentQueue<string>();
        var relay = new LogRelay(note => printed.Enqueue(note.Lines[0]), () => { });
        relay.Start();
        for (var number = 0; number < 1000; number++)
            relay.Log(Note($"{number}"));
        await relay.FinishAsync(Soon);
        Assert.Equal(Enumerable.Range(0, 1000).Select(number => $"{number}"), printed);
    }

    [Fact]
    public async Task A_reader_who_does_not_read_holds_up_nobody_and_learns_how_much_he_missed()
    {
        using var gate = new ManualResetEventSlim();
        var printed = new ConcurrentQueue<LogNote>();
        var relay = new LogRelay(
            note =>
            {
                gate.Wait(Soon);
                printed.Enqueue(note);
            },
            () => { });
        relay.Start();
        var line = new string('x', 1_000_000);
        for (var number = 0; number < 40; number++)
            relay.Log(Note(line));
        await relay.FinishAsync(TimeSpan.Zero);
        gate.Set();
        await relay.FinishAsync(Soon);
        // Two bytes a letter: sixteen of a million fit, the rest is counted at the end.
        Assert.Equal(40, printed.Sum(note => note.Lines.Length + note.Dropped));
        Assert.InRange(printed.Sum(note => note.Lines.Length), 10, 17);
        Assert.True(printed.Last().Dropped > 0);
    }

    [Fact]
    public void The_daemons_own_lines_and_gaps_are_worth_a_look_at_the_list()
    {
        var looks = 0;
        var relay = new LogRelay(_ => { }, () => looks++);
        relay.Log(Note("of a worker"));
        Assert.Equal(0, looks);
        relay.Log(new LogNote { Stream = "daemon", Lines = ["App [job:0] exited"] });
        relay.Log(Note("of a worker") with { Dropped = 3 });
        Assert.Equal(2, looks);
    }

    private static LogNote Note(string line) => new() { App = "job", PmId = 0, Stream = "out", Lines = [line] };
}
