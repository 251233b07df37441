using System.Diagnostics;

namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>Four programs that use whatever CPU they get, until they are disposed.</summary>
internal sealed class BusyLoops : IDisposable
{
    private const int Count = 4;

    private readonly List<Process> _loops = [.. Enumerable.Range(0, Count).Select(_ => Process.Start("/bin/sh", ["-c", "while :; do :; done"]))];

    public void Dispose()
    {
        foreach (var loop in _loops)
        {
            loop.Kill();
            loop.WaitForExit();
            loop.Dispose();
        }
    }
}
