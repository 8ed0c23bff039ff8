"""A small stateful FIT-Connect sender on loopback: takes parcels once per key, and fails on plan."""

import contextlib
import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Sender(ThreadingHTTPServer):
    """`plan` holds one fault per coming request: a status code, "drop" (before), "lose" (taken, the answer is lost),
    "garbage", or seconds to wait before the answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan: deque[int | str | float] = deque()
        self.parcels: dict[str, dict] = {}
        self.states: dict[str, str] = {}
        self.heard: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Sender

    def log_message(self, *args: object) -> None:
        return

    def do_PUT(self) -> None:
        key = self.path.rpartition("/")[2]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append(key)
        fault = self.server.plan.popleft() if self.server.plan else None
        if fault == "drop":
            self.close_connection = True
            return None
        if isinstance(fault, float):
            time.sleep(fault)
        if isinstance(fault, int):
            return self.answer(fault, {})
        known = self.server.parcels.setdefault(key, body)
        if fault == "lose":
            self.close_connection = True
            return None
        if fault == "garbage":
            return self.answer(201, ["?"])
        if known != body:
            return self.answer(409, {})
        return self.answer(200 if self.server.heard.count(key) > 1 else 201, {"submission": f"s-{key[:8]}"})

    def do_GET(self) -> None:
        key = self.path.rpartition("/")[2]
        if key not in self.server.parcels:
            return self.answer(404, {})
        state = self.server.states.get(key, "sent")
        return self.answer(200, {"state": state, "at": "2026-11-03T09:00:00+01:00", "submission": "s"})

    def answer(self, code: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextlib.contextmanager
def running() -> Iterator[Sender]:
    with Sender() as sender:
        threading.Thread(target=sender.serve_forever, args=(0.02,), daemon=True).start()
        yield sender
        sender.shutdown()
