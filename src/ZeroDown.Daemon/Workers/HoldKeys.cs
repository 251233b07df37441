using System.Globalization;

namespace ZeroDown.Daemon.Workers;

/// <summary>Names under which the keeper holds a worker's descriptors: its number and what they are.</summary>
internal static class HoldKeys
{
    public const string Out = "out";
    public const string Error = "err";
    public const string Input = "in";
    public const string Notify = "notify";

    /// <summary>Of our library in an ASP.NET Core worker.</summary>
    public const string Channel = "channel";

    /// <summary>Node's own.</summary>
    public const string Node = "node";

    /// <summary>What goes with the worker. Its output stays until the last process that can write to it is gone.</summary>
    public static readonly string[] WithWorker = [Input, Notify, Channel, Node];

    public static string Of(long worker, string what) => $"{worker.ToString(CultureInfo.InvariantCulture)}:{what}";

    /// <summary>The worker that a key names; null when it names none.</summary>
    public static long? WorkerOf(string key) =>
        key.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && long.TryParse(key.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var worker) ? worker : null;
}
