"""The proof of service: one sealed PDF with everything a court asks about a delivery, and the same as JSON inside.

Anybody checks it offline: the seal covers every byte (portal.documents.seal.verify), the JSON inside repeats rule, days
and events, and the positions and hashes lead into the audit chain. Only workers load this module: WeasyPrint and
pyHanko take seconds to import.
"""

import datetime as dt
import json
import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F

from mailbox import legal_clock
from mailbox.letters import Opener
from mailbox.models import DeliveryEvent, Proof
from mailbox.rules import Rule
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.documents import letters, store
from portal.documents.render import Attachment, check_pdf, render_pdf
from portal.documents.seal import get_sealer

LEASE = dt.timedelta(seconds=settings.TASK_HARD_LIMIT)
JSON_NAME = "zustellung.json"
WORDS = {
    "reply": "Antwort des Mailservers",
    "error": "Fehler",
    "status": "Statuscode",
    "action": "Meldung",
    "by": "durch",
    "day": "Tag",
    "posted_on": "aufgegeben am",
    "reference": "Zeichen der Druckerei",
    "reason": "Grund",
    "position": "Anlage",
    "plan_day": "Tag im Plan",
}
log = logging.getLogger(__name__)


def draw(proof_id: int) -> bool:
    """Render, check, seal and store one proof with no transaction open. True when this call made it."""
    proof = _claim(proof_id)
    if proof is None:
        return False
    told = facts(proof)
    pdf = _render(proof, told)
    if findings := check_pdf(pdf):
        log.error("proof %s is not fit for the archive: %s", proof.pk, "; ".join(findings))
        return False
    sealed = get_sealer().seal(pdf, reason="Zustellnachweis", at=clock.now())
    stored = store.put(sealed, media_type="application/pdf")
    made = {"stored": stored, "made_at": clock.now(), "due_at": None}
    if Proof.objects.filter(pk=proof.pk, fence=proof.fence, stored=None).update(**made):
        return True
    store.destroy(stored)
    return False


def _claim(proof_id: int) -> Proof | None:
    now = clock.now()
    with transaction.atomic(durable=True):
        rows = Proof.objects.filter(pk=proof_id)
        if not rows.filter(due_at__lte=now).update(due_at=now + LEASE, fence=F("fence") + 1):
            return None
        return rows.select_related("delivery__message__mailbox__user", "event").get()


def facts(proof: Proof) -> dict[str, Any]:
    """Everything up to the proof's event, as JSON: what anybody needs to reckon the day again."""
    delivery, message = proof.delivery, proof.delivery.message
    events = list(DeliveryEvent.objects.filter(delivery=delivery, pk__lte=proof.event_id).order_by("id"))
    last = proof.event.detail
    opener = Opener()
    return {
        "format": "zustellnachweis/1",
        "delivery": str(delivery.public_id),
        "message": str(message.public_id),
        "mailbox": message.mailbox.number,
        "recipient": message.mailbox.user.get_full_name(),
        "sender": message.sender,
        "subject": opener.subject(message),
        "thread": message.thread,
        "level": message.level,
        "files": [
            {"position": row.position, "sha256": row.stored.sha256, "bytes": row.stored.size}
            for row in message.attachments.select_related("stored")
        ],
        "rule": delivery.rule,
        "letter_rule": delivery.letter_rule,
        "consent": delivery.consent,
        "state": proof.event.target,
        "announced_on": last.get("day"),
        "announced_by": last.get("by"),
        "appeal_steps": last.get("steps", []),
        "instructed": delivery.instructed,
        "mail_ids": list(
            message.notices.filter(sent_at__isnull=False).order_by("plan_day").values_list("mail_id", flat=True)
        ),
        "events": [
            {
                "kind": event.kind,
                "at": clock.local(event.at).isoformat(),
                "from": event.origin,
                "to": event.target,
                "actor": event.actor,
                "detail": event.detail,
            }
            for event in events
        ],
        "parcel": _parcel(delivery),
        "chain": _chain(f"message:{message.public_id}", proof.ordered_at),
    }


def _parcel(delivery: Any) -> list[dict[str, Any]]:
    sent = getattr(delivery, "dispatch", None)
    if sent is None:
        return []
    return [
        {"kind": event.kind, "at": clock.local(event.at).isoformat(), "detail": event.detail}
        for event in sent.events.order_by("id")
    ]


def _chain(subject: str, until: dt.datetime) -> list[dict[str, Any]]:
    entries = AuditEntry.objects.filter(subject=subject, at__lte=until).order_by("id")
    return [
        {"action": entry.action, "position": entry.position, "hash": bytes(entry.hash).hex() if entry.hash else None}
        for entry in entries
    ]


def _render(proof: Proof, told: Mapping[str, Any]) -> bytes:
    data = json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode()
    inside = Attachment(JSON_NAME, "application/json", data, "Die Angaben dieses Nachweises zum maschinellen Lesen")
    rule = Rule.thawed(told["rule"])
    lapse = proof.delivery.noticed_at and legal_clock.lapses(rule, clock.local(proof.delivery.noticed_at).date())
    context = {
        "sender": letters.city_sender(),
        "recipient": {"name": told["recipient"], "lines": []},
        "date": clock.local(proof.ordered_at).date(),
        "told": told,
        "rule": rule,
        "lapse": lapse,
        "announced_on": dt.date.fromisoformat(told["announced_on"]) if told["announced_on"] else None,
        "consent_at": dt.datetime.fromisoformat(told["consent"]["at"]) if told["consent"] else None,
        "state": proof.event.get_kind_display(),
        "rows": [_row(event) for event in told["events"]],
        "steps": [step for event in told["events"] for step in event["detail"].get("steps", [])],
    }
    title = f"Zustellnachweis {told['delivery']}"
    return render_pdf("mailbox/proof.html", context, title=title, created=proof.ordered_at, attachments=[inside])


def _row(event: Mapping[str, Any]) -> dict[str, Any]:
    said = [f"{WORDS[name]}: {value}" for name, value in event["detail"].items() if name in WORDS and value != ""]
    label = dict(DeliveryEvent._meta.get_field("kind").flatchoices)[event["kind"]]
    return {"at": dt.datetime.fromisoformat(event["at"]), "label": label, "said": said}
