"""Delivers thin events to the portal's webhook: signed, repeated until acknowledged, with the plan's faults."""

import hashlib
import heapq
import hmac
import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from payments.fakestripe.faults import Plan
from payments.fakestripe.objects import Json

RETRY_AFTER = (1, 5, 30, 300, 3600)  # seconds; the real one goes on for three days
log = logging.getLogger(__name__)


def signature(body: str, secrets: Sequence[str], at: int) -> str:
    """The Stripe-Signature header: every secret signs while they are being rotated."""
    macs = (hmac.new(s.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest() for s in secrets)
    return ",".join([f"t={at}", *(f"v1={mac}" for mac in macs)])


class Ringer:
    """One thread waits for what is due, a small pool delivers, so that copies really arrive in parallel."""

    def __init__(self, plan: Plan, *, url: str, secrets: Sequence[str]) -> None:
        self.plan, self.url, self.secrets = plan, url, secrets
        self.delivered: list[tuple[str, int]] = []  # event id, HTTP status (0: nobody there)
        self.held: list[Json] = []
        self._due: list[tuple[float, int, Json, int]] = []  # when, tie-break, event, attempt
        self._count = 0
        self._running: set[Future[None]] = set()
        self._changed = threading.Condition()
        self._stopped = False
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="bell")
        self._thread = threading.Thread(target=self._run, name="ringer", daemon=True)
        self._thread.start()

    def ring(self, event: Json) -> None:
        """Tell the portal, as the plan wants it."""
        if not self.url or self.plan.loses_event():
            return
        if self.plan.webhooks.hold:
            self.held.append(event)
            return
        for _ in range(self.plan.webhooks.copies):
            self._at(time.monotonic() + self.plan.webhooks.delay, event, 0)

    def release(self) -> int:
        """Deliver what was held, newest first."""
        held, self.held = self.held[::-1], []
        for event in held:
            self._at(time.monotonic(), event, 0)
        return len(held)

    def _at(self, when: float, event: Json, attempt: int) -> None:
        with self._changed:
            self._count += 1
            heapq.heappush(self._due, (when, self._count, event, attempt))
            self._changed.notify_all()

    def _run(self) -> None:
        with self._changed:
            while not self._stopped:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                _, _, event, attempt = heapq.heappop(self._due)
                future = self._pool.submit(self._deliver, event, attempt)
                self._running.add(future)
                future.add_done_callback(self._finished)

    def _finished(self, future: "Future[None]") -> None:
        with self._changed:
            self._running.discard(future)
            self._changed.notify_all()

    def _deliver(self, event: Json, attempt: int) -> None:
        body = json.dumps(event)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, self.secrets, int(time.time())),
        }
        request = urllib.request.Request(self.url, body.encode(), headers)  # noqa: S310 - the operator's own address
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the operator's own address
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
        except OSError:
            status = 0
        self.delivered.append((event["id"], status))
        if not 200 <= status < 300 and attempt < len(RETRY_AFTER):
            log.info("webhook %s answered %s, trying again", event["type"], status)
            self._at(time.monotonic() + RETRY_AFTER[attempt], event, attempt + 1)

    def wait_quiet(self, seconds: float = 10) -> bool:
        """Whether everything due now is delivered (later repetitions do not count) before the time is up."""

        def quiet() -> bool:
            return not self._running and not (self._due and self._due[0][0] <= time.monotonic())

        with self._changed:
            return self._changed.wait_for(quiet, seconds)

    def stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._pool.shutdown(wait=False, cancel_futures=True)
