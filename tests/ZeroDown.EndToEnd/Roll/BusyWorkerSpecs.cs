using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;
using ZeroDown.EndToEnd.Node;

namespace ZeroDown.EndToEnd.Roll;

/// <summary>A good version is accepted under load although its workers never wait for a connection: they have accepted some.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class BusyWorkerSpecs : EndToEndTest
{
    private static readonly int Reloads = NodeApps.Soak ? 20 : 3;

    [Fact]
    public async Task Gunicorns_default_worker_is_reloaded_and_restarted_under_load()
    {
        Assert.SkipUnless(Tool.Run("gunicorn", "--version") is 0, "gunicorn is not installed here");
        Zd.Write("app.py", """
            import os
            def app(environ, start_response):
                body = f'pid={os.getpid()}'.encode()
                start_response('200 OK', [('Content-Length', str(len(body)))])
                return [body]
            """);
        await ReloadUnderLoad("gunicorn", "args: ['--workers', '2', 'app:app']");
    }

    [Fact]
    public async Task A_worker_that_spins_on_accept_is_reloaded_and_restarted_under_load()
    {
        Assert.SkipUnless(Tool.Run("python3", "--version") is 0, "python3 is not installed here");
        Zd.Write("spin.py", """
            import os, signal, socket
            s = socket.socket(fileno=3); s.setblocking(False)
            going = []
            signal.signal(signal.SIGTERM, lambda *_: going.append(1))
            while not going:
                try: c = s.accept()[0]
                except BlockingIOError: continue
                c.setblocking(True); c.recv(4096)
                sum(range(200000))
                body = f'pid={os.getpid()}'.encode()
                c.sendall(b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n' % len(body) + body); c.close()
            """);
        await ReloadUnderLoad("spin.py", "interpreter: python3");
    }

    private async Task ReloadUnderLoad(string script, string options)
    {
        var file = Zd.Write("web.yaml", App("web", script, $"{options}\nlisten: 127.0.0.1:{Port}\nlisten_timeout: 20s\ncwd: {Zd.Folder}"));
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 8 });
        (await Zd.Run("start", file)).Succeeded();
        for (var i = 0; i < Reloads; i++)
        {
            (await Zd.Run("reload", "web")).Succeeded();
            await load.WaitForMoreAsync(20, Soon);
        }

        (await Zd.Run("restart", "web")).Succeeded();
        await Zd.ListUntil(list => list.All(worker => worker.Status == "online"), "it is online after a restart under load");
        _ = await load.StopAsync();
    }
}
