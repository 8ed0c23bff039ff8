"""Reading and judging request parameters as strictly as Stripe does: a typo must fail here, not in production."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
HALF_HOUR, DAY = 1800, 86400
_CREATE = {
    "adaptive_pricing.enabled", "cancel_url", "client_reference_id", "expires_at", "line_items.price_data.currency",
    "line_items.price_data.product_data.name", "line_items.price_data.unit_amount", "line_items.quantity", "locale",
    "metadata.*", "mode", "payment_intent_data.description", "payment_intent_data.metadata.*", "submit_type",
    "success_url", "expand",
}  # fmt: skip
_REFUND = {"amount", "charge", "metadata.*", "payment_intent", "reason", "expand"}


class Refused(Exception):
    """Answered with this HTTP status and Stripe's error object."""

    def __init__(self, status: int, message: str, *, code: str = "", param: str = "", kind: str = ""):
        super().__init__(message)
        self.status = status
        error = {"type": kind or "invalid_request_error", "message": message, "code": code, "param": param}
        self.body: Json = {"error": {key: value for key, value in error.items() if value}}


def parse(text: str) -> Json:
    """`a[b][0][c]=1` as nested dicts and lists; every leaf a string."""
    root: Json = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        *path, last = re.findall(r"[^\[\]]+", key) or [key]
        node = root
        for part in path:
            node = node.setdefault(part, {})
        node[last] = value
    whole: Json = _lists(root)
    return whole


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_lists(node[key]) for key in sorted(node, key=int)]
    return {key: _lists(value) for key, value in node.items()}


def _leaves(node: Any, path: str = "") -> Iterable[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value, path)
    else:
        yield path


def _only(params: Json, allowed: set[str]) -> None:
    for leaf in _leaves(params):
        if leaf not in allowed and f"{leaf.rpartition('.')[0]}.*" not in allowed:
            raise Refused(400, f"Received unknown parameter: {leaf}", code="parameter_unknown", param=leaf)


def _int(value: Any, name: str) -> int:
    if not re.fullmatch(r"-?\d+", str(value)):
        raise Refused(400, f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    return int(value)


def _metadata(values: Json, name: str) -> None:
    if len(values) > 50 or any(len(key) > 40 or len(str(value)) > 500 for key, value in values.items()):
        raise Refused(400, "Metadata holds at most 50 keys of 40 and values of 500 characters", param=name)


def create_session(params: Json, *, now: int) -> Json:
    """Checked and typed parameters of POST /v1/checkout/sessions. Raises Refused."""
    _only(params, _CREATE)
    for name in ("mode", "success_url", "line_items"):
        if not params.get(name):
            raise Refused(400, f"Missing required param: {name}.", code="parameter_missing", param=name)
    if params["mode"] != "payment":
        raise Refused(400, "This stand-in knows mode=payment only", param="mode")
    for name in ("success_url", "cancel_url"):
        if name in params and urlsplit(params[name]).scheme not in ("http", "https"):
            raise Refused(400, "Not a valid URL", code="url_invalid", param=name)
    for line in params["line_items"]:
        line["quantity"] = _int(line.get("quantity", 1), "line_items[quantity]")
        price = line["price_data"]
        price["unit_amount"] = _int(price.get("unit_amount"), "line_items[price_data][unit_amount]")
        if price["unit_amount"] < 0 or price.get("currency") != "eur" or not price["product_data"].get("name"):
            raise Refused(400, "Needs euro cents and a name", param="line_items")
    if sum(line["quantity"] * line["price_data"]["unit_amount"] for line in params["line_items"]) < 50:
        raise Refused(400, "The total must be at least €0.50 eur", code="amount_too_small", param="line_items")
    params["expires_at"] = _int(params.get("expires_at", now + DAY), "expires_at")
    if not now + HALF_HOUR <= params["expires_at"] <= now + DAY:
        raise Refused(400, "`expires_at` must lie 30 minutes to 24 hours ahead", param="expires_at")
    if len(params.get("client_reference_id", "")) > 200:
        raise Refused(400, "client_reference_id is too long", param="client_reference_id")
    params["adaptive_pricing"] = {"enabled": params.get("adaptive_pricing", {}).get("enabled") != "false"}
    _metadata(params.setdefault("metadata", {}), "metadata")
    _metadata(params.setdefault("payment_intent_data", {}).setdefault("metadata", {}), "payment_intent_data[metadata]")
    return params


def create_refund(params: Json) -> Json:
    """Checked and typed parameters of POST /v1/refunds. Raises Refused."""
    _only(params, _REFUND)
    if "amount" in params:
        params["amount"] = _int(params["amount"], "amount")
    if not (params.get("charge") or params.get("payment_intent")):
        raise Refused(400, "One of charge, payment_intent is required", code="parameter_missing")
    _metadata(params.setdefault("metadata", {}), "metadata")
    return params


def paged(items: list[Json], params: Json) -> tuple[list[Json], bool]:
    """A page of newest-first items and whether more follow: limit, starting_after, created[gte|lte]."""
    created = params.get("created")
    bounds = created if isinstance(created, dict) else {}
    items = [item for item in items if int(bounds.get("gte", 0)) <= item["created"] <= int(bounds.get("lte", 10**12))]
    after = params.get("starting_after")
    start = next((n + 1 for n, item in enumerate(items) if item["id"] == after), 0) if after else 0
    limit = _int(params.get("limit", 10), "limit")
    if not 1 <= limit <= 100:
        raise Refused(400, "Invalid limit: must be between 1 and 100", param="limit")
    return items[start : start + limit], len(items) > start + limit
