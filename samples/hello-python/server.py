"""Python's own http.server on a socket that ZeroDown holds: no package, no SDK.

Three things make it rollable without losing a request:

1. it accepts on fd 3 instead of binding a port of its own;
2. the listener is non-blocking: several workers wake for one connection, and the one that comes too late must not
   be stuck in accept();
3. on SIGTERM it stops accepting, answers every open connection once more with "Connection: close", and exits when
   the last one is gone.
"""

import datetime
import itertools
import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FIRST_INHERITED_FD = 3
draining = threading.Event()
counter = itertools.count(1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive
    timeout = 20  # seconds that an idle connection may stay silent
    disable_nagle_algorithm = True

    def do_GET(self):
        now = datetime.datetime.now().isoformat()
        body = f"here is my voice: Hello World! now is: {now} cnt: {next(counter)} pid: {os.getpid()}\n".encode()
        if draining.is_set():
            self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close() waits for the open connections

    def __init__(self):
        super().__init__(("", 0), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = socket.socket(fileno=FIRST_INHERITED_FD)
        self.socket.setblocking(False)
        self.server_address = self.socket.getsockname()


def drain(signal_number, frame):
    draining.set()
    # shutdown() waits for serve_forever(), which runs on this very thread.
    threading.Thread(target=server.shutdown).start()


if int(os.environ.get("LISTEN_FDS", "0")) < 1:
    sys.exit("hello-python accepts on an inherited socket; start it with: zd start ecosystem.yaml")

server = Server()
signal.signal(signal.SIGTERM, drain)
print(f"hello-python is listening on {server.server_address}", flush=True)
server.serve_forever(poll_interval=0.1)
server.server_close()
