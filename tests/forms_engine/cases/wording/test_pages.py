"""Who keeps the texts of letters, and what the pages say."""

import pytest
from django.test import Client
from django.urls import reverse

from forms_engine.cases.models import LetterPreview, LetterTemplate
from forms_engine.cases.wording import actions
from portal.audit.models import AuditEntry
from portal.directory.teams.models import TeamForm, TeamMember
from tests import make
from tests.forms_engine.cases.wording.test_texts import GRANTED, SAID, published

pytestmark = pytest.mark.django_db
WHERE = [make.FORM, "granted"]


def at(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, verb: str = "text", data: dict | None = None, **how):
    address = reverse(f"workplace:{verb}", args=WHERE)
    return client.get(address, data) if verb == "text_compare" or data is None else client.post(address, data, **how)


@pytest.mark.sample(4)
@pytest.mark.parametrize("verb", ["text", "text_compare", "text_publish", "text_try"])
def test_clerks_citizens_and_leads_of_other_teams_find_nothing(verb, clara, alice, theo, edda):
    make.permit()
    published(theo, edda)
    TeamForm.objects.all().delete()
    for person in (clara, theo):
        assert text(at(person), verb, {}).status_code == 404, person
    assert "/login/" in text(at(alice), verb, {}).url
    assert LetterTemplate.objects.count() == 1


def test_a_lead_who_is_only_a_member_of_the_team_may_not(theo):
    make.permit()
    TeamMember.objects.update(leads=False)
    assert text(at(theo)).status_code == 404


def test_kinds_and_forms_that_there_are_not(theo):
    make.permit()
    for where in ([make.FORM, "certificate"], [make.FORM, "x"], ["gibt-es-nicht", "granted"]):
        assert at(theo).get(reverse("workplace:text", args=where)).status_code == 404


def test_what_two_write_at_once_is_not_lost(theo, edda):
    form = make.permit().form
    actions.save(form, GRANTED, SAID, by=edda)
    answer = text(at(theo), "text", SAID | {"heading": "Meins", "stand": ""})
    assert answer.status_code == 409 and "Meins" in answer.content.decode()
    assert LetterTemplate.objects.get().author == edda


def test_versions_are_compared_line_by_line(theo, edda):
    make.permit()
    published(theo, edda)
    published(theo, edda, SAID | {"plain": "Sie dürfen parken.\nImmer."})
    page = text(at(theo), "text_compare").content.decode()
    assert "<ins>Immer.</ins>" in page and "unverändert" in page
    assert text(at(theo), "text_compare", {"alt": "7"}).status_code == 404


def test_a_draft_is_thrown_away(theo):
    actions.save(make.permit().form, GRANTED, SAID, by=theo)
    text(at(theo), "text_publish", {"verwerfen": "1"})
    assert not LetterTemplate.objects.exists()


def test_looking_with_a_case_stands_in_the_persons_log(theo, paid_case):
    text(at(theo), "text_try", SAID | {"vorgang": paid_case.number})
    assert AuditEntry.objects.filter(action="case.read", subject=f"case:{paid_case.public_id}").count() == 1
    assert LetterPreview.objects.count() == 1


def test_a_case_that_one_may_not_see_gives_no_letter(edda, paid_case):
    answer = text(at(edda), "text_try", SAID | {"vorgang": paid_case.number})
    assert answer.status_code == 422 and "sehen Sie keinen Vorgang" in answer.content.decode()
    assert not LetterPreview.objects.exists()


def test_a_preview_is_seen_by_who_asked_only(theo, clara, edda):
    make.permit()
    address = text(at(theo), "text_try", SAID).url
    assert at(theo).get(address).status_code == 200
    assert [at(person).get(address).status_code for person in (clara, edda)] == [404, 404]
    make.draw()
    assert at(theo).get(address, {"datei": "1"}).content.startswith(b"%PDF-")
