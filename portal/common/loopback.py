"""A small HTTP server for stand-ins of other houses, in the demo and in tests. Never in production."""

from socketserver import TCPServer, ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        # HTTPServer would ask the name service for our own name: slow or impossible offline.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Addresses of such pages carry numbers and tickets: no access log."""
