"""Runs the demo's identity providers: in this process for the demo, in a thread on a free port for tests."""

import pathlib
import threading

from portal.accounts.identity.demo import keys
from portal.accounts.identity.demo.app import Application
from portal.common import loopback


class DemoIdentity:
    """Both providers on one port. `portal`: the address of the portal they answer to."""

    def __init__(
        self, folder: pathlib.Path, portal: str, *, host: str = "127.0.0.1", port: int = 0, binding: str = "Redirect"
    ) -> None:
        self.server = loopback.Server((host, port), loopback.Quiet)
        self.url = f"http://{host}:{self.server.server_port}"
        self.folder = keys.prepare(folder, self.url, binding)
        self.app = Application(self.folder, self.url, portal)
        self.server.set_app(self.app)
        self._thread: threading.Thread | None = None

    def serve(self) -> None:
        """Until an interrupt."""
        try:
            self.server.serve_forever(poll_interval=0.1)
        finally:
            self.server.server_close()

    def start(self) -> None:
        """In a thread of this process, until stop()."""
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self.server.shutdown()
            self._thread.join(5)
        self.server.server_close()
