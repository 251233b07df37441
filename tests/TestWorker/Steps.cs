using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace TestWorker;

/// <summary>Every word that the command line can hold, with how many values it takes. Unless a step ends the process, the next one runs.</summary>
internal sealed class Steps : IDisposable
{
    private readonly Dictionary<string, (int Values, Func<string[], Task> Run)> _table;
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly CancellationTokenSource _stop = new();
    private TimeSpan _drainTakes;
    private TimeSpan _idleLimit = Timeout.InfiniteTimeSpan;
    private int? _exitCode;
    private byte[] _held = [];

    private Steps() => _table = new()
    {
        // serving
        ["serve"] = (0, _ => ServeAsync(Listeners.Inherited())),
        ["serve-own-port"] = (1, v => ServeAsync([Listeners.Bind(IPEndPoint.Parse(v[0]))])),
        ["shutdown-listener"] = (0, _ => Do(() => Listeners.Inherited().ForEach(ShutDown), "shut the listener down")),
        ["slow-drain"] = (1, v => Do(() => _drainTakes = Ms(v[0]))),
        ["idle-limit"] = (1, v => Do(() => _idleLimit = Ms(v[0]))),

        // living and dying
        ["never-ready"] = (0, _ => HangAsync()),
        ["hang"] = (0, _ => HangAsync()),
        ["sleep"] = (1, v => Task.Delay(Ms(v[0]), _stop.Token)),
        ["await-file"] = (1, v => AwaitFileAsync(v[0])),
        ["make-file"] = (1, v => Do(() => File.WriteAllText(v[0], ""))),
        ["exit"] = (1, v => Do(() => _exitCode = Number(v[0]))),
        ["exit-at-once"] = (1, v => Do(() => _exitCode = Number(v[0]))),
        ["crash-after"] = (1, v => Meanwhile(CrashAfterAsync(Ms(v[0])))),
        ["hold-memory"] = (1, v => Do(() => HoldMemory(Number(v[0])))),
        ["grow-when"] = (2, v => Meanwhile(WhenTakenAsync(v[0], () => HoldMemory(Number(v[1]))))),
        ["child-grows-when"] = (2, v => Meanwhile(WhenTakenAsync(v[0], () => StartChild(Environment.ProcessPath!, "hold-memory", v[1], "hang")))),
        ["ignore-term"] = (0, _ => Do(IgnoreTerm, "ignoring SIGTERM")),

        // talking to the supervisor
        ["ready"] = (0, _ => Do(() => Notify.Send("READY=1"), "said ready")),
        ["say-ready"] = (0, _ => Do(() => Notify.Send("READY=1"), "said ready")),
        ["notify"] = (1, v => Do(() => Notify.Send(v[0].Replace("\\n", "\n", StringComparison.Ordinal)), $"notified {v[0]}")),
        ["barrier"] = (0, _ => Do(Notify.Barrier, "the barrier is passed")),

        // output and input
        ["say"] = (1, v => Do(() => { }, v[0])),
        ["err"] = (1, v => Do(() => Console.Error.WriteLine(v[0]))),
        ["count"] = (1, v => Meanwhile(CountAsync(Ms(v[0])))),
        ["spam"] = (1, v => Meanwhile(SpamAsync(double.Parse(v[0], CultureInfo.InvariantCulture)))),
        ["print-env"] = (1, v => Do(() => Inspect.PrintEnvironment(v[0]))),
        ["print-fds"] = (0, _ => Do(Inspect.PrintFds)),
        ["print-stdin"] = (0, _ => Meanwhile(PrintStdinAsync())),
        ["print-cwd"] = (0, _ => Do(() => { }, $"cwd {Environment.CurrentDirectory}")),

        // descendants
        ["hold-output"] = (1, v => Do(() => StartChild("sleep", v[0]))),
        ["fork-children"] = (1, v => Do(() => { for (var i = 0; i < Number(v[0]); i++) StartChild("sleep", "600"); })),
    };

    /// <summary>Runs the words; the exit code is what an <c>exit</c> said, 0 after a drain, 64 for a word that nobody knows.</summary>
    public static async Task<int> RunAsync(string[] words)
    {
        using var steps = new Steps();
        return await steps.RunAllAsync(words);
    }

    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        _stop.Dispose();
    }

    private async Task<int> RunAllAsync(string[] words)
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT })
            _signals.Add(PosixSignalRegistration.Create(signal, OnStop));
        for (var i = 0; i < words.Length && _exitCode is null; i++)
        {
            if (!_table.TryGetValue(words[i], out var step) || i + step.Values >= words.Length)
            {
                Console.Error.WriteLine($"TestWorker: '{words[i]}' is no step, or lacks its value; known: {string.Join(", ", _table.Keys)}");
                return 64;
            }

            var values = words[(i + 1)..(i + 1 + step.Values)];
            i += step.Values;
            try
            {
                await step.Run(values);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break; // told to stop while it slept
            }
        }

        return _exitCode ?? 0;
    }

    private void OnStop(PosixSignalContext context)
    {
        context.Cancel = true;
        Say($"got {context.Signal}");
        _stop.Cancel();
    }

    private static void ShutDown(Socket listener)
    {
        try
        {
            listener.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException gone) when (gone.SocketErrorCode == SocketError.NotConnected)
        {
            // A sibling has just done it.
        }
    }

    private void IgnoreTerm()
    {
        _signals.ForEach(signal => signal.Dispose());
        _signals.Clear();
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT })
        {
            _signals.Add(PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                Say($"ignored {context.Signal}");
            }));
        }
    }

    /// <summary>A boot that takes exactly as long as a test wants.</summary>
    private async Task AwaitFileAsync(string path)
    {
        while (!File.Exists(path))
            await Task.Delay(20, _stop.Token);
    }

    private async Task ServeAsync(List<Socket> listeners)
    {
        if (listeners.Count == 0)
        {
            Console.Error.WriteLine("TestWorker: serve needs LISTEN_FDS (and LISTEN_PID, when set, must be this process)");
            _exitCode = 65;
            return;
        }

        var server = new HttpServer(_idleLimit);
        var accepting = Task.WhenAll(listeners.Select(listener => server.AcceptAsync(listener, _stop.Token)).ToArray());
        listeners.ForEach(listener => Say($"listening on {listener.LocalEndPoint}"));
        await HangAsync();
        Say($"draining, {server.Open} connections open");
        await server.DrainAsync(accepting);
        await Task.Delay(_drainTakes);
        Say("drained");
    }

    private async Task HangAsync() => await Task.Delay(Timeout.Infinite, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private static async Task CrashAfterAsync(TimeSpan after)
    {
        await Task.Delay(after);
        Console.Error.WriteLine("TestWorker: crashing as told");
        Environment.Exit(70);
    }

    /// <summary>Numbered lines, each in two pieces, with a pause after each piece; so at any moment some line is half printed.</summary>
    private async Task CountAsync(TimeSpan pause)
    {
        await Task.Yield();
        using var output = Console.OpenStandardOutput();
        for (var number = 1; !_stop.IsCancellationRequested; number++)
        {
            await output.WriteAsync(Encoding.ASCII.GetBytes($"{Environment.ProcessId} counts "));
            await Task.Delay(pause);
            await output.WriteAsync(Encoding.ASCII.GetBytes($"{number}\n"));
            await Task.Delay(pause);
        }
    }

    private async Task SpamAsync(double megabytesPerSecond)
    {
        using var output = Console.OpenStandardOutput();
        var lines = new byte[10_000];
        lines.AsSpan().Fill((byte)'x');
        for (var end = 99; end < lines.Length; end += 100)
            lines[end] = (byte)'\n';
        var clock = Stopwatch.StartNew();
        for (long written = 0; !_stop.IsCancellationRequested; written += lines.Length)
        {
            await output.WriteAsync(lines);
            var ahead = TimeSpan.FromSeconds(written / (megabytesPerSecond * 1_000_000)) - clock.Elapsed;
            if (ahead > TimeSpan.FromMilliseconds(5))
                await Task.Delay(ahead);
        }
    }

    private static async Task PrintStdinAsync()
    {
        await Task.Yield();
        using var input = new StreamReader(Console.OpenStandardInput());
        while (await input.ReadLineAsync() is { } line)
            Say($"stdin: {line}");
        Say("stdin ended");
    }

    private void HoldMemory(int megabytes)
    {
        _held = new byte[megabytes * 1024 * 1024];
        _held.AsSpan().Fill(1); // pages count when they are written to
        Say($"holding {megabytes} MiB");
    }

    /// <summary>Of all workers that wait for the file, the one that manages to remove it acts.</summary>
    private async Task WhenTakenAsync(string file, Action act)
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(20);
            try
            {
                File.Move(file, $"{file}.{Environment.ProcessId}");
                act();
                return;
            }
            catch (FileNotFoundException)
            {
                // Not yet, or somebody else's.
            }
        }
    }

    private static void StartChild(string command, params string[] arguments)
    {
        // Inherits stdin, stdout and stderr, and keeps them open when this process is gone.
        var child = Process.Start(new ProcessStartInfo(command, arguments) { UseShellExecute = false })!;
        Say($"child {child.Id}");
    }

    private static Task Meanwhile(Task goesOn) => goesOn.IsFaulted ? goesOn : Task.CompletedTask;

    private static Task Do(Action action, string? words = null)
    {
        action();
        if (words is not null)
            Say(words);
        return Task.CompletedTask;
    }

    private static void Say(string words)
    {
        Console.WriteLine(words);
        Console.Out.Flush();
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static TimeSpan Ms(string text) => TimeSpan.FromMilliseconds(Number(text));
}
