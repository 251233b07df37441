using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ZeroDown.Benchmarks;

/// <summary>Two workers on a listening socket that they inherit from this process, with nobody between or beside them.</summary>
internal sealed partial class BareWorkers : IAsyncDisposable
{
    private const int SetFdFlags = 2;
    private readonly Socket _listener;
    private readonly List<Process> _workers = [];

    private BareWorkers(Socket listener) => _listener = listener;

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}/");

    public static async Task<BareWorkers> StartAsync(string program, params string[] arguments)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(511);
        // .NET marks every socket close-on-exec.
        if (SetFd((int)listener.Handle, SetFdFlags, 0) < 0)
            throw new InvalidOperationException($"fcntl: errno {Marshal.GetLastPInvokeError()}");
        var workers = new BareWorkers(listener);
        for (var slot = 0; slot < 2; slot++)
        {
            // The shell keeps its pid through exec, and so knows the LISTEN_PID. A session of its own, as zd gives each worker one: the scheduler
            // divides the processors among sessions first (autogroup), and the load generator runs on this machine too.
            var script = $"exec 3<&{listener.Handle} {listener.Handle}<&-; export LISTEN_FDS=1 LISTEN_PID=$$ Logging__LogLevel__Default=Warning; exec setsid \"$0\" \"$@\"";
            workers._workers.Add(Process.Start(new ProcessStartInfo("bash", ["-c", script, program, .. arguments]) { RedirectStandardOutput = true })!);
        }

        foreach (var worker in workers._workers)
        {
            while (await worker.StandardOutput.ReadLineAsync() is { } line && !line.Contains("listening", StringComparison.OrdinalIgnoreCase))
            {
                // not yet
            }

            _ = worker.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        }

        return workers;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            worker.Kill();
            await worker.WaitForExitAsync();
            worker.Dispose();
        }

        _listener.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int SetFd(int fd, int command, nint value);
}
