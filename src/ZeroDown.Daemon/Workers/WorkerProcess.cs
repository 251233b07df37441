using System.Collections.Concurrent;
using System.Text;
using ZeroDown.Core.Apps;
using ZeroDown.Core.Supervision;
using ZeroDown.Daemon.Output;
using ZeroDown.Platform;

namespace ZeroDown.Daemon.Workers;

/// <summary>What the daemon holds for one worker, from the order to launch it until it is forgotten.</summary>
internal sealed class WorkerProcess(LaunchWorker order) : IDisposable
{
    /// <summary>Why nothing reaches a worker that is not there.</summary>
    public const string Gone = "it has just exited";

    public LaunchWorker Order { get; } = order;

    public WorkerId Id => Order.Worker;

    /// <summary>0 until the keeper has a process.</summary>
    public int Pid { get; set; }

    /// <summary>Null, as all that follows, when the keeper of a worker that was taken over did not have it.</summary>
    public required OutputStream? Out { get; init; }

    public required OutputStream? Error { get; init; }

    /// <summary>Our end of the worker's stdin, kept open so that the worker never reads an end of file.</summary>
    public required FdHandle? Input { get; init; }

    public required NotifyReader? Notify { get; init; }

    public DrainChannel? Channel { get; init; }

    /// <summary>Node's own channel; null for every other program.</summary>
    public NodeChannel? Node { get; init; }

    /// <summary>The listeners that it was launched with, and those that it asked for.</summary>
    public IEnumerable<ListenerSpec> Listeners => [.. Order.Spec.Listen, .. HandedOver.Values];

    /// <summary>Listeners that it asked for and got.</summary>
    public ConcurrentDictionary<ListenerAddress, ListenerSpec> HandedOver { get; } = new();

    public ListeningWatch? Watch { get; set; }

    public Timer? ConnectionCount { get; set; }

    public QueueWatch? QueueWatch { get; set; }

    /// <summary>Null until the keeper has a process.</summary>
    public WorkerTree? Tree { get; set; }

    /// <summary>What it had started when it was asked to stop; null when that was nothing.</summary>
    public TreeGlance? TreeBefore { get; set; }

    /// <summary>Set when it has exited and others of its tree live.</summary>
    public TreeWatch? TreeWatch { get; set; }

    /// <summary>The streams that still can be written to, by children that it left behind when it has exited.</summary>
    public IEnumerable<OutputStream> OpenStreams => new[] { Out, Error }.OfType<OutputStream>().Where(stream => !stream.HasEnded);

    /// <summary>What the log calls it.</summary>
    public string Name => $"{Order.Spec.Name}:{Order.PmId} (pid {Pid})";

    /// <summary>Writes into its stdin, which may be read later or never.</summary>
    /// <returns>Null, or why it could not be written.</returns>
    public string? SendText(string text)
    {
        if (Input is not { } input)
            return "its stdin was lost when the daemon before this one died";
        try
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            return input.Write(bytes) switch
            {
                0 => "it does not read its stdin, and what was sent before fills it",
                var written when written < bytes.Length => $"it does not read its stdin; only the first {written} of {bytes.Length} bytes found room",
                _ => null,
            };
        }
        catch (Exception problem) when (problem is SystemCallException or ObjectDisposedException)
        {
            return problem is ObjectDisposedException ? Gone : problem.Message;
        }
    }

    /// <summary>Output is not closed here: a grandchild may still write, and the pump reads on until it ends.</summary>
    public void Dispose()
    {
        Watch?.Dispose();
        ConnectionCount?.Dispose();
        QueueWatch?.Dispose();
        TreeWatch?.Dispose();
        Channel?.Dispose();
        Node?.Dispose();
        Notify?.Dispose();
        Input?.Dispose();
    }
}
