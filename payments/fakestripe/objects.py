"""The shapes of Stripe's objects, field for field (API 2026-10-28). Pure: values in, JSON-ready dicts out."""

from typing import Any

Json = dict[str, Any]
_EMPTY_ADDRESS = {"city": None, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None}


def session(ident: str, params: Json, *, now: int, page_url: str) -> Json:
    """An open checkout.session from checked parameters (params.create_session)."""
    amount = sum(line["quantity"] * line["price_data"]["unit_amount"] for line in params["line_items"])
    unused = (
        "allow_promotion_codes", "billing_address_collection", "client_secret", "consent", "consent_collection",
        "currency_conversion", "customer", "customer_account", "customer_creation", "customer_details",
        "customer_email", "discounts", "integration_identifier", "invoice", "managed_payments", "origin_context",
        "payment_intent", "payment_link", "payment_method_collection", "payment_method_configuration_details",
        "permissions", "recovered_from", "saved_payment_method_options", "setup_intent",
        "shipping_address_collection", "shipping_cost", "subscription", "after_expiration", "collected_information",
    )  # fmt: skip
    return {
        **dict.fromkeys(unused),
        "id": ident,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": params.get("adaptive_pricing", {}).get("enabled", True)},
        "amount_subtotal": amount,
        "amount_total": amount,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "created": now,
        "currency": params["line_items"][0]["price_data"]["currency"],
        "custom_fields": [],
        "custom_text": dict.fromkeys(
            ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"),
        ),
        "expires_at": params.get("expires_at", now + 86400),
        "invoice_creation": {
            "enabled": False,
            "invoice_data": {
                **dict.fromkeys(
                    ("account_tax_ids", "custom_fields", "description", "footer", "issuer", "rendering_options")
                ),
                "metadata": {},
            },
        },
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": params.get("metadata", {}),
        "mode": "payment",
        "payment_method_options": {},
        "payment_method_types": ["card", "paypal", "sepa_debit"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": page_url,
        "wallet_options": None,
    }


def payment_intent(ident: str, of: Json, params: Json, *, now: int, method: str) -> Json:
    """The intent of a session, made when the person confirms. `params` is payment_intent_data."""
    unused = (
        "application", "application_fee_amount", "canceled_at", "cancellation_reason", "customer", "customer_account",
        "excluded_payment_method_types", "last_payment_error", "latest_charge", "managed_payments", "next_action",
        "on_behalf_of", "payment_method", "payment_method_configuration_details", "processing", "receipt_email",
        "review", "setup_future_usage", "shipping", "source", "statement_descriptor", "statement_descriptor_suffix",
        "transfer_data", "transfer_group", "automatic_payment_methods",
    )  # fmt: skip
    return {
        **dict.fromkeys(unused),
        "id": ident,
        "object": "payment_intent",
        "amount": of["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic",
        "client_secret": f"{ident}_secret_none",
        "confirmation_method": "automatic",
        "created": now,
        "currency": of["currency"],
        "description": params.get("description"),
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "payment_method_options": {},
        "payment_method_types": [method],
        "status": "requires_payment_method",
    }


def charge(ident: str, intent: Json, *, now: int, method: str, transaction: str) -> Json:
    unused = (
        "application", "application_fee", "application_fee_amount", "calculated_statement_descriptor", "customer",
        "failure_balance_transaction", "failure_code", "failure_message", "on_behalf_of", "payment_method",
        "receipt_email", "receipt_number", "receipt_url", "review", "shipping", "source", "source_transfer",
        "statement_descriptor", "statement_descriptor_suffix", "transfer_data", "transfer_group", "outcome",
    )  # fmt: skip
    return {
        **dict.fromkeys(unused),
        "id": ident,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "balance_transaction": transaction,
        "billing_details": {
            "address": _EMPTY_ADDRESS, "email": None, "name": None, "phone": None, "tax_id": None,
        },
        "captured": True,
        "created": now,
        "currency": intent["currency"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method_details": {"type": method},
        "refunded": False,
        "refunds": {"object": "list", "data": [], "has_more": False, "url": f"/v1/charges/{ident}/refunds"},
        "status": "succeeded",
    }  # fmt: skip


def refund(ident: str, of: Json, amount: int, params: Json, *, now: int, transaction: str) -> Json:
    unused = (
        "customer", "customer_account", "destination_details", "payment_method", "receipt_number",
        "source_transfer_reversal", "transfer_reversal",
    )  # fmt: skip
    return {
        **dict.fromkeys(unused),
        "id": ident,
        "object": "refund",
        "amount": amount,
        "balance_transaction": transaction,
        "charge": of["id"],
        "created": now,
        "currency": of["currency"],
        "metadata": params.get("metadata", {}),
        "payment_intent": of["payment_intent"],
        "reason": params.get("reason"),
        "status": "succeeded",
    }


def balance_transaction(ident: str, kind: str, source: str, amount: int, fee: int, *, now: int) -> Json:
    """kind: charge (amount > 0) or refund (amount < 0). Cents."""
    parts = [{"amount": fee, "application": None, "currency": "eur", "description": "fee", "type": "stripe_fee"}]
    return {
        "id": ident,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now,
        "balance_type": "payments",
        "created": now,
        "currency": "eur",
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": parts if fee else [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source,
        "status": "available",
        "type": kind,
    }


def balance(cents: int) -> Json:
    return {
        "object": "balance",
        "available": [{"amount": cents, "currency": "eur", "source_types": {"card": cents}}],
        "connect_reserved": [{"amount": 0, "currency": "eur"}],
        "livemode": False,
        "pending": [{"amount": 0, "currency": "eur", "source_types": {"card": 0}}],
    }


def event(ident: str, kind: str, about: Json, *, now: int) -> Json:
    """The snapshot kept by /v1/events."""
    return {
        "id": ident,
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": now,
        "data": {"object": about},
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def thin_event(ident: str, snapshot: Json, *, created: str) -> Json:
    """What is delivered: where to look, nothing else. `created` is ISO 8601."""
    about = snapshot["data"]["object"]
    return {
        "id": ident,
        "object": "v2.core.event",
        "context": None,
        "created": created,
        "livemode": False,
        "reason": None,
        "related_object": {
            "id": about["id"],
            "type": about["object"],
            "url": f"/v1/{about['object'].replace('.', '/')}s/{about['id']}",
        },
        "snapshot_event": snapshot["id"],
        "type": f"v1.{snapshot['type']}",
    }


def listed(url: str, items: list[Json], *, has_more: bool = False) -> Json:
    return {"object": "list", "url": url, "has_more": has_more, "data": items}
