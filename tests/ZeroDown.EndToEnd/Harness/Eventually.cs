using System.Diagnostics;
using Xunit;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>Waits for what other processes do, and shows the evidence when it never comes. (The conditions here run commands, so they are async.)</summary>
internal static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Fails when a look that began after the deadline still says no: an answer from before it says nothing about a machine that stood still in between. How many looks there were and how
    /// long the slowest took is told, so that a command that hung can be told from a condition that never came.
    /// </summary>
    public static async Task Holds(Func<Task<bool>> condition, string expectation, Func<string> evidence)
    {
        var (clock, looks, slowest) = (Stopwatch.StartNew(), 0, TimeSpan.Zero);
        while (true)
        {
            var began = clock.Elapsed;
            if (await condition())
                return;
            looks++;
            slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, (clock.Elapsed - began).Ticks));
            if (began > Deadline)
            {
                var what = $"{expectation}: not within {Deadline.TotalSeconds} s ({looks} looks, the slowest took {slowest.TotalSeconds:0.0} s).";
                // Twice: the evidence is long, and of a long log often only the end is kept.
                Assert.Fail($"{what}\n{evidence()}\n=== {what}");
            }

            await Task.Delay(20);
        }
    }
}
