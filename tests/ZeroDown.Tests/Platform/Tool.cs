using System.Diagnostics;
using Xunit;

namespace ZeroDown.Tests.Platform;

/// <summary>A program of this machine, run by a test: spoken to by lines, ended with the test. Tests that need a missing one are skipped.</summary>
internal sealed class Tool : IDisposable
{
    /// <summary>The interpreter itself: what PATH has may be a script that looks for it each time, half a second on a busy machine.</summary>
    private static readonly Lazy<string> Interpreter = new(() => Run("python3", "-c", "import sys; print(sys.executable)").Output.Trim());

    private readonly Process _process;

    private Tool(Process process) => _process = process;

    internal int Pid => _process.Id;

    internal StreamWriter Input => _process.StandardInput;

    internal static bool Exists(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));

    internal static void Require(string name) => Assert.SkipUnless(Exists(name), $"{name} is not installed here");

    /// <summary>Python's standard library speaks to the kernel as plainly as C does.</summary>
    internal static Tool Python(string script, params string[] arguments)
    {
        Require("python3");
        return Launch(Interpreter.Value, ["-u", "-c", script, .. arguments]);
    }

    internal static Tool Start(string name, params string[] arguments)
    {
        Require(name);
        return Launch(name, arguments);
    }

    private static Tool Launch(string name, string[] arguments)
    {
        var start = new ProcessStartInfo(name, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new Tool(Process.Start(start)!);
    }

    /// <summary>Runs to its end.</summary>
    internal static (int ExitCode, string Output) Run(string name, params string[] arguments)
    {
        using var tool = Start(name, arguments);
        var output = tool._process.StandardOutput.ReadToEnd();
        tool._process.WaitForExit();
        return (tool._process.ExitCode, output);
    }

    /// <summary>The next line that it prints.</summary>
    internal string ReadLine()
    {
        var line = Task.Run(_process.StandardOutput.ReadLine);
        Assert.True(Task.WaitAny([line], Eventually.Deadline) == 0, "the tool said nothing in time");
        return line.Result ?? throw new EndOfStreamException("the tool ended without a word");
    }

    internal void WaitForExit() => Assert.True(_process.WaitForExit(Eventually.Deadline), "the tool ended");

    /// <summary>SIGKILL, and waits until it is reaped.</summary>
    internal void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }
}
