"""What arrived and what goes, in a real browser: no barrier, light and dark, wide and narrow."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.urls import reverse

from forms_engine.cases import disposal, flow, retention
from forms_engine.cases.models import Case, DecisionKind, Disposal
from forms_engine.cases.states import Status, advance
from forms_engine.intake.models import InboundItem
from forms_engine.intake.states import State
from portal.common import clock
from portal.documents.scans.signatures import EICAR
from tests import make
from tests.browser.conftest import axe
from tests.forms_engine.intake.conftest import arrived, mail, workers
from tests.forms_engine.submissions import samples
from tests.payments.conftest import fake  # noqa: F401 - the payment provider

pytestmark = pytest.mark.browser


def apart(what):
    """Sealing needs a thread without the browser's event loop."""

    def closing():
        try:
            return what()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(closing).result()


LOOKS = [{}, {"width": 320, "dark": True}]


@pytest.fixture
def post(alice, clara, theo):
    """A mail to be looked at, one that filed itself, one that is locked."""
    case = make.case(alice)
    advance(Case.objects.filter(pk=case.pk), Status.IN_REVIEW)
    request = flow.request_documents(Case.objects.for_pages().get(pk=case.pk), text="Den Fahrzeugschein.", by=clara)
    files = [("Fahrzeugschein.pdf", "application/pdf", samples.pdf())]
    arrived(mail(f"Zu {case.number}", "Guten Tag,\nanbei der Schein.\nErika Muster", files))
    arrived(mail("Gewinn!", "Klicken Sie hier."))
    arrived(EICAR + mail("Böse"))
    apart(workers)
    return request


@pytest.mark.slow
def test_the_pile_has_no_barrier(visit, post, clara):
    item = InboundItem.objects.get(suggested=post.case)
    locked = InboundItem.objects.get(state=State.QUARANTINED)
    paths = [reverse("intake:queue"), f"{reverse('intake:queue')}?ansicht=quarantaene"]
    paths += [reverse("intake:item", args=[one.public_id]) for one in (item, locked)]
    for path in paths:
        for look in LOOKS:
            axe(visit(path, user=clara, **look))


def test_a_clerk_files_a_mail_with_two_clicks(visit, post, clara):
    page = visit(reverse("intake:queue"), user=clara)
    page.get_by_role("row", name=post.case.number).get_by_role("link").click()
    assert page.get_by_label("Aktenzeichen").input_value() == post.case.number
    page.get_by_role("button", name="Ablegen").click()
    assert (
        page.get_by_text("Abgelegt im Vorgang").is_visible()
        and page.get_by_role("link", name="Fahrzeugschein.pdf").is_visible()
    )


@pytest.mark.slow
def test_a_wrong_number_is_said_at_its_field(visit, post, clara):
    item = InboundItem.objects.get(suggested=post.case)
    page = visit(reverse("intake:item", args=[item.public_id]), user=clara, width=320)
    page.get_by_label("Aktenzeichen").fill("KVR-1")
    page.get_by_role("button", name="Ablegen").click()
    assert page.get_by_text("Geben Sie ein gültiges Aktenzeichen ein").first.is_visible()
    axe(page)


@pytest.mark.slow
def test_the_cover_sheet_shows_its_code(visit, post, alice):
    for look in LOOKS:
        page = visit(reverse("cases:return_sheet", args=[post.case.public_id]), user=alice, **look)
        assert page.get_by_role("img", name="Rückgabecode als QR-Code").is_visible()
        axe(page)


@pytest.fixture
def over(alice, clara, theo, fake):  # noqa: F811 - the fixture
    """A closed case whose time ended yesterday, and one that was destroyed."""
    for _ in range(2):
        case = make.paid(make.case(alice), fake)
        flow.decide(case, kind=DecisionKind.REFUSED, by=clara, reasons=["nicht-gemeldet"], explanation="x")
        apart(make.work)
    retention.sweep_closed()
    Disposal.objects.update(until=clock.today() - dt.timedelta(days=1))
    first, second = Disposal.objects.order_by("pk")
    disposal.offer(first, by=clara)
    disposal.answer(first, wanted=False, by=clara)
    disposal.approve(first, by=theo)
    disposal.destroy(first)
    return second


@pytest.mark.slow
def test_the_lists_of_what_goes_have_no_barrier(visit, over, clara, theo):
    home = reverse("retention:lists")
    for path in (home, f"{home}?ansicht=nachweise", reverse("retention:hold", args=[over.public_id])):
        for look in LOOKS:
            axe(visit(path, user=clara, **look))
    disposal.offer(over, by=clara)
    disposal.answer(over, wanted=False, by=clara)
    page = visit(f"{home}?ansicht=freigeben", user=theo)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Vernichtung freigeben").click()
    assert page.get_by_text("lässt sich nicht rückgängig machen").is_visible()
    axe(page)
    page.get_by_role("button", name="Vernichtung freigeben").click()
    assert page.get_by_text("1 Vorgang zur Vernichtung freigegeben.").is_visible()
