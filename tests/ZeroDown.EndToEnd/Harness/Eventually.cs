using System.Diagnostics;
using Xunit;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>Waits for what other processes do, and shows the evidence when it never comes. (The conditions here run commands, so they are async.)</summary>
internal static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static async Task Holds(Func<Task<bool>> condition, string expectation, Func<string> evidence)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > Deadline)
                Assert.Fail($"{expectation}: not within {Deadline.TotalSeconds} s.\n{evidence()}");
            await Task.Delay(20);
        }
    }
}
