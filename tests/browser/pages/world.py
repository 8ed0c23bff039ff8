"""The city that the page types look at: built once, through the house's own doors, by a thread of its own.

`names` are the ids that stand in braces in page_types.py; `people` is who can be signed in.
"""

import dataclasses
import datetime as dt
from collections.abc import Mapping

from appointments import actions as appointments
from appointments import queries as slots
from forms_engine.cases import codes, flow
from forms_engine.cases.models import Case
from forms_engine.cases.states import Status
from mailbox import actions as mailbox
from mailbox import keeping
from mailbox.models import Message
from payments.fakestripe.server import FakeStripe
from portal.accounts.models import User
from portal.common import clock
from portal.directory.models import Office, Topic
from tests import make
from tests.browser.pages import exchange, newsletters, sessions, strangers
from tests.browser.pages import people as persons
from tests.forms_engine.submissions.walk import REBUILT, Walk
from tests.payments.conftest import owe, pay, started


@dataclasses.dataclass
class World:
    names: dict[str, str]
    people: Mapping[str, User]
    sessions: dict[str, dict[str, str]]  # who -> cookies


def build(fake: FakeStripe) -> World:
    make.catalogue()
    people = persons.invite()
    world = World({}, people, {})
    world.names["topic"] = Topic.objects.filled().first().slug
    world.names["office"] = Office.objects.first().slug
    for step in (_cases, _drafts, _payments, _appointments, _messages):
        step(world, fake)
    world.names |= strangers.leave_something() | newsletters.subscribe() | exchange.open_rooms(people["alice"])
    persons.get_to_know(world.names, people)
    world.sessions |= sessions.begin(world.names, people)
    return world


def _cases(world: World, fake: FakeStripe) -> None:
    alice, clara = world.people["alice"], world.people["clara"]
    granted = make.paid(make.case(alice), fake)
    start = clock.today()
    span = {"valid_from": start, "valid_until": start + dt.timedelta(days=364)}
    flow.decide(granted, kind="granted", by=clara, area="Gärtnerplatz", **span)
    asked = make.paid(make.case(alice), fake)
    flow.request_documents(asked, text="Bitte laden Sie auch die Rückseite des Fahrzeugscheins hoch.", by=clara)
    withdrawn = make.case(alice)
    flow.withdraw(withdrawn, by=alice)
    waiting = make.case(alice)
    make.work()
    for name, case in {"granted": granted, "asked": asked, "withdrawn": withdrawn, "waiting": waiting}.items():
        world.names[name] = str(case.public_id)
    assert Case.objects.get(pk=granted.pk).status == Status.CLOSED
    world.names["waiting_fee"] = str(waiting.receivable.public_id)
    world.names["code"] = granted.papers.get(kind="decision").code
    codes.renew(waiting, by=alice)
    world.names |= {"number": waiting.number, "status_code": waiting.fresh_code}
    world.names["sent_draft"] = str(waiting.submission.draft.public_id)


def _drafts(world: World, fake: FakeStripe) -> None:
    world.names["complete"] = str(make.draft(world.people["alice"]).public_id)
    version = make.current_version(make.FORM)
    refused = make.submissions.start_draft(world.people["erna"], version)
    pages = REBUILT | {"umbau": {"stellplatz_umbau": "nein"}}
    walk = Walk(None, refused)
    walk.fill("umbau-dauer", pages)
    world.names["refused"] = str(refused.public_id)
    world.names["begun"] = str(make.submissions.start_draft(world.people["fritz"], version).public_id)


def _payments(world: World, fake: FakeStripe) -> None:
    alice, clara = world.people["alice"], world.people["clara"]
    begun, paid, dropped, debit = owe(alice), owe(alice), owe(alice), owe(alice)
    started(begun)
    pay(fake, started(paid))
    make.payments.settle(paid.payments.get().pk)
    make.payments.cancel_receivable(dropped, by=clara)
    pay(fake, started(debit), "sepa_debit")
    make.drain()
    for name, row in {"fee_begun": begun, "fee_paid": paid, "fee_dropped": dropped, "fee_debit": debit}.items():
        world.names[name] = str(row.public_id)


def _appointments(world: World, fake: FakeStripe) -> None:
    alice = world.people["alice"]
    offering = appointments.seed_demo()
    free = slots.free_starts(offering, clock.today() + dt.timedelta(days=2), 20)
    case = Case.objects.get(public_id=world.names["asked"])
    booked = flow.book_appointment(case, offering=offering, start=free[3], by=alice, key="a")
    waiting = Case.objects.get(public_id=world.names["granted"])
    gone = appointments.book(
        offering=offering, start=free[9], holder=alice, subject=waiting.thread, idempotency_key="b"
    )
    appointments.cancel(gone, by=alice)
    make.drain()
    world.names |= {"booked": str(booked.public_id), "cancelled": str(gone.public_id)}


def _messages(world: World, fake: FakeStripe) -> None:
    alice = world.people["alice"]
    rows = Message.objects.of(alice)
    decision = rows.filter(attachments__isnull=False, thread=Case.objects.get(public_id=world.names["granted"]).thread)
    letter = decision.latest("created_at")
    reply = mailbox.reply(letter, body="Vielen Dank für den Ausweis.", by=alice, once="x")
    archived = rows.exclude(pk__in=[letter.pk, reply.pk]).earliest("created_at")
    mailbox.archive(archived, by=alice)
    folder = keeping.add_folder(alice, "Wohnung")
    make.work()
    world.names["folder"] = str(folder.public_id)
    rows = {"letter": letter, "archived": archived, "reply": reply}
    world.names |= {name: str(row.public_id) for name, row in rows.items()}
