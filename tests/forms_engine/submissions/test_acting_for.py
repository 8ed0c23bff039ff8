"""Applying for somebody else: only with a mandate, filled in with their data, shown to the clerk."""

import pytest
from django.db import IntegrityError, transaction

from forms_engine.cases import flow
from forms_engine.definitions.queries import current_version
from forms_engine.submissions import actions, prefill
from forms_engine.submissions.models import Draft
from portal.accounts import mandates
from portal.accounts.models import Scope
from tests import make
from tests.portal.accounts.test_mandates import given, signed_in


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILE_STORE = tmp_path / "files"


@pytest.fixture
def permit(db):
    make.permit()
    return current_version(make.FORM)


def acting(alice, bob, scope=Scope.APPLICATIONS):
    made, his = given(alice, bob, scope), signed_in(bob)
    his.post("/konto/vertretung/handeln/", {"vertretung": made.public_id})
    return made, his


def test_an_application_begun_while_acting_is_for_the_other_and_filled_in_with_their_data(alice, bob, permit):
    _, his = acting(alice, bob)
    his.post(f"/antrag/{make.FORM}/")
    draft = Draft.objects.get()
    assert (draft.owner, draft.acting_for) == (bob, alice)
    assert {k: v.value for k, v in prefill.offers(draft, permit.definition, "person").items()} == {
        "vorname": "Alice",
        "nachname": "Ammer",
    }


def test_the_own_draft_and_the_one_for_another_are_two(alice, bob, permit):
    given(alice, bob)
    own, other = actions.start_draft(bob, permit), actions.start_draft(bob, permit, acting_for=alice)
    assert own != other
    assert actions.start_draft(bob, permit) == own and actions.start_draft(bob, permit, acting_for=alice) == other


def test_without_a_mandate_for_applications_nothing_is_begun(alice, bob, permit):
    with pytest.raises(actions.NotAllowed):
        actions.start_draft(bob, permit, acting_for=alice)
    _, his = acting(alice, bob, Scope.MAILBOX)
    page = his.post(f"/antrag/{make.FORM}/", follow=True).content.decode()
    assert "Ihre Vollmacht reicht nicht für Anträge" in page
    assert not Draft.objects.exists()


def complete(alice, bob) -> Draft:
    made = make.draft(bob)
    Draft.objects.filter(pk=made.pk).update(acting_for=alice)
    return Draft.objects.get(pk=made.pk)


def test_the_clerk_sees_who_is_represented_by_whom(alice, bob, clara):
    given(alice, bob)
    case = flow.submit(complete(alice, bob), by=bob)
    assert (case.applicant, case.acting_for) == (bob, alice)
    page = signed_in(clara).get(f"/verwaltung/vorgaenge/{case.public_id}/").content.decode()
    assert "Alice Ammer, vertreten durch Bob Brenner" in page


def test_clerks_do_not_work_on_cases_in_which_they_are_represented(clara, bob):
    given(clara, bob)
    case = flow.submit(complete(clara, bob), by=bob)
    clerk = signed_in(clara)
    assert clerk.get(f"/verwaltung/vorgaenge/{case.public_id}/").status_code == 404
    page = clerk.get(f"/verwaltung/vorgaenge/?suche={case.number}").content.decode()
    assert "gibt es keinen Vorgang" in page
    with pytest.raises(flow.OwnCase):
        flow.claim(case, by=clara)


def test_after_the_mandate_ended_nothing_is_sent(alice, bob):
    made, draft = given(alice, bob), complete(alice, bob)
    mandates.revoke(made, by=alice)
    path, his = f"/antrag/{draft.public_id}/pruefen/", signed_in(bob)
    assert (his.get(path).status_code, his.post(path, {"stand": draft.version}).status_code) == (404, 404)
    with pytest.raises(actions.NotAllowed):
        flow.submit(draft, by=bob)
    assert Draft.objects.get().state == "open"


def test_the_database_holds_one_open_draft_per_form_and_represented_person(alice, bob, permit):
    for whom in (None, alice):
        row = {"owner": bob, "acting_for": whom, "form_version": permit, "wrapped_key": b"x", "delete_on": "2030-01-01"}
        Draft.objects.create(**row)
        with pytest.raises(IntegrityError, match="draft_one_open_per_form"), transaction.atomic():
            Draft.objects.create(**row)
