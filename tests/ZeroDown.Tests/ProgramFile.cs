using System.Diagnostics;
using Xunit;

namespace ZeroDown.Tests;

/// <summary>A script that can be executed as soon as it is written.</summary>
/// <remarks>
/// A process of its own writes it. Were it open for writing here, a child that another test is just starting would have it open too until that
/// child execs, and execve of the script would fail with ETXTBSY meanwhile.
/// </remarks>
internal static class ProgramFile
{
    internal static void Write(string path, string text)
    {
        using var writer = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "cat > \"$0\" && chmod 700 \"$0\"", path]) { RedirectStandardInput = true })!;
        writer.StandardInput.Write(text);
        writer.StandardInput.Close();
        Assert.True(writer.WaitForExit(Eventually.Deadline) && writer.ExitCode == 0, $"{path} cannot be written");
    }
}
