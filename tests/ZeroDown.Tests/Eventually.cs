using System.Diagnostics;
using Xunit;

namespace ZeroDown.Tests;

/// <summary>Waits for something that another thread or process does, with a deadline, and shows the evidence when it never comes.</summary>
/// <remarks>For what cannot be awaited. A test that knows whom to ask (a reply, an end of file, a callback) waits for that instead.</remarks>
internal static class Eventually
{
    /// <summary>Generous: a passing test never waits this long, and a machine under load must not fail an honest one.</summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <param name="condition">Asked again and again until true.</param>
    /// <param name="expectation">What should have become so, as a sentence.</param>
    /// <param name="evidence">Called once, at the deadline: what one would look at to understand.</param>
    internal static void True(Func<bool> condition, string expectation, Func<string>? evidence = null) =>
        Equal(true, condition, expectation, evidence);

    /// <param name="expected">The value to wait for.</param>
    /// <param name="actual">Asked again and again until equal.</param>
    /// <param name="expectation">What should have become so, as a sentence.</param>
    /// <param name="evidence">Called once, at the deadline.</param>
    internal static void Equal<T>(T expected, Func<T> actual, string expectation, Func<string>? evidence = null)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var last = actual();
            if (EqualityComparer<T>.Default.Equals(last, expected))
            {
                return;
            }

            if (clock.Elapsed > Deadline)
            {
                Assert.Fail($"{expectation}: still {last} instead of {expected} after {Deadline.TotalSeconds} s.{Environment.NewLine}{evidence?.Invoke()}");
            }

            Thread.Sleep(Pause);
        }
    }

    /// <param name="signal">Set by another thread.</param>
    /// <param name="expectation">What should have happened, as a sentence.</param>
    internal static void Signalled(WaitHandle signal, string expectation) =>
        Assert.True(signal.WaitOne(Deadline), $"{expectation}: not within {Deadline.TotalSeconds} s");

    /// <summary>Waits for a value that is null until it is there.</summary>
    internal static T Some<T>(Func<T?> find, string expectation, Func<string>? evidence = null)
        where T : class
    {
        T? found = null;
        True(() => (found = find()) is not null, expectation, evidence);
        return found!;
    }
}
