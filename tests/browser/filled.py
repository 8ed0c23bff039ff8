"""A house in which every list of the admin has a row: reached through the house's doors where there are any."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction
from django.test import Client

from appointments import queries as appointments
from appointments.models import Offering
from forms_engine.cases import flow
from forms_engine.cases.models import DecisionKind
from mailbox import dispatches
from mailbox.exchange import actions as rooms
from mailbox.models import Channel
from payments.fakestripe.server import FakeStripe
from payments.models import Bell
from portal.accounts.models import User
from portal.common import clock
from portal.directory import actions as directory
from portal.directory import empty_searches, search_index
from portal.directory.models import Closure, Service, Synonym
from portal.home import actions as home
from portal.home.contact import actions as contact
from tests import make
from tests.conftest import _person, _team
from tests.mailbox.conftest import seed_rules
from tests.mailbox.exchange.tus_client import TusClient


def fill(root: User, fake: FakeStripe) -> None:
    """`root` is of the team; Alice and Bob have a case each, one of them decided and delivered."""
    make.catalogue()
    team, today = _team(root), clock.today()
    alice, bob = _person("Alice", "Ammer"), _person("Bob", "Brenner")
    waiting, decided = make.paid(make.case(alice), fake), make.paid(make.case(bob), fake)
    flow.claim(waiting, by=root)
    flow.write(waiting, text="Bitte rufen Sie an.", by=root)
    until = today + dt.timedelta(days=365)
    kind = DecisionKind.GRANTED
    flow.decide(decided, kind=kind, by=root, valid_from=today, valid_until=until, area="Gärtnerplatz")
    offering = Offering.objects.get(office=team.office)
    start = appointments.free_starts(offering, today, 21)[0]
    flow.book_appointment(waiting, offering=offering, start=start, by=alice, key="termin")
    Closure.objects.create(reason="Betriebsausflug", first_day=today, last_day=today, office=team.office)
    synonym = Synonym(term="Anwohnerschein", meaning="Bewohnerparkausweis")
    search_index.stem_synonym(synonym)
    synonym.save()
    empty_searches.note("Drachenflugschein")
    Bell.objects.create(event_id="evt_1", event_type="checkout.session.completed", ref="cs_test_1")
    Client().force_login(root)
    home.add_terminal("Ruppertstraße 19, Halle")
    home.report_barrier(page="/", text="Die Schrift ist zu klein.", contact="")
    contact.ask(text="Wann kommt der Sperrmüll?", once="frage", user=alice)
    directory.note_opinion(Service.objects.order_by("pk")[0], helpful=True)
    seed_rules()
    signed_in = Client()
    signed_in.force_login(alice)
    room = rooms.open_room(alice, purpose="Pläne für den Umbau", days=7)
    TusClient(signed_in, room).upload(b"Grundriss", "Grundriss.pdf")
    with transaction.atomic():
        dispatches.order(Channel.FITCONNECT, to={}, about={}, files=[], thread="case:1")
    with ThreadPoolExecutor(1) as pool:  # sealing needs a thread without the browser's event loop
        pool.submit(_work).result()


def _work() -> None:
    make.work()
    connection.close()
