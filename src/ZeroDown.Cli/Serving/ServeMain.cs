using System.Net.Sockets;
using System.Runtime.InteropServices;
using ZeroDown.Platform;

namespace ZeroDown.Cli.Serving;

/// <summary>
/// The hidden role <c>zd serve-files FOLDER</c>: a worker like any other, which accepts on the sockets that it inherits, says when it is ready, and on
/// the stop signal goes without losing a request. Configured by pm2's variables.
/// </summary>
internal static class ServeMain
{
    public const string Role = "serve-files";

    /// <summary>How to start it, for an app's definition. Not as /proc/self/exe: another process executes it.</summary>
    public static IReadOnlyList<string> Command { get; } = SelfExecutable.Current is { Arguments: [] } self
        ? [self.DisplayPath, Role]
        : [SelfExecutable.Current.Path, .. SelfExecutable.Current.Arguments, Role];

    public static int Run(string[] args)
    {
        if (args is not [var folder])
        {
            Console.Error.WriteLine("usage: zd serve [FOLDER] [PORT]");
            return ExitCode.WrongUsage;
        }

        var sockets = InheritedListeners.Take();
        if (sockets.Count == 0)
        {
            Console.Error.WriteLine("the file server accepts on a socket that zd holds; start it with: zd serve [FOLDER] [PORT]");
            return ExitCode.WrongUsage;
        }

        return RunAsync(ServeSettings.Read(folder, Environment.GetEnvironmentVariable), sockets).GetAwaiter().GetResult();
    }

    private static async Task<int> RunAsync(ServeSettings settings, IReadOnlyList<Socket> sockets)
    {
        using var leaving = new CancellationTokenSource();
        using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
        using var onInt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
        var open = new HashSet<Task>();
        var loops = sockets.Select(socket => AcceptAsync(socket, settings, open, leaving.Token)).ToArray();
        foreach (var socket in sockets)
            Console.WriteLine($"Exposing {settings.Folder} directory on {socket.LocalEndPoint}");
        SayReady();
        await Task.WhenAll(loops);
        Task[] rest;
        lock (open)
            rest = [.. open];
        await Task.WhenAll(rest);
        return ExitCode.Done;

        void Leave(PosixSignalContext signal)
        {
            signal.Cancel = true;
            leaving.Cancel();
        }
    }

    /// <summary>Connections that nobody has accepted yet stay in the queue, for the other workers.</summary>
    private static async Task AcceptAsync(Socket listener, ServeSettings settings, HashSet<Task> open, CancellationToken leaving)
    {
        while (!leaving.IsCancellationRequested)
        {
            try
            {
                var conversation = new Conversation(await listener.AcceptAsync(leaving), settings, leaving).HoldAsync();
                lock (open)
                    open.Add(conversation);
                _ = conversation.ContinueWith(Forget, TaskScheduler.Default);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException problem)
            {
                // A client that left before it was accepted, or too many open files: the next one may have more luck.
                if (problem.SocketErrorCode == SocketError.TooManyOpenSockets)
                    await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
            }
        }

        void Forget(Task conversation)
        {
            lock (open)
                open.Remove(conversation);
        }
    }

    private static void SayReady()
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 0 } path)
            return;
        using var notify = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        notify.SendTo("READY=1"u8, new UnixDomainSocketEndPoint(path.StartsWith('@') ? '\0' + path[1..] : path));
    }
}
