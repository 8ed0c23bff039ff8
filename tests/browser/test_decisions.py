"""The pages about decisions in a real browser: written, published, looked at; light, dark and on a phone."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from forms_engine.cases import revising, runs
from forms_engine.cases.models import Case, DecisionKind, DecisionRun, LetterTemplate
from forms_engine.cases.payloads import Outcome
from forms_engine.definitions.models import Form
from portal.accounts.models import User
from portal.common import clock
from portal.directory.teams.models import TeamMember
from tests import make
from tests.browser.conftest import Visits, axe
from tests.browser.filled import fill
from tests.payments.conftest import fake  # noqa: F401 - the payment provider

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
TEXT = ("workplace:text", ["bewohnerparkausweis", "granted"])


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


@pytest.fixture
def house(theo, edda, fake) -> User:  # noqa: F811 - the fixture
    TeamMember.objects.all().delete()  # filled again below
    fill(theo, fake)
    return theo


def by_worker(work) -> None:
    """Sealing needs a thread without the browser's event loop."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: (work(), connection.close())).result()


def pictured(visit: Visits, user: User, path: str) -> None:
    for look in ({}, {"dark": True}, {"width": 320}, {"width": 320, "dark": True}):
        axe(visit(path, user=user, **look))


def test_a_text_is_written_by_one_and_published_by_another(visit, house, edda):
    page = visit(reverse(TEXT[0], args=TEXT[1]), user=house)
    page.get_by_label("In einfacher Sprache").fill("Sie dürfen parken.\n\n- in {{ gebiet }}\n- bis {{ gueltig_bist }}")
    page.get_by_role("button", name="Entwurf speichern").click()
    assert "Zeile 4: „gueltig_bist“ gibt es nicht. Meinen Sie „gueltig_bis“?" in page.inner_text("body")
    axe(page)
    axe_narrow = visit(reverse(TEXT[0], args=TEXT[1]), user=house, width=320, dark=True)
    axe(axe_narrow)
    page.get_by_label("In einfacher Sprache").fill("Sie dürfen parken.\n\n- in {{ gebiet }}\n- bis {{ gueltig_bis }}")
    page.get_by_role("button", name="Entwurf speichern").click()
    assert "Eine andere Person muss ihn veröffentlichen." in page.inner_text("body")
    hers = visit(reverse(TEXT[0], args=TEXT[1]), user=edda)
    hers.get_by_role("button", name="Veröffentlichen").click()
    assert LetterTemplate.objects.get().state == "published"
    hers.get_by_role("button", name="Als PDF ansehen").click()
    by_worker(make.draw)
    hers.reload()
    assert hers.get_by_role("link", name="PDF öffnen").is_visible()


def test_the_pages_about_decisions_have_no_barrier_and_fit_a_phone(visit, house, edda):
    decided = Case.objects.get(status="closed")
    form = Form.objects.get(slug=make.FORM)
    run = DecisionRun(form=form, kind="fee_notice", title="Jahresgebühr 2027", fee_cents=45_00)
    runs.propose(run, runs.Query(), by=house)
    for name, arguments in [
        ("texts", []),
        ("text", TEXT[1]),
        ("revise", [decided.public_id]),
        ("case", [decided.public_id]),
        ("runs", []),
        ("run_new", []),
        ("run", [run.public_id]),
        ("deputies", []),
    ]:
        pictured(visit, house, reverse(f"workplace:{name}", args=arguments))


def test_the_citizen_sees_which_letter_holds_no_longer(visit, house):
    decided = Case.objects.for_pages().get(status="closed")
    end = clock.today() + dt.timedelta(days=40)
    outcome = Outcome(DecisionKind.GRANTED, clock.today(), end, area="Altstadt")
    revising.revise(decided, outcome, by=house, expected=2)
    by_worker(make.work)
    path = reverse("cases:case", args=[decided.public_id])
    pictured(visit, decided.applicant, path)
    assert visit(path, user=decided.applicant).get_by_role("link", name="Zum neuen Schreiben").is_visible()
