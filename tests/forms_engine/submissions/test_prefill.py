"""Nobody is asked twice: what is known stands beside its question with its source, and stays the person's to change."""

import pytest
from django.urls import reverse

from forms_engine.cases import flow, readings
from forms_engine.definitions.language.fields import Prefill
from forms_engine.submissions import actions, prefill, queries, registers
from portal.accounts import profile
from portal.accounts.levels import TrustLevel
from portal.audit.models import AuditEntry
from portal.common import crypto
from tests.forms_engine.submissions.conftest import client_of
from tests.forms_engine.submissions.walk import NEW, Walk

BIRTH = {"geburtsdatum_0": "3", "geburtsdatum_1": "4", "geburtsdatum_2": "1985"}
FORGED = {"geburtsdatum_0": "1", "geburtsdatum_1": "1", "geburtsdatum_2": "2000"}
NAMES = {"vorname": "Alice", "nachname": "Ammer"}


@pytest.fixture
def at_person(walk, alice):
    registers.enter(alice, {"birth_date": "1985-04-03", "street": "Tal 1", "postcode": "80331"})
    walk.fill("person")
    return walk


def asked(user) -> int:
    return AuditEntry.objects.filter(action="register.asked", subject=f"user:{user.public_id}").count()


def answers(walk):
    return queries.contents(walk.fresh()).answers


def test_the_profile_fills_in_with_its_source_and_level(at_person, alice):
    profile.record(alice, source="bundid", data={"family_name": ("Ammer-Groß", TrustLevel.HIGH)})
    html = at_person.get("person").content.decode()
    assert "Aus Ihrem Profil. Quelle: Eigene Angabe." in html
    assert "Aus Ihrem Profil. Quelle: BundID. Vertrauensniveau: hoch." in html
    assert 'value="Ammer-Groß"' in html


def test_no_register_is_asked_before_the_person_says_so(at_person, alice):
    html = at_person.get("person").content.decode()
    assert "Zustimmen und abrufen" in html
    assert "1985" not in html.replace("27 3 1985", "")
    at_person.post("person", {**NAMES, **BIRTH})
    assert asked(alice) == 0


def test_what_the_register_says_stands_with_its_source_and_in_the_persons_log(at_person, alice):
    response = at_person.post("person", {"vorname": "Ali"}, aktion="abrufen")
    assert response["Location"] == at_person.url("person")
    html = at_person.get("person").content.decode()
    assert 'value="1985"' in html
    assert "Aus dem Musterregister, abgerufen am 20.11.2026. Vertrauensniveau: hoch." in html
    assert 'value="Ali"' in html  # what was typed is still there
    assert str(readings.page(alice).readings[0].what) == "Angaben aus einem Register abgerufen"
    assert asked(alice) == 1


def test_a_locked_answer_stays_the_registers_whatever_is_posted_and_nothing_else_is_lost(at_person):
    at_person.post("person", NAMES, aktion="abrufen")
    assert at_person.post("person", {**NAMES, "nachname": "Neu", **FORGED}).status_code == 302
    assert (answers(at_person)["geburtsdatum"], answers(at_person)["nachname"]) == ("1985-04-03", "Neu")
    at_person.post("person", NAMES)  # left out altogether
    assert answers(at_person)["geburtsdatum"] == "1985-04-03"


def test_an_open_answer_may_be_changed(walk, alice):
    registers.enter(alice, {"street": "Tal 1", "postcode": "80331"})
    walk.fill("adresse")
    walk.post("adresse", {}, aktion="abrufen")
    assert 'value="Tal 1"' in walk.get("adresse").content.decode()
    assert walk.post("adresse", NEW["adresse"]).status_code == 302
    assert answers(walk)["strasse"] == "Fraunhoferstraße 12"


def test_a_wrong_register_is_put_away_and_the_person_fills_in(at_person):
    at_person.post("person", NAMES, aktion="abrufen")
    at_person.post("person", NAMES, aktion="verwerfen")
    assert at_person.post("person", {**NAMES, **FORGED}).status_code == 302
    assert answers(at_person)["geburtsdatum"] == "2000-01-01"


@pytest.mark.sample(3)
@pytest.mark.parametrize("known", [{}, {"birth_date": "kein Datum"}, {"birth_date": ""}])
def test_what_the_register_does_not_know_is_filled_in_by_hand(at_person, alice, known):
    registers.enter(alice, known)
    at_person.post("person", NAMES, aktion="abrufen")
    assert "kennt diese Angaben nicht" in at_person.get("person").content.decode()
    assert at_person.post("person", {**NAMES, **FORGED}).status_code == 302


def test_a_register_that_is_away_loses_nothing(at_person, alice):
    registers.RegisterEntry.objects.filter(person=alice).update(wrapped_key=crypto.new_wrapped_key())
    at_person.post("person", {"vorname": "Ali"}, aktion="abrufen")
    html = at_person.get("person").content.decode()
    assert "antwortet gerade nicht" in html
    assert 'value="Ali"' in html
    assert at_person.post("person", {**NAMES, **BIRTH}).status_code == 302


def test_without_a_register_nothing_is_offered_and_the_button_does_nothing(at_person, alice, settings):
    settings.REGISTERS = {}
    assert "abrufen" not in at_person.get("person").content.decode()
    at_person.post("person", NAMES, aktion="abrufen")
    assert asked(alice) == 0


def test_the_frozen_answers_say_which_are_the_registers_word(alice, permit):
    registers.enter(alice, {"birth_date": "1985-04-03"})
    walk = Walk(client_of(alice), actions.start_draft(alice, permit))
    walk.fill()
    walk.post("person", NAMES, aktion="abrufen")
    walk.post("person", NAMES)
    case = flow.submit(walk.fresh(), by=alice)
    assert queries.frozen(case.submission).sources == {"geburtsdatum": "register:musterregister"}


def test_the_last_application_of_the_same_form_fills_in_the_next(alice, bob, permit):
    first = Walk(client_of(alice), actions.start_draft(alice, permit))
    first.fill()
    flow.submit(first.draft, by=alice)
    second = actions.start_draft(alice, permit)
    assert prefill.offers(second, permit.definition, "gebiet")["lizenzgebiet"] == prefill.Known(
        "gaertnerplatz", "Aus Ihrem Antrag vom 20.11.2026."
    )
    assert prefill.offers(actions.start_draft(bob, permit), permit.definition, "gebiet") == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "profile", "datum": "email", "locked": True},
        {"source": "register"},
        {"source": "submission", "datum": "email"},
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"locked|datum"):
        Prefill(**wrong)


def test_nobody_asks_a_register_about_somebody_else(at_person, bob):
    stranger = client_of(bob)
    address = reverse("submissions:page", args=[at_person.draft.public_id, "person"])
    assert stranger.post(address, {"aktion": "abrufen"}).status_code == 404
    assert not AuditEntry.objects.filter(action="register.asked").exists()
