using System.Globalization;
using ZeroDown.Core.Supervision;

namespace ZeroDown.Daemon.Workers;

/// <summary>
/// The environment of one worker: what its spec says, without the supervisor's variables that the user's shell happened
/// to carry, and with ours. Variables that need the worker's own pid are only named here; the trampoline, which is that
/// pid, sets them. Source of names: sd_listen_fds(3), sd_notify(3), pm2's documentation.
/// </summary>
internal static class WorkerEnvironment
{
    /// <summary>Addressed to the process that our user's shell runs under, not to a worker: a worker that believed them would
    /// adopt fds that it does not have, or tell its news to somebody else's supervisor.</summary>
    private static readonly HashSet<string> Foreign = new(StringComparer.Ordinal)
    {
        "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "LISTEN_PIDFDID", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
        "SYSTEMD_EXEC_PID", "INVOCATION_ID", "JOURNAL_STREAM", "FDSTORE", "MAINPID", "NODE_CHANNEL_FD",
        "NODE_CHANNEL_SERIALIZATION_MODE", "NODE_UNIQUE_ID", "ZD_APP", "ZD_SLOT", "ZD_GENERATION", "ZD_CHANNEL_FD",
        "ZD_DRAIN_TIMEOUT_MS", "ZD_IDLE_TIMEOUT_MS",
    };

    /// <param name="order">The worker.</param>
    /// <param name="notifySocket">Absolute path.</param>
    /// <param name="channelFd">The number under which the worker finds our library's channel; null without one.</param>
    /// <param name="startupHook">Path of the library to inject into a .NET program; null for none.</param>
    /// <param name="node">What a Node program gets; null for every other program.</param>
    public static (IReadOnlyList<KeyValuePair<string, string>> Variables, IReadOnlyList<string> PidVariables) For(
        LaunchWorker order, string notifySocket, int? channelFd, string? startupHook, NodeStart? node)
    {
        var spec = order.Spec;
        var variables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in spec.Launch.Environment)
        {
            if (!Foreign.Contains(variable.Name))
                variables[variable.Name] = variable.Value;
        }

        List<string> pidVariables = ["SYSTEMD_EXEC_PID"];
        if (spec.Listen.Count > 0)
        {
            variables["LISTEN_FDS"] = Number(spec.Listen.Count);
            variables["LISTEN_FDNAMES"] = string.Join(':', spec.Listen.Select(listener => listener.Name));
            pidVariables.Add("LISTEN_PID");
        }

        variables["NOTIFY_SOCKET"] = notifySocket;
        variables["ZD_APP"] = spec.Name.Value;
        variables["ZD_SLOT"] = Number(order.Slot);
        variables["ZD_GENERATION"] = Number(order.Generation);
        variables["ZD_DRAIN_TIMEOUT_MS"] = Number((long)spec.Stop.DrainTimeout.TotalMilliseconds);
        if (channelFd is { } fd)
            variables["ZD_CHANNEL_FD"] = Number(fd);
        if (startupHook is not null)
        {
            variables["DOTNET_STARTUP_HOOKS"] = variables.TryGetValue("DOTNET_STARTUP_HOOKS", out var others) && others.Length > 0
                ? $"{startupHook}{Path.PathSeparator}{others}"
                : startupHook;
        }

        if (node is not null)
            AddNode(order, node, variables);

        variables[spec.Launch.InstanceVariable] = Number(order.Slot);
        variables["pm_id"] = Number(order.PmId);
        variables["name"] = spec.Name.Value;
        if (spec.Launch.IncrementVariable is { } increment)
        {
            // As in pm2, what is not there or no number counts from 0.
            _ = long.TryParse(variables.GetValueOrDefault(increment), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var start);
            variables[increment] = Number(start + order.Slot);
        }

        return ([.. variables], pidVariables);
    }

    /// <summary>As <c>child_process.fork</c> and <c>cluster.fork</c> set them; Node takes them out of its environment again.</summary>
    private static void AddNode(LaunchWorker order, NodeStart node, SortedDictionary<string, string> variables)
    {
        variables["NODE_CHANNEL_FD"] = Number(node.ChannelFd);
        variables["NODE_CHANNEL_SERIALIZATION_MODE"] = "json";
        if (order.Spec.IsNodeCluster)
            variables["NODE_UNIQUE_ID"] = Number(order.Worker.Number);
        if (node.Preload is { } preload)
        {
            var require = $"--require {Quoted(preload)}";
            variables["NODE_OPTIONS"] = variables.TryGetValue("NODE_OPTIONS", out var others) && others.Trim().Length > 0 ? $"{require} {others}" : require;
        }
    }

    /// <summary>NODE_OPTIONS is split at spaces, but for those between quotation marks.</summary>
    private static string Quoted(string path) =>
        path.AsSpan().IndexOfAny(' ', '"', '\\') < 0 ? path : $"\"{path.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a Node program gets beside the rest.</summary>
/// <param name="ChannelFd">The number under which it finds its channel.</param>
/// <param name="Preload">Path of our preload; null for none.</param>
internal sealed record NodeStart(int ChannelFd, string? Preload);
