"""The way of a decision to its recipient, from posting to the day on which it counts: the verbs of a Delivery.

Each verb locks the delivery's row, looks at its state and writes the step, its evidence and what follows from it in one
transaction. What comes too late to change anything is still evidence, so nothing that happened is lost. Callers see no
states: they tell what happened (posted, notice sent or failed, opened, day come, letter handed over or returned).
"""

import dataclasses
import datetime as dt
import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import transaction

from mailbox import delivery_states, dispatches, legal_clock, rules
from mailbox.delivery_states import DeliveryState as S
from mailbox.journal import SYSTEM, name_of
from mailbox.models import AnnouncementRule, Delivery, DeliveryEvent, Ended, Evidence, Message, Proof
from mailbox.rules import Rule, Trigger
from mailbox.states import IllegalTransition
from portal.accounts import consents, profile
from portal.accounts.models import Consent, User
from portal.audit import actions as audit
from portal.common import clock, rows
from portal.common.crypto import Envelope
from portal.common.written import Asked, Written
from portal.outbox import relay

SWEEP_BATCH = 500
MOST_LINES = 5  # of a postal address below the name (DIN 5008)


class CannotWithdraw(Exception):
    """The decision is known already, or its letter is under way. The sentence is German and fit for the page."""


@dataclasses.dataclass(frozen=True)
class Order:
    """What whoever posts a decision knows about its delivery.

    `address`: lines of the address window, name first. `instructed`: whether it instructs on legal remedies; None:
    there is nothing to appeal against. `formal`: service (Zustellung) in place of announcement.
    """

    address: tuple[str, ...] = ()
    instructed: bool | None = True
    formal: bool = False


class Told(NamedTuple):
    """A notice of a decision that the mail server took. `proof`: its reply line."""

    message: Message
    plan_day: int
    proof: str


class _Step(NamedTuple):
    """A locked row that moves on. `fields`: what changes beside its state; the rest is its evidence."""

    delivery: Delivery
    target: S
    fields: dict[str, Any]
    at: dt.datetime | None = None
    actor: str = SYSTEM
    detail: dict[str, Any] | None = None
    once: str = ""


# --- posting ---------------------------------------------------------------------------------------------------------


def asked(owner: User, order: Order) -> tuple[Asked, Asked]:
    """What planned() has to know, for together(): the owner's consent, and the rules of today."""
    kind, code, letter = _codes(order)
    return consents.asked(owner, kind), _rules(code, rules.RETRIEVED, letter).asked()


def _codes(order: Order) -> tuple[str, str, str]:
    """The consent that a delivery by lapse of time needs, its rule, and that of the letter that may follow."""
    if order.formal:
        return rules.SERVICE, rules.PORTAL_SERVICE, rules.REGISTERED
    return rules.ANNOUNCEMENT, rules.PORTAL, rules.LETTER


def planned(
    message: Message, owner: User, order: Order, consent: Sequence[Consent], held: Sequence[AnnouncementRule]
) -> Delivery:
    """The delivery of a decision that was posted to its owner just now, for begin(). The rest answers asked().

    Without the consent that its rule needs nothing counts by lapse of time: then only opening it does (§ 41 (2a)
    VwVfG), and after ten days of silence a letter goes out.
    """
    kind, code, letter = _codes(order)
    given, today = consents.counting(kind, consent), clock.today()
    known = [row.rule() for row in held] + list(rules.ROWS)
    lines = order.address or _postal_lines(owner)
    delivery = Delivery(
        message=message,
        rule=rules.in_force(known, code if given else rules.RETRIEVED, today).frozen(),
        letter_rule=rules.in_force(known, letter, today).frozen(),
        consent=given.frozen() if given else None,
        instructed=order.instructed,
        planned_at=message.created_at,
    )
    if lines:
        envelope = Envelope(message.mailbox.wrapped_key)
        delivery.sealed_address = envelope.seal_json(list(lines), _place(delivery))
    if message.visible_from <= clock.now():
        delivery.state, delivery.provided_at = S.PROVIDED, message.visible_from
    else:
        delivery.due_at = message.visible_from
    return delivery


def begin(delivery: Delivery) -> None:
    """Store what planned() made, with its first evidence. Joins the caller's transaction."""
    rows.insert(delivery)
    provided = [Evidence.PROVIDED] if delivery.state == S.PROVIDED else []
    for step in (Evidence.PLANNED, *provided):
        event = DeliveryEvent(delivery=delivery, kind=step, target=step, at=delivery.planned_at, actor=SYSTEM)
        rows.insert(event)
    rule = Rule.thawed(delivery.rule)
    audit.record(f"delivery.{delivery.state}", _subject(delivery.message), SYSTEM, rule=rule.code)


@functools.cache
def _rules(*codes: str) -> "Written[AnnouncementRule]":
    return Written(lambda: AnnouncementRule.objects.on(clock.today()).filter(code__in=codes))


def _postal_lines(user: User) -> tuple[str, ...]:
    """The address in the person's profile, as a window shows it; empty if it is not whole."""
    known = {datum.name: datum.value for datum in profile.of(user)}
    if not (known.get("street") and known.get("postcode") and known.get("place")):
        return ()
    return (user.get_full_name(), known["street"], f"{known['postcode']} {known['place']}")


def _place(delivery: Delivery) -> str:
    return f"delivery:{delivery.public_id}:address"


def address(delivery: Delivery) -> tuple[str, ...]:
    """The lines for a letter, name first; empty if none are known. Raises crypto.KeyDestroyed after disposal."""
    if not delivery.sealed_address:
        return ()
    return tuple(Envelope(delivery.message.mailbox.wrapped_key).open_json(delivery.sealed_address, _place(delivery)))


def forget(user: User) -> None:
    """The account is being deleted: no letter goes out, no address stays. Joins the caller's transaction."""
    dispatches.forget(user)
    Delivery.objects.filter(message__mailbox__user=user).update(sealed_address=None)


# --- what happens ----------------------------------------------------------------------------------------------------


def notices_sent(told: Sequence[Told], *, at: dt.datetime) -> None:
    """The mail server took these notices of decisions by that moment. Joins the caller's transaction."""
    rows = Delivery.objects.select_for_update().filter(message__in=[one.message.pk for one in told]).order_by("pk")
    held = {delivery.message_id: delivery for delivery in rows}
    moves = []
    for one in told:
        delivery = held.get(one.message.pk)
        if delivery is None:
            continue
        delivery.message = one.message  # read already
        if delivery.state == S.PLANNED:
            _provide(delivery)
        detail = {"reply": one.proof, "plan_day": one.plan_day}
        if delivery.state == S.PROVIDED:
            moves.append(_noticed(delivery, at, detail))
        else:
            _witness(delivery, Evidence.NOTICE_SENT, at=at, detail=detail)
    _steps(moves)


def _noticed(delivery: Delivery, at: dt.datetime, detail: dict[str, Any]) -> _Step:
    rule, day = Rule.thawed(delivery.rule), clock.local(at).date()
    fields: dict[str, Any] = {"noticed_at": at}
    if rule.trigger == Trigger.RETRIEVAL:
        lapse = legal_clock.lapses(rule, day)
        fields["due_at"] = _midnight(lapse) if lapse else None
    else:
        counted = legal_clock.announced(rule, _triggered(delivery, rule, day))
        fields |= {"counts_on": counted.day, "due_at": _midnight(counted.day)}
        detail["steps"] = list(counted.steps)
    return _Step(delivery, S.NOTICE_SENT, fields, at=at, detail=detail)


def notice_failed(message: Message, why: str, *, once: str = "") -> None:
    """The notice could not be sent, or came back: no day can count by lapse of time. The letter goes out, once.

    A report that comes after the day takes the announcement back, unless the person has opened the decision.
    Joins the caller's transaction.
    """
    delivery = _locked(message)
    if delivery is None or (once and delivery.events.filter(once=once).exists()):
        return
    if delivery.state == S.PLANNED:
        _provide(delivery)
    detail = {"error": why}
    by_lapse = delivery.state == S.ANNOUNCED and delivery.announced_by == Ended.FICTION
    if not (by_lapse or delivery.state in (S.PROVIDED, S.NOTICE_SENT)):
        _witness(delivery, Evidence.NOTICE_FAILED, detail=detail, once=once)
        return
    reopened: dict[str, Any] = {"announced_on": None, "announced_by": "", "appeal_until": None} if by_lapse else {}
    _step(delivery, S.NOTICE_FAILED, detail=detail, once=once, counts_on=None, due_at=None, **reopened)
    _queue_letter(delivery)


def reported(message: Message, *, detail: dict[str, Any], once: str) -> None:
    """A report of a mail server that changes nothing, such as a delay: evidence. Joins the caller's transaction."""
    delivery = _locked(message)
    if delivery is not None and not delivery.events.filter(once=once).exists():
        _witness(delivery, Evidence.REPORT, detail=detail, once=once)


def retrieved(message: Message, *, at: dt.datetime, by: User) -> None:
    """The person opened the decision for the first time. Joins the caller's transaction.

    Who opens early does not lose days: the appeal runs from the later of retrieval and the day that would have counted.
    """
    delivery = _locked(message)
    if delivery is None:
        return
    if delivery.due_at is not None and delivery.due_at <= at:
        _due(delivery)  # the day came before the person did
    rule, actor = Rule.thawed(delivery.rule), name_of(by)
    waits = delivery.state in (S.PROVIDED, S.NOTICE_SENT, S.LETTER_QUEUED, S.LETTER_HANDED, S.RETURNED)
    if not waits or delivery.lapsed_at:  # a provision that has ended cannot announce any more
        _witness(delivery, Evidence.RETRIEVED, at=at, actor=actor)
        return
    day = clock.local(at).date()
    known = legal_clock.announced(rule, day).day if rule.trigger == Trigger.RETRIEVAL else day
    would = delivery.counts_on or _would_count(delivery, rule)
    if delivery.state == S.LETTER_QUEUED:
        dispatches.cancel(delivery, "retrieved")
    _announce(delivery, known, Ended.RETRIEVAL, at=at, actor=actor, since=max(known, would or known))


def downloaded(message: Message, *, position: int, by: User) -> None:
    """An attachment was fetched: evidence. Joins the caller's transaction."""
    delivery = _locked(message)
    if delivery is not None:
        _witness(delivery, Evidence.DOWNLOADED, actor=name_of(by), detail={"position": position})


@transaction.atomic
def withdraw(message: Message, *, by: User) -> bool:
    """Take a decision back that nobody has opened and that does not count yet. False if it was taken back before.

    Raises CannotWithdraw.
    """
    delivery = _locked(message)
    if delivery is None:
        raise CannotWithdraw("Diese Nachricht ist kein Bescheid.")
    if delivery.state == S.WITHDRAWN:
        return False
    if S.WITHDRAWN not in delivery_states.ALLOWED[S(delivery.state)] or message.first_read_at:
        raise CannotWithdraw(
            "Der Bescheid ist schon bekannt gegeben oder der Brief unterwegs. Nehmen Sie ihn förmlich zurück."
        )
    if delivery.state == S.LETTER_QUEUED and not dispatches.cancel(delivery, "withdrawn"):
        raise CannotWithdraw("Der Brief ist schon im Druck. Nehmen Sie den Bescheid förmlich zurück.")
    _step(delivery, S.WITHDRAWN, actor=name_of(by), counts_on=None, due_at=None)
    return True


def letter_handed(delivery: Delivery, *, posted_on: dt.date, reference: str) -> bool:
    """The printer handed the letter to the post on that day. Joins the caller's transaction. False: known before."""
    held = Delivery.objects.select_for_update(of=("self",)).select_related("message").get(pk=delivery.pk)
    once = f"posted:{reference}"
    if held.events.filter(once=once).exists():
        return False
    detail: dict[str, Any] = {"posted_on": posted_on.isoformat(), "reference": reference}
    if held.state != S.LETTER_QUEUED:
        _witness(held, Evidence.LETTER_HANDED, detail=detail, once=once)
        return True
    counted = legal_clock.announced(Rule.thawed(held.letter_rule or {}), posted_on)
    detail["steps"] = list(counted.steps)
    due: dict[str, Any] = {"counts_on": counted.day, "due_at": _midnight(counted.day), "posted_on": posted_on}
    _step(held, S.LETTER_HANDED, detail=detail, once=once, **due)
    key = held.message.public_id
    relay.publish("delivery.finished", key, dedupe=f"delivery.finished:{key}")
    return True


def letter_returned(delivery: Delivery, *, reason: str, reference: str) -> bool:
    """The letter came back: not announced. Joins the caller's transaction. False: known before."""
    held = Delivery.objects.select_for_update(of=("self",)).select_related("message").get(pk=delivery.pk)
    once, detail = f"returned:{reference}", {"reason": reason, "reference": reference}
    if held.events.filter(once=once).exists():
        return False
    if held.state not in (S.LETTER_QUEUED, S.LETTER_HANDED, S.ANNOUNCED_BY_POST):
        _witness(held, Evidence.RETURNED, detail=detail, once=once)
        return True
    empty: dict[str, Any] = {
        "counts_on": None,
        "announced_on": None,
        "announced_by": "",
        "appeal_until": None,
        "due_at": None,
    }
    _step(held, S.RETURNED, detail=detail, once=once, **empty)
    relay.publish("notice.failed", held.message.public_id)
    return True


# --- the day comes ---------------------------------------------------------------------------------------------------


def due(limit: int = SWEEP_BATCH) -> list[int]:
    """Keys of deliveries whose next day has come, longest waiting first."""
    waiting = Delivery.objects.filter(due_at__lte=clock.now()).order_by("due_at", "id")
    return list(waiting.values_list("id", flat=True)[:limit])


def step_due(delivery_id: int) -> S | None:
    """Do what the day asks for: provide, announce by lapse of time, or end the provision and queue the letter.

    Returns the state it reached, None when there was nothing to do any more. A transaction of its own.
    """
    with transaction.atomic():
        rows = Delivery.objects.select_for_update(of=("self",), skip_locked=True).select_related("message")
        delivery = rows.filter(pk=delivery_id, due_at__lte=clock.now()).first()
        if delivery is None:
            return None
        _due(delivery)
        return S(delivery.state)


def sweep() -> int:
    """Every delivery whose day has come. Returns how many moved."""
    return sum(step_due(key) is not None for key in due())


def _due(delivery: Delivery) -> None:
    match delivery.state:
        case S.PLANNED:
            _provide(delivery)
        case S.NOTICE_SENT if delivery.counts_on is None:
            _step(delivery, S.LAPSED, at=delivery.due_at, lapsed_at=delivery.due_at, due_at=None)
            _queue_letter(delivery)
        case S.NOTICE_SENT if delivery.counts_on:
            _announce(delivery, delivery.counts_on, Ended.FICTION, at=delivery.due_at, since=delivery.counts_on)
        case S.LETTER_HANDED if delivery.counts_on:
            _announce(delivery, delivery.counts_on, Ended.POST, at=delivery.due_at, since=delivery.counts_on)


def _provide(delivery: Delivery) -> None:
    moment = delivery.message.visible_from
    _step(delivery, S.PROVIDED, at=moment, provided_at=moment, due_at=None)


def _announce(
    delivery: Delivery, day: dt.date, how: Ended, *, since: dt.date, at: dt.datetime | None, actor: str = SYSTEM
) -> None:
    """`since`: the day from which the appeal runs."""
    target = S.ANNOUNCED_BY_POST if how == Ended.POST else S.ANNOUNCED
    fields: dict[str, Any] = {"announced_on": day, "announced_by": how.value, "due_at": None}
    detail: dict[str, Any] = {"by": how.value, "day": day.isoformat()}
    if delivery.instructed is not None:
        period = legal_clock.appeal(since, instructed=delivery.instructed)
        fields["appeal_until"], detail["steps"] = period.day, list(period.steps)
    _step(delivery, target, at=at, actor=actor, detail=detail, **fields)


def _queue_letter(delivery: Delivery) -> None:
    _step(delivery, S.LETTER_QUEUED)
    dispatches.queue_letter(delivery, address(delivery) if delivery.message.mailbox.wrapped_key else ())


def _would_count(delivery: Delivery, rule: Rule) -> dt.date | None:
    if rule.trigger not in (Trigger.NOTICE, Trigger.PROVISION) or delivery.provided_at is None or delivery.noticed_at:
        return None
    return legal_clock.announced(rule, clock.local(delivery.provided_at).date()).day


def _triggered(delivery: Delivery, rule: Rule, noticed_on: dt.date) -> dt.date:
    if rule.trigger == Trigger.PROVISION and delivery.provided_at:
        return clock.local(delivery.provided_at).date()
    return noticed_on


def _midnight(day: dt.date) -> dt.datetime:
    """When that day begins in Munich."""
    return dt.datetime.combine(day, dt.time(), tzinfo=clock.BERLIN)


# --- writing it down -------------------------------------------------------------------------------------------------


def _locked(message: Message) -> Delivery | None:
    # By the ORM each time: it refuses to lock outside a transaction, which a statement written once would not.
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("message__mailbox")
    return rows.filter(message=message).first()


def _subject(message: Message) -> str:
    return f"message:{message.public_id}"


def _step(
    delivery: Delivery,
    target: S,
    *,
    at: dt.datetime | None = None,
    actor: str = SYSTEM,
    detail: dict[str, Any] | None = None,
    once: str = "",
    **fields: Any,
) -> None:
    _steps([_Step(delivery, target, fields, at, actor, detail, once)])


def _steps(steps: Sequence[_Step]) -> None:
    """The locked rows move on, each with its evidence. Raises IllegalTransition."""
    for alike in _alike(steps):
        keys, first = [step.delivery.pk for step in alike], alike[0]
        origin = S(first.delivery.state)
        moved = delivery_states.advance(Delivery.objects.filter(pk__in=keys), origin, first.target, **first.fields)
        if moved != len(keys):
            raise IllegalTransition(f"{len(keys) - moved} of {', '.join(map(str, keys))} are not {origin} any more")
        for step in alike:
            _moved(step, origin)


def _alike(steps: Sequence[_Step]) -> list[list[_Step]]:
    """Those that one UPDATE can move."""
    groups: dict[tuple[Any, ...], list[_Step]] = {}
    for step in steps:
        change = tuple(sorted(step.fields.items(), key=lambda field: field[0]))
        groups.setdefault((step.delivery.state, step.target, change), []).append(step)
    return list(groups.values())


def _moved(step: _Step, origin: S) -> None:
    delivery, target = step.delivery, step.target
    delivery.state = target
    for field, value in step.fields.items():
        setattr(delivery, field, value)
    told: dict[str, Any] = {"at": step.at, "actor": step.actor, "detail": step.detail, "once": step.once}
    event = _witness(delivery, Evidence(target.value), origin=origin, target=target, **told)
    if target in delivery_states.LEGAL_ENDS:
        proof = Proof.objects.create(delivery=delivery, event=event)
        relay.ring("mailbox.draw_proof", str(proof.pk))


def _witness(
    delivery: Delivery,
    kind: Evidence,
    *,
    at: dt.datetime | None = None,
    actor: str = SYSTEM,
    detail: dict[str, Any] | None = None,
    once: str = "",
    origin: str = "",
    target: str = "",
) -> DeliveryEvent:
    event = DeliveryEvent(
        delivery=delivery,
        kind=kind,
        origin=origin,
        target=target,
        at=at or clock.now(),
        actor=actor,
        detail=detail or {},
        once=once or None,
    )
    rows.insert(event)
    audit.record(f"delivery.{kind.value}", _subject(delivery.message), actor)
    return event
