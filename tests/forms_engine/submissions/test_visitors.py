"""Drafts without an account: the browser session in which they were begun opens them, and nothing else does."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.submissions import actions, starting, visitors
from forms_engine.submissions.models import Draft
from portal.common import clock
from tests.forms_engine.cases import catalogue

pytestmark = pytest.mark.django_db
FORM = "maengelmeldung"


@pytest.fixture
def report(db):
    return catalogue.publish(FORM)


@pytest.fixture
def visitor(report) -> Client:
    """Somebody signed out who has begun a report."""
    client = Client()
    client.post(reverse("submissions:start", args=[FORM]))
    return client


@pytest.fixture
def draft(visitor) -> Draft:
    return Draft.objects.get()


def page(draft: Draft, key: str = "gefahr") -> str:
    return reverse("submissions:page", args=[draft.public_id, key])


def test_the_start_page_says_that_nothing_outlives_the_session(report):
    text = Client().get(reverse("submissions:start", args=[FORM])).content.decode()
    assert "Ohne Konto beginnen" in text and "nur bis zum Ende Ihrer Sitzung im Browser" in text


def test_a_form_that_wants_an_account_leads_to_the_sign_in(permit):
    answer = Client().post(reverse("submissions:start", args=["bewohnerparkausweis"]))
    assert answer["Location"].startswith("/konto/login/") and not Draft.objects.exists()
    with pytest.raises(actions.NotAllowed):
        actions.start_visit("0" * 64, permit)


def test_the_wizard_works_signed_out(visitor, draft):
    answer = visitor.post(page(draft), {"gefahr": "nein"}, follow=True)
    assert answer.redirect_chain[-1][0].endswith("/kategorie/")
    text = answer.content.decode()
    assert "Speichern und später fortsetzen" not in text and "Angaben jetzt löschen" in text


def test_beginning_twice_in_one_session_finds_the_same_draft(visitor, draft):
    visitor.post(reverse("submissions:start", args=[FORM]))
    assert Draft.objects.get() == draft


@pytest.mark.parametrize("address", ["submissions:draft", "submissions:page", "submissions:delete", "cases:check"])
def test_no_other_session_reads_it(visitor, draft, alice, address):
    arguments = [draft.public_id, "gefahr"] if address == "submissions:page" else [draft.public_id]
    path = reverse(address, args=arguments)
    stranger, signed_in = Client(), Client()
    signed_in.force_login(alice)
    Client().post(reverse("submissions:start", args=[FORM]))
    assert stranger.get(path).status_code == 404 and signed_in.get(path).status_code == 404
    if address != "cases:check":
        assert visitor.get(path).status_code in (200, 302)


def test_a_post_without_the_session_changes_nothing_and_keeps_nothing(visitor, draft):
    answer = Client().post(page(draft), {"gefahr": "nein"})
    assert answer.status_code == 404 and "Ihre Angaben sind nicht mehr da" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.version == 0 and not actions.PendingPost.objects.exists()


def test_signing_out_loses_the_draft(visitor, draft, alice):
    visitor.force_login(alice)
    assert visitor.get(page(draft)).status_code == 200  # the same session, now signed in
    visitor.logout()
    assert visitor.get(page(draft)).status_code == 404


def test_the_person_deletes_it_and_begins_anew(visitor, draft):
    visitor.post(reverse("submissions:delete", args=[draft.public_id]))
    draft.refresh_from_db()
    assert (draft.state, bytes(draft.sealed)) == ("discarded", b"")


def test_the_sweep_deletes_what_no_session_can_hold_any_more(draft):
    with clock.frozen(draft.touched_at + visitors.KEPT - dt.timedelta(minutes=1)):
        assert actions.sweep_drafts() == 0
    with clock.frozen(draft.touched_at + visitors.KEPT):
        assert actions.sweep_drafts() == 1
    draft.refresh_from_db()
    assert draft.state == "discarded"


def test_a_flood_of_drafts_is_stopped(report, monkeypatch):
    monkeypatch.setattr(starting.limits, "allow", lambda *_args, **_kwargs: False)
    answer = Client().post(reverse("submissions:start", args=[FORM]))
    assert answer.status_code == 429 and not Draft.objects.exists()


def test_the_database_knows_whose_a_draft_is(draft, alice):
    for change in ({"owner": alice}, {"visitor": ""}, {"visitor": "abc"}, {"acting_for": alice}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Draft.objects.update(**change)


def test_the_database_refuses_a_second_open_draft_of_the_session(draft):
    draft.pk, draft.public_id = None, clock.uuid()
    with pytest.raises(IntegrityError), transaction.atomic():
        draft.save(force_insert=True)
