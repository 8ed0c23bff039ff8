"""A small stateful mail server on loopback (RFC 5321). It takes mail, refuses, drops, dawdles or calls back on plan."""

import contextlib
import email.policy
import socketserver
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from email.message import EmailMessage

Fault = int | float | str | Callable[[], None]  # a reply code, seconds to wait, "drop", or something to call first


class Sink(socketserver.ThreadingTCPServer):
    """`plan` holds one dict per coming mail: step -> fault. Steps: connect, ehlo, mail, rcpt, data, end, quit."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.sessions = 0
        self.plan: deque[dict[str, Fault]] = deque()
        self.seen: list[EmailMessage] = []  # whole mails that came over the wire
        self.accepted: list[EmailMessage] = []  # those we took responsibility for
        self.recipients: list[str] = []

    @property
    def port(self) -> int:
        return self.server_address[1]


class Session(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        self.server.sessions += 1
        self.mails = 0
        self.next_mail()
        with contextlib.suppress(ConnectionError):
            if self.step("connect", 220):
                while line := self.rfile.readline().decode().strip():
                    if not self.answer(line[:4].lower(), line):
                        break

    def next_mail(self) -> None:
        self.faults = self.server.plan.popleft() if self.server.plan else {}

    def answer(self, verb: str, line: str) -> bool:
        match verb:
            case "mail":
                if self.mails:
                    self.next_mail()
                self.mails += 1
            case "quit":
                self.step("quit", 221)
                return False
            case "data":
                return self.step("data", 354) and (self.code >= 400 or self.take())
            case "rcpt":
                self.server.recipients.append(line.partition("<")[2].partition(">")[0])
        return self.step(verb, 250)

    def take(self) -> bool:
        lines = iter(self.rfile.readline, b".\r\n")
        mail = email.message_from_bytes(
            b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines),
            policy=email.policy.default,
        )
        self.server.seen.append(mail)
        if not self.step("end", 250):
            return False
        if self.code == 250:
            self.server.accepted.append(mail)
        return True

    def step(self, name: str, code: int) -> bool:
        fault = self.faults.get(name)
        if fault == "drop":
            return False
        if isinstance(fault, float):
            time.sleep(fault)
        elif callable(fault):
            fault()
        self.code = fault if isinstance(fault, int) else code
        self.wfile.write(f"{self.code} planned\r\n".encode())
        return True


@contextlib.contextmanager
def running() -> Iterator[Sink]:
    with Sink() as sink:
        threading.Thread(target=sink.serve_forever, args=(0.02,), daemon=True).start()
        yield sink
        sink.shutdown()
