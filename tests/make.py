"""Builders that reach a state through the house's own doors: the draft through its pages, the case through flow."""

import datetime as dt
import io

from appointments import actions as appointments
from forms_engine.cases import flow
from forms_engine.cases.models import Case, LetterPreview, Paper, PaperState, PreviewState
from forms_engine.cases.tasks import draw_preview, issue_paper
from forms_engine.definitions import actions as definitions
from forms_engine.definitions.models import FormVersion
from forms_engine.definitions.queries import current_version
from forms_engine.submissions import actions as submissions
from forms_engine.submissions.models import Draft
from mailbox.models import Export, ExportState
from mailbox.tasks import pack_export, send_notices
from payments import actions as payments
from payments.fakestripe.server import FakeStripe
from portal import wiring
from portal.accounts.models import User
from portal.common import clock
from portal.documents.models import Scan, StoredFile
from portal.documents.tasks import scan
from portal.outbox import relay
from tests import sown
from tests.forms_engine.submissions import samples

FORM = "bewohnerparkausweis"

# A new permit for one own car, twelve months: what each page saves.
NEW_PERMIT = {
    "anliegen": {"anliegen": "neu"},
    "gebiet": {"lizenzgebiet": "gaertnerplatz"},
    "stellplatz": {"stellplatz": False},
    "person": {"vorname": "Alice", "nachname": "Ammer", "geburtsdatum": "1985-04-03"},
    "adresse": {"strasse": "Fraunhoferstraße 12", "plz": "80469", "wohnsitzart": "haupt"},
    "fahrzeuge": {"fahrzeuge": [{"kennzeichen": "M-AB 1234", "halterschaft": "eigen", "laenge_cm": 430}]},
    "laufzeit": {"laufzeit": "12"},
    "unterlagen": {},
    "kontakt": {"email": None},
    "erklaerung": {
        "erklaerung_ausweis": True,
        "erklaerung_fahrzeug": True,
        "erklaerung_wahrheit": True,
        "zustellung_elektronisch": True,
    },
}


def permit() -> FormVersion:
    """The form of the catalogue most tests walk through; publishing all of them takes long."""
    source = (definitions.CATALOGUE / f"{FORM}.yaml").read_text(encoding="utf-8")
    return definitions.publish(FORM, source, by=None)


def catalogue() -> None:
    """The permit, offices and what can be booked, as the demo seeds them."""
    permit()
    sown.directory()
    appointments.seed_demo()


def draft(user: User, pages: dict | None = None, *, begin: str | None = None) -> Draft:
    """A complete draft, ready to send."""
    if not FormVersion.objects.filter(form__slug=FORM, state="published").exists():
        permit()
    made = submissions.start_draft(user, current_version(FORM))
    for page, values in (pages or NEW_PERMIT).items():
        values = dict(values)
        if page == "laufzeit":
            values["beginn"] = begin or (clock.today() + dt.timedelta(days=1)).isoformat()
        made = submissions.save_page(made, page, values, expected_version=made.version)
    submissions.add_upload(
        made, "zulassung", "Schein.pdf", io.BytesIO(samples.pdf()), media_type="application/pdf", limit=6
    )
    made.refresh_from_db()
    return made


def case(user: User, pages: dict | None = None) -> Case:
    """A submitted case that waits for its payment."""
    return flow.submit(draft(user, pages), by=user)


def paid(made: Case, fake: FakeStripe) -> Case:
    """The case after its fee was paid at the fake provider's page and every bell was heard."""
    payments.start_payment(made.receivable, by=made.applicant)
    payment = made.receivable.payments.latest("pk")
    fake.store.pay(payment.provider_ref, "card")
    payments.settle(payment.pk)
    drain()
    return Case.objects.for_pages().get(pk=made.pk)


def drain() -> None:
    """Hear every due fact, as the worker does."""
    while relay.drain_one(wiring.HANDLERS):
        pass


def work() -> None:
    """What the workers do between two clicks: hear facts, scan files, issue papers, send notices, each by its door."""
    for stored in StoredFile.objects.filter(scan=Scan.WAITING).values_list("pk", flat=True):
        scan(str(stored))
    drain()
    for paper_id in Paper.objects.filter(state=PaperState.QUEUED).values_list("id", flat=True):
        issue_paper(str(paper_id))
    while send_notices():
        pass
    for export_id in Export.objects.filter(state=ExportState.WAITING).values_list("pk", flat=True):
        pack_export(str(export_id))
    drain()


def draw() -> None:
    """The previews that somebody waits for, by the worker's door."""
    for preview_id in LetterPreview.objects.filter(state=PreviewState.WAITING).values_list("pk", flat=True):
        draw_preview(str(preview_id))
