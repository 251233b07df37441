using System.Diagnostics;
using System.Globalization;

namespace ZeroDown.EndToEnd.Harness;

/// <summary>Small programs of the system that tests use.</summary>
internal static class Tool
{
    /// <summary>Sends a signal, by its short name (TERM, STOP, 9).</summary>
    public static void Signal(int pid, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", pid.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Runs a program to its end; its exit code, or null when there is no such program.</summary>
    public static int? Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
            process.StandardOutput.ReadToEnd();
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
