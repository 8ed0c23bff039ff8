"""Faults on demand, for API answers and for webhooks. Set through POST /_control/plan, forgotten by /_control/reset."""

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class ApiFault:
    """One kind of trouble for the next `times` calls of an endpoint.

    on: "POST /v1/checkout/sessions" (a prefix); do: error_before | error_after (500 after the effect) |
    slow (answer after `seconds`, the effect first).
    """

    on: str
    do: str
    times: int = 1
    seconds: float = 0.0


@dataclass
class WebhookPlan:
    """copies: deliveries of each event, in parallel; drop: how many events get lost (-1 all); delay: seconds;
    hold: keep events until released, last one first."""

    copies: int = 1
    drop: int = 0
    delay: float = 0.0
    hold: bool = False


@dataclass
class Plan:
    api: list[ApiFault] = field(default_factory=list)
    webhooks: WebhookPlan = field(default_factory=WebhookPlan)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        with self.lock:
            self.api, self.webhooks = [], WebhookPlan()

    def set(self, wanted: dict[str, Any]) -> None:
        """{"api": [{"on": ..., "do": ..., "times": 1, "seconds": 0}], "webhooks": {...}}. Raises TypeError."""
        with self.lock:
            self.api += [ApiFault(**fault) for fault in wanted.get("api", [])]
            if "webhooks" in wanted:
                self.webhooks = WebhookPlan(**wanted["webhooks"])

    def next_api(self, call: str) -> ApiFault | None:
        """The fault this call ("GET /v1/...") shall suffer, counted down."""
        with self.lock:
            fault = next((f for f in self.api if f.times and call.startswith(f.on)), None)
            if fault is not None:
                fault.times -= 1
            return fault

    def loses_event(self) -> bool:
        with self.lock:
            lost = self.webhooks.drop != 0
            if self.webhooks.drop > 0:
                self.webhooks.drop -= 1
            return lost
