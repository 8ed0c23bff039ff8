"""Runs the stand-in: in this process for the demo, in a thread on a free port for tests."""

import threading
from collections.abc import Sequence
from pathlib import Path
from wsgiref.simple_server import make_server

from payments.fakestripe.app import Application
from payments.fakestripe.faults import Plan
from payments.fakestripe.ringer import Ringer
from payments.fakestripe.store import Store
from portal.common import loopback


class FakeStripe:
    """One stand-in. `url` is its address; it accepts `keys` and tells `webhook_url`, signing with `secrets`."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        keys: Sequence[str],
        secrets: Sequence[str],
        webhook_url: str = "",
        file: Path | None = None,
        public_url: str = "",
        debit_seconds: int = 30,
    ) -> None:
        self.plan = Plan()
        self.store = Store(file=file, debit_seconds=debit_seconds)
        self.ringer = Ringer(self.plan, url=webhook_url, secrets=secrets)
        self.store.rang = self.ringer.ring
        self.app = Application(self.store, self.plan, self.ringer, keys=keys)
        self.server = make_server(host, port, self.app, loopback.Server, loopback.Quiet)
        self.url = f"http://{host}:{self.server.server_port}"
        self.store.page_base = public_url.rstrip("/") or self.url
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def serve(self) -> None:
        """Until stop() or an interrupt. Pages expire and banks answer once a second."""
        threading.Thread(target=self._clockwork, name="clockwork", daemon=True).start()
        try:
            self.server.serve_forever(poll_interval=0.1)
        finally:
            self.stop()

    def _clockwork(self) -> None:
        while not self._stopped.wait(1):
            self.store.tick()
            self.store.save()

    def start(self) -> None:
        """In a thread of this process, until stop()."""
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), name="fakestripe", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self.ringer.stop()
        if self._thread is not None:
            self.server.shutdown()
            self._thread.join(5)
        self.server.server_close()
