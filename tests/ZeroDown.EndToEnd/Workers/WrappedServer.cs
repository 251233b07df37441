using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Node;

namespace ZeroDown.EndToEnd.Workers;

/// <summary>A server (or a celery worker) that does not run in the launched process but below it, on a port of its own per slot.</summary>
/// <param name="zd">Where it runs.</param>
/// <param name="words">The file in which it writes down what happens to it.</param>
/// <param name="port">Of the first slot.</param>
internal sealed class WrappedServer(ZdHome zd, string words, int port)
{
    private const string PythonPort = "$((PORT + NODE_APP_INSTANCE))";

    public static bool IsOnPath(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));

    /// <summary>An ecosystem file whose app is called web.</summary>
    public async Task<string> AppBehind(string wrapper, int instances)
    {
        var server = NodeApps.Plain(Path.Combine("trees", "server.cjs"));
        var folder = NodeApps.Plain("trees");
        var options = $"instances: {instances}\ncwd: {zd.Folder}\nenv: {{ WORDS: '{words}', PORT: '{port}', PYTHONPATH: '{folder}', PYTHONDONTWRITEBYTECODE: '1' }}";
        zd.Write("package.json", $$"""{ "name": "web", "private": true, "scripts": { "start": "KEY=1 node {{server}} && echo over" } }""");
        switch (wrapper)
        {
            case "npm":
                Needs("npm");
                return App("npm", "[start]", options);
            case "yarn" or "pnpm":
                await Installed();
                return App(wrapper, "[start]", options);
            case "concurrently":
                await Installed();
                return App(wrapper, $"['node {server}', 'sleep 1000']", options);
            case "cross-env":
                await Installed();
                return App(wrapper, $"[KEY=1, node, '{server}']", options);
            case "sh":
                return App(zd.Write("start.sh", $"node {server}\necho over\n"), "[]", $"interpreter: sh\n{options}");
            case "bash":
                return App("bash", $"['-c', 'node {server}; echo over']", options);
            case "trap":
                return App(zd.Write("start.sh", $"trap 'kill -TERM $pid' TERM\nnode {server} & pid=$!\nwait $pid\n"), "[]", $"interpreter: sh\n{options}");
            case "tini" or "tini -g":
                Needs("tini");
                return App("tini", $"[{(wrapper == "tini" ? "" : "'-g', ")}'--', 'sh', '-c', 'node {server}; echo over']", options);
            case "parent":
                return App(Path.Combine(folder, "parent.cjs"), "[]", options);
            case "cluster":
                return App(Path.Combine(folder, "own-cluster.cjs"), "[]", options);
            case "gunicorn":
                Needs("gunicorn");
                return Shell($"gunicorn -w 1 -b 127.0.0.1:{PythonPort} wsgi:app", options);
            case "uvicorn":
                Needs("uvicorn");
                return Shell($"uvicorn --port {PythonPort} asgi:app", options);
            case "celery":
                Needs("celery");
                // Debian's asks env for python3, which may be another one.
                return Shell("PATH=/usr/bin:$PATH celery -A tasks worker -c 1 -n w$NODE_APP_INSTANCE -l INFO --without-gossip --without-mingle --without-heartbeat", options);
            default:
                throw new ArgumentOutOfRangeException(nameof(wrapper));
        }
    }

    /// <summary>A shell does not exec what is not its last command.</summary>
    private static string Shell(string command, string options) => App("sh", $"['-c', '{command}; true']", options);

    private static string App(string script, string arguments, string options) =>
        $"apps:\n  - name: web\n    min_ready: 0\n    script: {script}\n    args: {arguments}\n    {options.ReplaceLineEndings("\n    ")}\n";

    private static void Needs(string program) => Assert.SkipUnless(IsOnPath(program), $"{program} is not on PATH");

    /// <summary>Packages of npm's are called by their names, as people do after npm install -g.</summary>
    private async Task Installed()
    {
        var bin = Path.Combine(Path.GetDirectoryName(await NodeApps.Packaged("http.cjs"))!, "node_modules", ".bin");
        zd.Environment["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}";
    }
}
