using System.Collections;

namespace TestWorker;

/// <summary>What this process can tell about itself.</summary>
internal static class Inspect
{
    public static string WhoAmI { get; } =
        $"pid={Environment.ProcessId} generation={Environment.GetEnvironmentVariable("ZD_GENERATION") ?? "none"}"
        + $" slot={Environment.GetEnvironmentVariable("ZD_SLOT") ?? "none"} app={Environment.GetEnvironmentVariable("ZD_APP") ?? "none"}"
        + $" version={Environment.GetEnvironmentVariable("VERSION") ?? "none"}";

    /// <summary>One line <c>env NAME=value</c> for each variable whose name begins with the prefix (<c>*</c>: all), in order.</summary>
    public static void PrintEnvironment(string prefix)
    {
        foreach (var variable in Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().OrderBy(entry => (string)entry.Key, StringComparer.Ordinal))
        {
            if (prefix == "*" || ((string)variable.Key).StartsWith(prefix, StringComparison.Ordinal))
                Console.WriteLine($"env {variable.Key}={variable.Value}");
        }

        Console.WriteLine("env end");
    }

    /// <summary>One line <c>fd N what</c> for each open fd; the runtime's own are among them.</summary>
    public static void PrintFds()
    {
        foreach (var fd in Directory.GetFiles("/proc/self/fd").OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal))
        {
            if (new FileInfo(fd).LinkTarget is { } target)
                Console.WriteLine($"fd {Path.GetFileName(fd)} {target}");
        }

        Console.WriteLine("fd end");
    }
}
