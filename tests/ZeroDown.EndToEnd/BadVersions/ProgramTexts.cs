namespace ZeroDown.EndToEnd.BadVersions;

/// <summary>The programs of the table. <c>@way@</c>, <c>@port@</c> and <c>@elsewhere@</c> are filled in; each program says first which version it is.</summary>
internal static class ProgramTexts
{
    public const string Node = """
        const http = require('http');
        const way = @way@;
        console.log(`this is version ${way}`);
        const fail = why => { throw new Error(why); };
        const serve = (port, then) => http.createServer((request, response) => response.end(`version=${way} pid=${process.pid}`)).listen(port, '127.0.0.1', () => {
          console.log(`listening on ${port}`);
          then?.();
        });
        switch (way) {
          case 'Good': serve(@port@); break;
          case 'ThrowsAtOnce': fail('no database at db.example'); break;
          case 'ThrowsAfter500Ms': setTimeout(fail, 500, 'no database at db.example'); break;
          case 'ThrowsAfter2S': setTimeout(fail, 2000, 'no database at db.example'); break;
          case 'NeverListens': console.error('waiting for godot'); setInterval(() => {}, 1000); break;
          case 'ListensElsewhere': serve(@elsewhere@); break;
          case 'ListensAndDies': serve(@port@, () => fail('lost the database')); break;
          case 'ExitsWithZero': console.error('nothing to do'); process.exit(0); break;
          case 'IsKilled': console.error('out of memory'); process.kill(process.pid, 'SIGKILL'); break;
          case 'LacksModule': require('nothing-here'); break;
          case 'Hangs': console.error('thinking'); for (;;);
          default: fail(`no such way: ${way}`);
        }
        """;

    /// <summary>Accepts on fd 3 as <c>samples/hello-python</c> does.</summary>
    public const string Python = """
        import os, signal, socket, sys, time
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        way = @way@
        print(f"this is version {way}", flush=True)


        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                body = f"version={way} pid={os.getpid()}\n".encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass


        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def __init__(self, port):
                super().__init__(("127.0.0.1", port), Handler, bind_and_activate=port > 0)
                if port == 0:
                    self.socket.close()
                    self.socket = socket.socket(fileno=3)
                    self.socket.setblocking(False)
                print(f"listening on {self.socket.getsockname()}", flush=True)


        def say(text):
            print(text, file=sys.stderr, flush=True)


        def fail(why):
            raise RuntimeError(why)


        match way:
            case "Good":
                Server(0).serve_forever()
            case "ThrowsAtOnce":
                fail("no database at db.example")
            case "ThrowsAfter500Ms":
                time.sleep(0.5)
                fail("no database at db.example")
            case "ThrowsAfter2S":
                time.sleep(2)
                fail("no database at db.example")
            case "NeverListens":
                say("waiting for godot")
                signal.pause()
            case "ListensElsewhere":
                Server(@elsewhere@).serve_forever()
            case "ListensAndDies":
                Server(0).socket.listen()
                fail("lost the database")
            case "ExitsWithZero":
                say("nothing to do")
            case "IsKilled":
                say("out of memory")
                os.kill(os.getpid(), signal.SIGKILL)
            case "LacksModule":
                import nothing_here
            case "Hangs":
                say("thinking")
                while True:
                    pass
            case _:
                fail(f"no such way: {way}")
        """;

    /// <summary>A wrapper as people write it: what it starts is a child, whose end it reports.</summary>
    public const string Wrapper = """
        #!/bin/sh
        cd "$(dirname "$0")"
        echo "the wrapper starts the program"
        python3 server.py
        status=$?
        echo "the program ended with $status" >&2
        exit $status
        """;
}
