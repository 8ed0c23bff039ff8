"""Who takes part in a case: clerks enter, correct and end it, and nothing that stood there is lost."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection
from django.urls import reverse

from forms_engine.cases import parties, search
from forms_engine.cases.models import Case, CaseEvent, CaseParty
from portal.audit.models import AuditEntry
from portal.common import clock
from portal.directory.teams.models import TeamMember
from tests import make
from tests.forms_engine.submissions.conftest import client_of

pytestmark = pytest.mark.django_db
LAWYER = {
    "role": "agent",
    "name": "Rita Recht",
    "address": "Kanzlei Recht\n\nWeg 1\n80331 München",
    "since": "2.11.2026",
}


@pytest.fixture
def desk(clara):
    return client_of(clara)


@pytest.fixture
def lawyer(desk, paid_case):
    """Rita acts for Alice."""
    assert desk.post(listed(paid_case), LAWYER | {"mandate_on": "3.11.2026"}).status_code == 302
    return CaseParty.objects.get()


def listed(case):
    return reverse("workplace:parties", args=[case.public_id])


def one(case, party):
    return reverse("workplace:party", args=[case.public_id, party.public_id])


def html(client, address):
    return client.get(address).content.decode()


def test_a_representative_is_entered_and_stands_on_the_case_page(desk, paid_case, lawyer, clara):
    page = html(desk, reverse("workplace:case", args=[paid_case.public_id]))
    assert "Rita Recht (bevollmächtigt (Art. 14 BayVwVfG), Vollmacht vorgelegt)" in page
    assert "Beteiligte Person eingetragen" in page
    assert parties.particulars(lawyer).address == "Kanzlei Recht\nWeg 1\n80331 München"
    entry = AuditEntry.objects.get(action="case.party_added")
    assert entry.actor == str(clara.public_id) and "Rita" not in str(entry.data)
    assert parties.of(paid_case)[0].said.mandate_on == dt.date(2026, 11, 3)


def test_a_correction_keeps_what_stood_before(desk, paid_case, lawyer):
    desk.post(one(paid_case, lawyer), LAWYER | {"name": "Rita Recht-Richter", "mandate_on": "3.11.2026"})
    page = html(desk, listed(paid_case))
    assert "Rita Recht-Richter" in page and "Frühere Angaben (1)" in page and "berichtigt von Clara" in page
    event = CaseEvent.objects.get(kind="party_corrected")
    assert event.data["party"] == str(lawyer.public_id) and "Rita" not in str(event.data)
    assert "before" not in AuditEntry.objects.get(action="case.party_corrected").data
    (shown,) = parties.of(paid_case)
    assert (shown.said.name, shown.earlier[0].said.name) == ("Rita Recht-Richter", "Rita Recht")


@pytest.mark.slow
def test_an_end_is_an_end_and_stays_visible(desk, paid_case, lawyer):
    last = clock.today() - dt.timedelta(days=1)
    since = last - dt.timedelta(days=9)
    CaseParty.objects.update(since=since)
    desk.post(one(paid_case, lawyer), LAWYER | {"since": since, "mandate_on": "3.11.2026", "until": last})
    assert CaseEvent.objects.filter(kind="party_ended").count() == 1
    assert "beendet" in html(desk, listed(paid_case))
    assert "Rita" not in html(desk, reverse("workplace:case", args=[paid_case.public_id]))


@pytest.mark.slow
def test_saving_the_same_again_changes_nothing(desk, paid_case, lawyer):
    said = desk.post(one(paid_case, lawyer), LAWYER | {"mandate_on": "3.11.2026"}, follow=True).content.decode()
    assert "Es hat sich nichts geändert." in said
    assert not CaseEvent.objects.filter(kind__in=parties.CHANGES).exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"role": ""}, "Wählen Sie eine Rolle."),
        ({"role": "king"}, "Wählen Sie eine Rolle."),
        ({"name": " "}, "Geben Sie den Namen ein."),
        ({"since": ""}, "Geben Sie den ersten Tag ein."),
        ({"until": "1.11.2026"}, "darf nicht vor dem ersten liegen"),
        ({"role": "joined", "mandate_on": "3.11.2026"}, "Eine Vollmacht gehört zu einer Vertretung."),
        ({"mandate_on": "3.11.2996"}, "Dieser Tag liegt in der Zukunft."),
        ({"address": "a\nb\nc\nd\ne\nf\ng"}, "auf 6 Zeilen"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_kept(desk, paid_case, wrong, said):
    answer = desk.post(listed(paid_case), LAWYER | wrong)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not CaseParty.objects.exists() and not AuditEntry.objects.filter(action="case.party_added").exists()


@pytest.mark.slow
def test_who_applied_is_shown_and_not_to_be_changed(desk, paid_case, alice):
    page = html(desk, listed(paid_case))
    assert "Alice Ammer" in page and "Sie lässt sich hier nicht ändern." in page
    desk.post(listed(paid_case), LAWYER | {"role": "co_applicant", "applicant": "99"})
    assert Case.objects.get(pk=paid_case.pk).applicant == alice


@pytest.mark.slow
def test_foreign_cases_and_parties_are_not_there(desk, paid_case, lawyer, alice, bob, clara, fake):
    other = make.paid(make.case(bob), fake)
    assert desk.get(one(other, lawyer)).status_code == desk.post(one(other, lawyer), LAWYER).status_code == 404
    assert client_of(alice).get(listed(paid_case)).status_code != 200
    TeamMember.objects.filter(user=clara).delete()
    for address in (listed(paid_case), one(paid_case, lawyer)):
        assert desk.get(address).status_code == desk.post(address, LAWYER).status_code == 404
    assert parties.particulars(lawyer).name == "Rita Recht"


@pytest.mark.slow
def test_a_case_is_found_by_the_name_of_a_representative(desk, paid_case, lawyer):
    assert list(search.matching(Case.objects.all(), "recht rita")) == [paid_case]


@pytest.mark.slow
def test_no_name_lies_in_the_database_in_the_clear(desk, paid_case, lawyer):
    desk.post(one(paid_case, lawyer), LAWYER | {"name": "Anders"})
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(t::text, ' ') from cases_caseparty t")
        held = cursor.fetchone()[0]
        cursor.execute("select string_agg(t::text, ' ') from cases_caseevent t")
        held += cursor.fetchone()[0]
    assert "Rita" not in held and b"Rita".hex() not in held


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [{"role": "king"}, {"until": "2020-01-01"}, {"role": "joined"}])
def test_the_database_refuses_what_no_form_sends(lawyer, wrong):
    with pytest.raises(IntegrityError):
        CaseParty.objects.update(**wrong)
