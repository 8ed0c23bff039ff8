"""The clerks' pile: who sees what, what each button does, and what wrong input gets."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from forms_engine.intake import filing
from forms_engine.intake.models import InboundItem, SetAsideReason
from forms_engine.intake.states import State
from portal.audit.models import AuditEntry
from portal.directory.models import Office
from portal.directory.teams.models import Team, TeamMember
from portal.documents.scans.signatures import EICAR
from tests.forms_engine.intake.conftest import arrived, mail, workers

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(clara):
    client = Client()
    client.force_login(clara)
    return client


@pytest.fixture
def item(asked):
    made = arrived(mail("Eine Frage", "Der Inhalt", [("Foto.jpg", "image/jpeg", b"\xff\xd8\xff x")]))
    workers()
    return InboundItem.objects.get(pk=made.pk)


@pytest.fixture
def others(asked):
    return Team.objects.create(name="Hundesteuer", office=Office.objects.first())


def do(client, what, item, **data):
    return client.post(reverse(f"intake:{what}", args=[item.public_id]), data)


@pytest.mark.slow
def test_a_team_sees_only_what_lies_with_it_or_with_nobody(item, others, at_desk, clara):
    do(at_desk, "hand_over", item, **{"weitergeben-team": others.pk})
    for name in ("item", "original"):
        assert at_desk.get(reverse(f"intake:{name}", args=[item.public_id])).status_code == 404
    assert str(item.public_id) not in at_desk.get(reverse("intake:queue")).content.decode()
    assert do(at_desk, "file", item, **{"ablegen-number": "x"}).status_code == 404
    TeamMember.objects.create(team=others, user=clara)
    assert at_desk.get(reverse("intake:item", args=[item.public_id])).status_code == 200


@pytest.mark.slow
def test_every_reading_is_recorded(item, at_desk, clara):
    at_desk.get(reverse("intake:item", args=[item.public_id]))
    part = item.parts.get()
    at_desk.get(reverse("intake:part", args=[item.public_id, part.public_id]))
    told = AuditEntry.objects.filter(subject=str(item), actor=str(clara.public_id)).values_list("action", flat=True)
    assert list(told) == ["inbound.read", "inbound.file_read"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "number, sentence",
    [
        ("", "Geben Sie das Aktenzeichen ein"),
        ("KVR-2026-000001-1", "gültiges Aktenzeichen"),
        ("x" * 41, "Aktenzeichen ein"),
        ("foreign", "bearbeiten Sie keinen Vorgang"),
    ],
)
def test_a_wrong_number_files_nothing(item, asked, at_desk, clara, number, sentence):
    if number == "foreign":
        TeamMember.objects.filter(user=clara).delete()
        number = asked.case.number
    answer = do(at_desk, "file", item, **{"ablegen-number": number})
    assert answer.status_code == 422 and sentence in answer.content.decode()
    item.refresh_from_db()
    assert item.state == State.TRIAGE


@pytest.mark.slow
def test_what_was_set_aside_can_be_taken_back(item, at_desk):
    do(at_desk, "set_aside", item, **{"aussortieren-reason": "spam"})
    item.refresh_from_db()
    assert (item.state, item.reason) == (State.SET_ASIDE, SetAsideReason.SPAM)
    do(at_desk, "look_again", item)
    item.refresh_from_db()
    assert (item.state, item.reason) == (State.TRIAGE, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    "what, data", [("set_aside", {"aussortieren-reason": "x"}), ("hand_over", {"weitergeben-team": "0"})]
)
def test_a_choice_that_is_none_is_refused(item, at_desk, what, data):
    assert do(at_desk, what, item, **data).status_code == 422


@pytest.mark.slow
def test_two_clerks_at_once_file_it_once(item, asked, at_desk, clara):
    number = {"ablegen-number": asked.case.number}
    do(at_desk, "file", item, **number)
    before = asked.case.documents.count()
    do(at_desk, "file", item, **number)
    answer = do(at_desk, "set_aside", item, **{"aussortieren-reason": "spam"})
    assert asked.case.documents.count() == before and answer.status_code == 302
    item.refresh_from_db()
    assert item.state == State.FILED


@pytest.mark.slow
def test_what_is_locked_shows_neither_words_nor_files(asked, at_desk):
    made = arrived(EICAR + mail("Geheim"))
    workers()
    page = at_desk.get(reverse("intake:item", args=[made.public_id])).content.decode()
    assert "Schadsoftware" in page and "Geheim" not in page
    assert at_desk.get(reverse("intake:original", args=[made.public_id])).status_code == 404


@pytest.mark.slow
def test_the_pile_is_paged_by_keyset_and_costs_the_same(item, at_desk, monkeypatch, django_assert_max_num_queries):
    from forms_engine.intake.desk import queue

    for number in range(4):
        InboundItem.objects.filter(pk=arrived(mail(f"Nr {number}")).pk).update(state="triage", due_at=None)
    monkeypatch.setattr(queue, "PAGE", 2)
    seen, following = [], ""
    for _ in range(3):
        with django_assert_max_num_queries(12):
            answer = at_desk.get(reverse("intake:queue"), {"nach": following} if following else {})
        seen += [row.pk for row in answer.context["rows"]]
        following = answer.context["following"]
    assert len(seen) == len(set(seen)) == 5 and not following


@pytest.mark.parametrize("nach", ["x", "1_", "_1", "9" * 30 + "_1", "²_1", "-5_3"])
@pytest.mark.parametrize("ansicht", ["sichten", "erledigt", "gibtsnicht"])
def test_nonsense_in_the_address_shows_the_pile(at_desk, nach, ansicht):
    assert at_desk.get(reverse("intake:queue"), {"nach": nach, "ansicht": ansicht}).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize(
    "facts",
    [
        {"state": "filed"},
        {"state": "weg"},
        {"source": "fax"},
        {"state": "duplicate"},
        {"reason": "spam"},
        {"wrapped_key": None},
        {"state": "received", "due_at": None},
    ],
)
def test_the_database_refuses_half_an_item(item, facts):
    with pytest.raises(IntegrityError), transaction.atomic():
        InboundItem.objects.filter(pk=item.pk).update(**facts)


@pytest.mark.slow
def test_filing_ends_with_the_case_or_not_at_all(item, asked, clara, monkeypatch):
    monkeypatch.setattr(filing.inbound.events, "note", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        filing.file(item, asked.case, by=clara)
    item.refresh_from_db()
    assert item.state == State.TRIAGE and not asked.case.documents.exists()
