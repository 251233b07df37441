using LoadClient;
using Xunit;
using ZeroDown.EndToEnd.Harness;

namespace ZeroDown.EndToEnd.Roll;

/// <summary>A program that takes the socket on fd 3 and knows nothing else of its supervisor: on SIGTERM it finishes the requests that it has and exits.</summary>
[Collection(nameof(HeavyLoad))]
public sealed class InheritedSocketSpecs : EndToEndTest
{
    private const string Server = """
        import os, signal, socket, threading
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(f"here is my voice pid={os.getpid()}".encode())

            def log_message(self, *_):
                pass


        class Server(ThreadingHTTPServer):
            daemon_threads = False

            def __init__(self):
                super().__init__(("", 0), Handler, bind_and_activate=False)
                self.socket.close()
                self.socket = socket.socket(fileno=3)
                self.socket.setblocking(False)


        server = Server()
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
        server.serve_forever(poll_interval=0.1)
        server.server_close()
        """;

    [Fact]
    public async Task Reload_of_a_program_that_finishes_its_requests_loses_no_new_connection()
    {
        Assert.SkipUnless(Tool.Run("python3", "--version") == 0, "python3 is not on PATH");
        Zd.Write("server.py", Server);
        (await Zd.Run("start", Zd.Write("ecosystem.yaml", App("web", "server.py", $"instances: 2\nlisten: 127.0.0.1:{Port}")))).Succeeded();
        await using var load = LoadRun.Start(new LoadPlan(Url) { Fresh = 10, Think = TimeSpan.FromMilliseconds(20), MustContain = "here is my voice" });
        await load.WaitForRequestsAsync(100, Soon);
        for (var reload = 0; reload < 5; reload++)
        {
            (await Zd.Run("reload", "web")).Succeeded();
            await load.WaitForMoreAsync(100, Soon);
        }

        NothingFailed(await load.StopAsync());
    }
}
