"""What the stand-in remembers: sessions, intents, charges, events, answers by idempotency key.

One lock around every change; with a file given, each change is written before it is answered, so that a restart of the
demo keeps people's payments.
"""

import datetime as dt
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

from payments.fakestripe import objects
from payments.fakestripe.objects import Json
from payments.fakestripe.params import Refused
from portal.common import clock

IMMEDIATE = ("card", "paypal")
DELAYED = ("sepa_debit", "sepa_debit_returned")
KEY_LIVES = 86400


class Store:
    """`rang` is called with every new thin event, outside the lock."""

    def __init__(self, *, file: Path | None = None, debit_seconds: int = 30) -> None:
        self.lock = threading.RLock()
        self.file = file
        self.debit_seconds = debit_seconds
        self.ahead = 0  # seconds this clock runs ahead (tests)
        self.page_base = ""
        self.rang: Callable[[Json], None] = lambda event: None
        self._new_events: list[Json] = []
        self._written = ""
        self.reset()
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        if file is not None and file.exists():
            self._load(json.loads(file.read_text(encoding="utf-8")))

    def reset(self) -> None:
        self._load({})

    def _load(self, data: Json) -> None:
        self.sessions: dict[str, Json] = data.get("sessions", {})
        self.intent_data: dict[str, Json] = data.get("intent_data", {})  # by session
        self.intents: dict[str, Json] = data.get("intents", {})
        self.charges: dict[str, Json] = data.get("charges", {})
        self.refunds: dict[str, Json] = data.get("refunds", {})
        self.transactions: dict[str, Json] = data.get("transactions", {})
        self.events: dict[str, Json] = data.get("events", {})
        self.thin_events: dict[str, Json] = data.get("thin_events", {})
        self.answers: dict[str, Json] = data.get("answers", {})  # idempotency key -> fingerprint, status, body, at
        self.debits: dict[str, Json] = data.get("debits", {})  # session -> due, outcome

    def save(self) -> None:
        """Write the file if there is one and something changed, then tell of new events. Raises OSError."""
        with self.lock:
            events, self._new_events = self._new_events, []
            if self.file is not None:
                self._write(self.file)
        for event in events:
            self.rang(event)

    def _write(self, file: Path) -> None:
        names = (
            "sessions", "intent_data", "intents", "charges", "refunds", "transactions", "events", "thin_events",
            "answers", "debits",
        )  # fmt: skip
        text = json.dumps({name: getattr(self, name) for name in names})
        if text != self._written:
            draft = file.with_suffix(".new")
            draft.write_text(text, encoding="utf-8")
            os.replace(draft, file)
            self._written = text

    def now(self) -> int:
        return int(time.time()) + self.ahead

    def ident(self, prefix: str) -> str:
        return prefix + clock.token(18).replace("-", "x").replace("_", "y")

    def tick(self) -> None:
        """What happens by itself: pages expire, banks answer."""
        with self.lock:
            for session in self.sessions.values():
                if session["status"] == "open" and session["expires_at"] <= self.now():
                    self._expire(session)
            for ident in [i for i, debit in self.debits.items() if debit["due"] <= self.now()]:
                self.bank_answers(ident, self.debits[ident]["outcome"])

    def create_session(self, params: Json) -> Json:
        with self.lock:
            ident = self.ident("cs_test_")
            session = objects.session(ident, params, now=self.now(), page_url=f"{self.page_base}/c/pay/{ident}")
            self.sessions[ident] = session
            self.intent_data[ident] = {**params["payment_intent_data"], "lines": params["line_items"]}
            return session

    def session(self, ident: str) -> Json:
        """Raises Refused (404)."""
        return self.get(self.sessions, ident, "checkout.session")

    @staticmethod
    def get(rows: dict[str, Json], ident: str, kind: str) -> Json:
        if ident not in rows:
            raise Refused(404, f"No such {kind}: '{ident}'", code="resource_missing", param="id")
        return rows[ident]

    def expire(self, ident: str) -> Json:
        with self.lock:
            session = self.session(ident)
            if session["status"] != "open":
                raise Refused(400, 'Only Checkout Sessions with a status in ["open"] can be expired.')
            self._expire(session)
            return session

    def _expire(self, session: Json) -> None:
        session.update(status="expired", url=None)
        self._tell("checkout.session.expired", session)

    def pay(self, ident: str, method: str, *, late: bool = False) -> Json:
        """The person chose a method on the page. `late`: even though the page is closed. Raises Refused."""
        with self.lock:
            session = self.session(ident)
            if session["status"] != "open" and not (late and session["status"] == "expired"):
                raise Refused(400, "This Checkout Session is not open.")
            kind = "sepa_debit" if method in DELAYED else "card" if method == "declined" else method
            intent = self._intent(session, kind)
            if method == "declined":
                intent["last_payment_error"] = {"type": "card_error", "code": "card_declined"}
                return session
            session.update(status="complete", url=None)
            if method in DELAYED:
                intent.update(status="processing", last_payment_error=None)
                outcome = "returned" if method == "sepa_debit_returned" else "paid"
                self.debits[ident] = {"due": self.now() + self.debit_seconds, "outcome": outcome}
            else:
                self._capture(session, intent)
            self._tell("checkout.session.completed", session)
            return session

    def _intent(self, session: Json, method: str) -> Json:
        if session["payment_intent"]:
            intent = self.intents[session["payment_intent"]]
            intent["payment_method_types"] = [method]
            return intent
        intent = objects.payment_intent(
            self.ident("pi_"), session, self.intent_data[session["id"]], now=self.now(), method=method
        )
        self.intents[intent["id"]] = intent
        session["payment_intent"] = intent["id"]
        return intent

    def _capture(self, session: Json, intent: Json) -> None:
        method, amount, now = intent["payment_method_types"][0], intent["amount"], self.now()
        charge_id, txn_id = self.ident("ch_"), self.ident("txn_")
        fee = round(amount * 0.015) + 25
        self.transactions[txn_id] = objects.balance_transaction(txn_id, "charge", charge_id, amount, fee, now=now)
        self.charges[charge_id] = objects.charge(charge_id, intent, now=now, method=method, transaction=txn_id)
        intent.update(status="succeeded", amount_received=amount, latest_charge=charge_id, last_payment_error=None)
        session["payment_status"] = "paid"

    def bank_answers(self, ident: str, outcome: str) -> Json:
        """A delayed debit is paid or returned. Raises Refused when none is under way."""
        with self.lock:
            session = self.session(ident)
            if self.debits.pop(ident, None) is None:
                raise Refused(400, "No debit is under way.")
            intent = self.intents[session["payment_intent"]]
            if outcome == "paid":
                self._capture(session, intent)
                self._tell("checkout.session.async_payment_succeeded", session)
            else:
                intent.update(status="requires_payment_method", last_payment_error={"type": "api_error"})
                self._tell("checkout.session.async_payment_failed", session)
            return session

    def refund(self, params: Json) -> Json:
        """Raises Refused, also when more than what is left should go back."""
        with self.lock:
            charge_id = params.get("charge") or self.get(self.intents, params["payment_intent"], "payment_intent").get(
                "latest_charge"
            )
            charge = self.get(self.charges, charge_id or "", "charge")
            left = charge["amount_captured"] - charge["amount_refunded"]
            amount = params.get("amount", left)
            if not 0 < amount <= left:
                raise Refused(400, f"Refund amount is greater than unrefunded amount ({left})", param="amount")
            now, ident, txn_id = self.now(), self.ident("re_"), self.ident("txn_")
            self.transactions[txn_id] = objects.balance_transaction(txn_id, "refund", ident, -amount, 0, now=now)
            self.refunds[ident] = objects.refund(ident, charge, amount, params, now=now, transaction=txn_id)
            charge["amount_refunded"] += amount
            charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
            self._tell("charge.refunded", charge)
            return self.refunds[ident]

    def balance(self) -> Json:
        return objects.balance(sum(txn["net"] for txn in self.transactions.values()))

    def _tell(self, kind: str, about: Json) -> None:
        snapshot = objects.event(self.ident("evt_"), kind, json.loads(json.dumps(about)), now=self.now())
        created = dt.datetime.fromtimestamp(self.now(), dt.UTC).isoformat(timespec="milliseconds")
        thin = objects.thin_event(self.ident("evt_test_"), snapshot, created=created.replace("+00:00", "Z"))
        self.events[snapshot["id"]] = snapshot
        self.thin_events[thin["id"]] = thin
        self._new_events.append(thin)

    def expanded(self, row: Json, paths: list[str]) -> Json:
        """A copy with the objects in place of their ids, for `payment_intent` and `latest_charge`."""
        copy: Json = json.loads(json.dumps(row))
        for path in paths:
            node = copy
            for name in path.split("."):
                if isinstance(node.get(name), str):
                    node[name] = self._object(name, node[name])
                node = node.get(name) or {}
        return copy

    def _object(self, name: str, ident: str) -> Json:
        rows = {"payment_intent": self.intents, "latest_charge": self.charges}.get(name)
        if rows is None:
            raise Refused(400, f"This property cannot be expanded ({name}).", param="expand")
        found: Json = json.loads(json.dumps(rows[ident]))
        return found
