using Xunit;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>What a finished <c>zd</c> command left: exit code, stdout, stderr.</summary>
public sealed record ZdResult(string Command, int ExitCode, string Out, string Err, TimeSpan Took)
{
    /// <summary>Both streams, for messages whose stream does not matter.</summary>
    public string All => Out + Err;

    public ZdResult Succeeded() => Exited(0);

    public ZdResult Exited(params int[] codes)
    {
        if (!codes.Contains(ExitCode))
            Assert.Fail($"expected exit code {string.Join(" or ", codes)} of\n{this}");
        return this;
    }

    /// <summary>Fails, showing everything, unless stdout or stderr has each of the texts (case does not matter).</summary>
    public ZdResult Says(params string[] texts)
    {
        foreach (var text in texts)
        {
            if (!All.Contains(text, StringComparison.OrdinalIgnoreCase))
                Assert.Fail($"expected the words '{text}' from\n{this}");
        }

        return this;
    }

    /// <summary>What no user's mistake may show.</summary>
    public ZdResult HasNoStackTrace()
    {
        if (All.Contains("   at ZeroDown.", StringComparison.Ordinal) || All.Contains("Unhandled exception", StringComparison.Ordinal) || All.Contains("   at System.", StringComparison.Ordinal))
            Assert.Fail($"a stack trace from\n{this}");
        return this;
    }

    public override string ToString() =>
        $"$ zd {Command}   (exit {ExitCode} after {Took.TotalSeconds:0.0} s)\n--- stdout\n{Out.TrimEnd()}\n--- stderr\n{Err.TrimEnd()}\n---";
}
