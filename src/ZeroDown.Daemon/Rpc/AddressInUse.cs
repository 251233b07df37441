using ZeroDown.Core.Apps;

namespace ZeroDown.Daemon.Rpc;

/// <summary>
/// A worker that failed said that its address is taken. Without a shared socket each worker binds its own, so the second one of an app fails: in every language
/// the words differ a little, and the remedy is the same.
/// </summary>
internal static class AddressInUse
{
    /// <summary>In the words of Node, Python, Go, Java, .NET, Ruby, Rust, Erlang, nginx, gunicorn and Docker.</summary>
    private static readonly string[] Words =
    [
        "EADDRINUSE", "address already in use", "address in use", "AddrInUse", "errno 98", "os error 98", "connection in use",
        "port is already allocated", "only one usage of each socket address",
    ];

    private static readonly string[] PackageScripts = ["npm", "yarn", "pnpm", "bun", "npx"];

    public static bool IsSaidIn(IEnumerable<string> lines) => lines.Any(IsSaidIn);

    /// <summary>What to do about it; begins as the end of a sentence.</summary>
    /// <param name="spec">What the worker was started from.</param>
    /// <param name="inRoll">It was to stand beside a worker of the old generation.</param>
    public static string Advice(AppSpec spec, bool inRoll)
    {
        if (spec.IsNodeCluster)
            return "; its address is already in use by another program (`ss -ltnp` shows which)";
        if (spec.Listen.Count > 0)
            return "; its address is already in use: an app with `listen:` has to take the socket that it is given (fd 3, LISTEN_FDS) and must not bind one";
        if (inRoll)
            return $"; its address is already in use, as a rule by the worker that it was to replace. `zd restart {spec.Name}` stops that one first; with cluster mode (Node) or `listen:` there is no gap";
        if (spec.Instances == 1)
            return "; its address is already in use by another program (`ss -ltnp` shows which)";
        var node = spec.Launch.Runtime == Runtime.Node ? "exec_mode: cluster"
            : PackageScripts.Contains(Path.GetFileName(spec.Launch.Script)) ? $"cluster mode for Node, with the script itself in place of {Path.GetFileName(spec.Launch.Script)}: zd start server.js -i {spec.Instances}"
            : "cluster mode for Node";
        return $"; its address is already in use: of the {spec.Instances} workers only one can bind it. Share it ({node}; or `listen:` for a program that takes the socket it is given), "
            + $"give each worker a port of its own (increment_var: PORT), or run one worker: zd scale {spec.Name} 1";
    }

    private static bool IsSaidIn(string line) =>
        Words.Any(words => line.Contains(words, StringComparison.OrdinalIgnoreCase)) || NamesPortInUse(line);

    /// <summary>"Port 8080 was already in use", "Is port 3000 in use?"</summary>
    private static bool NamesPortInUse(string line)
    {
        var port = line.IndexOf("port ", StringComparison.OrdinalIgnoreCase);
        return port >= 0
            && port + "port ".Length is var number && number < line.Length && char.IsAsciiDigit(line[number])
            && line.IndexOf("in use", number, StringComparison.OrdinalIgnoreCase) >= 0;
    }
}
