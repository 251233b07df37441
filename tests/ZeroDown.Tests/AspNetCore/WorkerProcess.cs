using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Xunit;
using ZeroDown.Platform;
using ZeroDown.Platform.Launching;

namespace ZeroDown.Tests.AspNetCore;

/// <summary>How a worker is started.</summary>
internal sealed record WorkerPlan
{
    public string Program { get; init; } = BuiltProgram.WebWorker;

    public string[] Arguments { get; init; } = [];

    /// <summary>The assembly that is injected; null for none.</summary>
    public string? Hook { get; init; } = BuiltProgram.LibraryOfWebWorker;

    /// <summary>False: the only order that it can get is a signal.</summary>
    public bool Channel { get; init; } = true;

    public (string Name, string Value)[] Environment { get; init; } = [];
}

/// <summary>
/// A real worker process and the supervisor's side of everything between the two: its listening sockets, its notify socket, its channel. The
/// smallest supervisor that can be: what the keeper and the daemon add is tested elsewhere.
/// </summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private const int Sigterm = 15;
    private const int Sigkill = 9;

    private readonly TempFolder _folder = new();
    private readonly Socket _notify = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Socket? _channel;
    private readonly Channel<string> _notices = System.Threading.Channels.Channel.CreateUnbounded<string>();
    private readonly Channel<string> _messages = System.Threading.Channels.Channel.CreateUnbounded<string>();
    private readonly List<string> _heard = [];

    private WorkerProcess(WorkerPlan plan, IReadOnlyList<Socket> listeners)
    {
        _notify.Bind(new UnixDomainSocketEndPoint(_folder["n"]));
        using var output = FdHandle.Open(_folder["out"], Constants.O_WRONLY | Constants.O_CREAT | Constants.O_APPEND, 0b110_100_100);
        var fds = new List<(FdHandle, int)> { (output, 1), (output, 2) };
        var lent = listeners.Select(Lend).ToList();
        fds.AddRange(lent.Select((fd, n) => (fd, 3 + n)));
        FdHandle? theirs = null;
        if (plan.Channel)
        {
            (var ours, theirs) = NewSocket.CreatePair(Constants.SOCK_STREAM, nonBlocking: false);
            _channel = new Socket(new SafeSocketHandle(ours.Number, ownsHandle: true));
            ours.SetHandleAsInvalid();
            fds.Add((theirs, 3 + listeners.Count));
        }

        // The shell is the trampoline of these tests: it knows the pid that the program will have, and exec keeps it.
        Pid = ChildLauncher.Launch(new ChildImage(
            "/bin/sh",
            ["sh", "-c", "export LISTEN_PID=$$ SYSTEMD_EXEC_PID=$$ WATCHDOG_PID=$$; exec dotnet \"$@\"", "sh", plan.Program, .. plan.Arguments],
            Variables(plan, listeners.Count),
            fds,
            NewSession: true));
        lent.ForEach(fd => fd.Dispose());
        theirs?.Dispose();
        Exited = Task.Factory.StartNew(() => Reaper.Reap(Pid), TaskCreationOptions.LongRunning);
        _ = ReadNoticesAsync();
        _ = ReadMessagesAsync();
    }

    public int Pid { get; }

    public Task<ChildExit> Exited { get; }

    /// <summary>Everything that the worker printed.</summary>
    public string Output => File.ReadAllText(_folder["out"]);

    public static WorkerProcess Start(WorkerPlan plan, params Socket[] listeners) => new(plan, listeners);

    public static async Task<WorkerProcess> StartReadyAsync(WorkerPlan plan, params Socket[] listeners)
    {
        var worker = new WorkerProcess(plan, listeners);
        await worker.NoticeAsync("READY=1");
        return worker;
    }

    /// <summary>Waits for a statement on the notify socket.</summary>
    public Task<string> NoticeAsync(string containing) => WaitForAsync(_notices.Reader, containing);

    /// <summary>Waits for a message on the channel.</summary>
    public Task<string> MessageAsync(string containing) => WaitForAsync(_messages.Reader, containing);

    public void Say(string line) => _channel!.Send(Encoding.UTF8.GetBytes(line + "\n"));

    public void Drain(int idleMs = 30_000, int drainMs = 30_000, string why = "reload") =>
        Say($$$"""{"drain":{"why":"{{{why}}}","idleMs":{{{idleMs}}},"drainMs":{{{drainMs}}}}}""");

    public void CloseChannel() => _channel!.Dispose();

    public void Terminate() => _ = Interop.Kill(Pid, Sigterm);

    /// <summary>Sends the stop signal and expects a clean end.</summary>
    public async Task StopAsync()
    {
        Terminate();
        await ExpectExitAsync();
    }

    public async Task ExpectExitAsync()
    {
        var exit = await Exited.WaitAsync(Eventually.Deadline);
        Assert.True(exit.ExitCode == 0, $"{exit}\n{Evidence}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!Exited.IsCompleted)
        {
            _ = Interop.Kill(Pid, Sigkill);
        }

        await Exited;
        _notify.Dispose();
        _channel?.Dispose();
        _folder.Dispose();
    }

    private string Evidence
    {
        get
        {
            lock (_heard)
            {
                return $"heard:\n{string.Join('\n', _heard)}\nprinted:\n{Output}";
            }
        }
    }

    // A Socket keeps its descriptor; the launcher wants a handle of its own.
    private static FdHandle Lend(Socket socket)
    {
        var borrowed = new FdHandle((int)socket.Handle);
        var duplicate = borrowed.Duplicate();
        borrowed.SetHandleAsInvalid();
        return duplicate;
    }

    private List<string> Variables(WorkerPlan plan, int listeners)
    {
        var variables = System.Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Where(v => !((string)v.Key).StartsWith("DOTNET_STARTUP", StringComparison.Ordinal))
            .Select(v => $"{v.Key}={v.Value}")
            .ToList();
        variables.AddRange([$"LISTEN_FDS={listeners}", $"NOTIFY_SOCKET={_folder["n"]}", "ZD_APP=test", "DOTNET_gcServer=0", "DOTNET_TieredPGO=0"]);
        if (plan.Channel)
        {
            variables.Add($"ZD_CHANNEL_FD={3 + listeners}");
        }

        if (plan.Hook is { } hook)
        {
            variables.Add($"DOTNET_STARTUP_HOOKS={hook}");
        }

        variables.AddRange(plan.Environment.Select(v => $"{v.Name}={v.Value}"));
        return variables;
    }

    private async Task<string> WaitForAsync(ChannelReader<string> reader, string containing)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        try
        {
            await foreach (var text in reader.ReadAllAsync(deadline.Token))
            {
                if (text.Contains(containing, StringComparison.Ordinal))
                {
                    return text;
                }
            }
        }
        catch (OperationCanceledException)
        {
        }

        Assert.Fail($"never heard {containing}\n{Evidence}");
        return "";
    }

    private async Task ReadNoticesAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var length = await _notify.ReceiveAsync(buffer);
                Hear(_notices, Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            _notices.Writer.TryComplete();
        }
    }

    private async Task ReadMessagesAsync()
    {
        if (_channel is null)
        {
            return;
        }

        using var reader = new StreamReader(new NetworkStream(_channel, ownsSocket: false));
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                Hear(_messages, line);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
        }

        _messages.Writer.TryComplete();
    }

    private void Hear(Channel<string> channel, string text)
    {
        lock (_heard)
        {
            _heard.Add(text);
        }

        channel.Writer.TryWrite(text);
    }
}

/// <summary>Listening sockets as a supervisor holds them.</summary>
internal static class Listening
{
    public static Socket On(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen(511);
        return socket;
    }

    public static Socket OnLoopback() => On(IPAddress.Loopback);

    public static Socket On(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(511);
        return socket;
    }

    public static int Port(this Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;
}
