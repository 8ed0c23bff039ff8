"""The WSGI application: API, payment page and control, as far as the portal needs them.

API: POST|GET /v1/checkout/sessions, GET /v1/checkout/sessions/<id>, POST .../<id>/expire, GET /v1/payment_intents/<id>,
GET /v1/charges/<id>, POST|GET /v1/refunds[/<id>], GET /v1/balance, GET /v1/balance_transactions[/<id>],
GET /v1/events[/<id>], GET /v2/core/events[/<id>].
Page: GET|POST /c/pay/<session>. Control: see `_control`.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from django.template.loader import render_to_string

from payments.fakestripe import objects, params
from payments.fakestripe.faults import ApiFault, Plan
from payments.fakestripe.objects import Json
from payments.fakestripe.params import Refused
from payments.fakestripe.ringer import Ringer
from payments.fakestripe.store import KEY_LIVES, Store

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

STYLE = (Path(__file__).parent / "pay.css").read_bytes()
CARDLESS_TEXT = {
    "declined": "Die Karte wurde abgelehnt. Wählen Sie eine andere Zahlungsart.",
    "": "Wählen Sie eine Zahlungsart.",
}
Answer = tuple[int, Json]


class Application:
    """`keys`: the secret keys it accepts. The control endpoint wants one of them, too."""

    def __init__(self, store: Store, plan: Plan, ringer: Ringer, *, keys: Iterable[str]) -> None:
        self.store, self.plan, self.ringer, self.keys = store, plan, ringer, set(keys)
        self.in_flight: set[str] = set()
        self.seen: list[tuple[str, str, str]] = []  # method, path, idempotency key: what tests look at
        self.versions: set[str] = set()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        text = environ["wsgi.input"].read(length).decode()
        if path == "/pay.css":
            return _send(start_response, 200, STYLE, "text/css; charset=utf-8")
        self.store.tick()
        if match := re.fullmatch(r"/c/pay/(\w+)", path):
            status, body, headers = self._page(method, match[1], text)
            self.store.save()
            return _send(start_response, status, body.encode(), "text/html; charset=utf-8", headers)
        handler = self._control if path.startswith("/_control/") else self._api
        status, answer = handler(method, path, text, environ)
        self.store.save()
        return _send(start_response, status, json.dumps(answer).encode(), "application/json")

    # --- API ----------------------------------------------------------------------------------------------------------

    def _api(self, method: str, path: str, text: str, environ: "WSGIEnvironment") -> Answer:
        if environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ") not in self.keys:
            return 401, Refused(401, "Invalid API Key provided").body
        key = environ.get("HTTP_IDEMPOTENCY_KEY", "") if method == "POST" else ""
        self.seen.append((method, path, key))
        self.versions.add(environ.get("HTTP_STRIPE_VERSION", ""))
        query = text if method == "POST" else environ.get("QUERY_STRING", "")
        fault = self.plan.next_api(f"{method} {path}")
        if fault and fault.do == "error_before":
            return 500, _server_error()
        if not key:
            return self._suffer(fault, self._act(method, path, query))
        return self._once(key, f"{method} {path} {query}", fault, lambda: self._act(method, path, query))

    def _once(self, key: str, request: str, fault: ApiFault | None, act: Callable[[], Answer]) -> Answer:
        """Stripe's idempotency: the first outcome is repeated, even a 500; other parameters are refused."""
        fingerprint = hashlib.sha256(request.encode()).hexdigest()
        with self.store.lock:
            known = self.store.answers.get(key)
            if known and known["at"] > self.store.now() - KEY_LIVES:
                if known["fingerprint"] != fingerprint:
                    message = "Keys for idempotent requests can only be used with the same parameters."
                    return 400, Refused(400, message, kind="idempotency_error").body
                return known["status"], known["body"]
            if key in self.in_flight:
                message = "There is currently another in-progress request using this key."
                return 409, Refused(409, message, code="idempotency_key_in_use", kind="idempotency_error").body
            self.in_flight.add(key)
        try:
            status, body = self._suffer(fault, act())
            if status < 400 or status >= 500:  # what failed validation may be sent again
                row = {"fingerprint": fingerprint, "status": status, "body": body, "at": self.store.now()}
                with self.store.lock:
                    self.store.answers[key] = row
            return status, body
        finally:
            self.in_flight.discard(key)

    @staticmethod
    def _suffer(fault: ApiFault | None, answer: Answer) -> Answer:
        if fault and fault.do == "error_after":
            return 500, _server_error()
        if fault and fault.do == "slow":
            time.sleep(fault.seconds)
        return answer

    def _act(self, method: str, path: str, query: str) -> Answer:
        try:
            given = params.parse(query)
            with self.store.lock:
                if method == "POST":
                    return 200, self._change(path, given)
                return 200, self._read(path, given)
        except Refused as refusal:
            return refusal.status, refusal.body

    def _change(self, path: str, given: Json) -> Json:
        store = self.store
        if path == "/v1/checkout/sessions":
            return _copy(store.create_session(params.create_session(given, now=store.now())))
        if path == "/v1/refunds":
            return _copy(store.refund(params.create_refund(given)))
        if match := re.fullmatch(r"/v1/checkout/sessions/(\w+)/expire", path):
            return _copy(store.expire(match[1]))
        raise Refused(404, f"Unrecognized request URL (POST: {path}).")

    def _read(self, path: str, given: Json) -> Json:
        store, expand = self.store, given.get("expand", [])
        if path == "/v1/balance":
            return store.balance()
        rows_of = {
            "/v1/checkout/sessions": ("checkout.session", store.sessions),
            "/v1/payment_intents": ("payment_intent", store.intents),
            "/v1/charges": ("charge", store.charges),
            "/v1/refunds": ("refund", store.refunds),
            "/v1/balance_transactions": ("balance_transaction", store.transactions),
            "/v1/events": ("event", store.events),
            "/v2/core/events": ("event", store.thin_events),
        }
        if path in rows_of:
            newest_first = list(rows_of[path][1].values())[::-1]
            if path == "/v2/core/events":
                return {"data": newest_first, "next_page_url": None, "previous_page_url": None}
            page, more = params.paged(newest_first, given)
            paths = [p.removeprefix("data.") for p in expand]
            return objects.listed(path, [store.expanded(row, paths) for row in page], has_more=more)
        parent, _, ident = path.rpartition("/")
        if parent not in rows_of:
            raise Refused(404, f"Unrecognized request URL (GET: {path}).")
        kind, rows = rows_of[parent]
        return store.expanded(store.get(rows, ident, kind), expand)

    # --- payment page -------------------------------------------------------------------------------------------------

    def _page(self, method: str, ident: str, text: str) -> tuple[int, str, dict[str, str]]:
        """Status, HTML, headers. A choice answers 303 back to the shop, as the real page does."""
        try:
            session = self.store.session(ident)
            if session["status"] != "open":
                return 200, _closed(session), {}
            if method != "POST":
                return 200, self._form(session), _policy(session)
            choice = parse_qs(text).get("wahl", [""])[0]
            if choice == "cancel":
                return 303, "", {"Location": session["cancel_url"] or session["success_url"]}
            if choice not in ("card", "paypal", "sepa_debit", "sepa_debit_returned", "declined"):
                return 422, self._form(session, CARDLESS_TEXT[""]), _policy(session)
            paid = self.store.pay(ident, choice)
            if choice == "declined":
                return 402, self._form(paid, CARDLESS_TEXT["declined"]), _policy(session)
            back = session["success_url"].replace("{CHECKOUT_SESSION_ID}", ident)
            return 303, "", {"Location": back}
        except Refused as refusal:
            return refusal.status, render_to_string("fakestripe/closed.html", {"status": "unknown"}), {}

    def _form(self, session: Json, error: str = "") -> str:
        line = self.store.intent_data[session["id"]]["lines"][0]
        context = {
            "amount_cents": session["amount_total"],
            "purpose": line["price_data"]["product_data"]["name"],
            "kassenzeichen": session["metadata"].get("kassenzeichen", ""),
            "debit_seconds": self.store.debit_seconds,
            "error": error,
        }
        return render_to_string("fakestripe/pay.html", context)

    # --- control ------------------------------------------------------------------------------------------------------

    def _control(self, method: str, path: str, text: str, environ: "WSGIEnvironment") -> Answer:
        """POST /_control/plan (faults.Plan.set), /release, /reset, /clock {"advance": seconds},
        /pay {"session", "method", "late"}, /bank {"session", "outcome": paid|returned}; GET /_control/state."""
        if environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ") not in self.keys:
            return 401, {"error": "key"}
        given = json.loads(text) if text else {}
        try:
            match method, path.removeprefix("/_control/"):
                case "POST", "plan":
                    self.plan.set(given)
                case "POST", "release":
                    self.ringer.release()
                case "POST", "reset":
                    self.plan.reset()
                    self.store.reset()
                case "POST", "clock":
                    self.store.ahead += int(given["advance"])
                    self.store.tick()
                case "POST", "pay":
                    self.store.pay(given["session"], given["method"], late=given.get("late", False))
                case "POST", "bank":
                    self.store.bank_answers(given["session"], given["outcome"])
                case "GET", "state":
                    return 200, {"sessions": self.store.sessions, "events": list(self.store.thin_events)}
                case _:
                    return 404, {"error": "unknown"}
        except Refused as refusal:
            return refusal.status, refusal.body
        except (TypeError, KeyError, ValueError) as error:
            return 400, {"error": str(error)}
        return 200, {"ok": True}


def _copy(row: Json) -> Json:
    whole: Json = json.loads(json.dumps(row))
    return whole


def _server_error() -> Json:
    return Refused(500, "An unknown error occurred", kind="api_error").body


def _closed(session: Json) -> str:
    context = {"status": session["status"], "back": session["cancel_url"] or session["success_url"]}
    return render_to_string("fakestripe/closed.html", context)


def _policy(session: Json) -> dict[str, str]:
    # Browsers apply form-action to the redirect after our form as well: the shop must stand in it.
    shops = {"{0.scheme}://{0.netloc}".format(urlsplit(session[name] or "")) for name in ("success_url", "cancel_url")}
    return {"Content-Security-Policy": f"{_CSP}; form-action 'self' {' '.join(sorted(shops - {'://'}))}"}


_CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def _send(
    start_response: "StartResponse", status: int, body: bytes, media_type: str, headers: dict[str, str] | None = None
) -> list[bytes]:
    fixed = {
        "Content-Type": media_type,
        "Content-Length": str(len(body)),
        "Content-Security-Policy": f"{_CSP}; form-action 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Request-Id": f"req_{time.monotonic_ns()}",
    }
    start_response(f"{status} {HTTPStatus(status).phrase}", list({**fixed, **(headers or {})}.items()))
    return [body]
