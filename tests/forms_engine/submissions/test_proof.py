"""The proof before something is sent without an account: computed or copied, for one draft, for an hour."""

import datetime as dt
import html
import re

import pytest
from django.test import Client
from django.urls import reverse

from forms_engine.cases.models import Case
from forms_engine.submissions import actions, proof
from forms_engine.submissions.models import Draft
from portal.common import clock
from portal.common import proof as work
from tests.forms_engine.cases import catalogue
from tests.forms_engine.submissions import proofs

pytestmark = pytest.mark.django_db
FORM = "maengelmeldung"


def begun(client: Client) -> Draft:
    client.post(reverse("submissions:start", args=[FORM]))
    return catalogue.fill(Draft.objects.order_by("-id").first(), catalogue.sample(FORM))


@pytest.fixture
def visitor(db) -> Client:
    catalogue.publish(FORM)
    return Client()


@pytest.fixture
def draft(visitor) -> Draft:
    return begun(visitor)


def send(client: Client, draft: Draft, **posted: str):
    return client.post(reverse("cases:check", args=[draft.public_id]), {"stand": draft.version, **posted})


def sentences(answer) -> str:
    return html.unescape(answer.content.decode())


def word_on(answer) -> dict[str, str]:
    """What somebody reads on the page and copies."""
    page = answer.content.decode()
    [challenge] = re.findall(r'name="probe" value="([^"]+)"', page)
    [word] = re.findall(r"Schreiben Sie dieses Wort ab: (\w+)", page)
    return {"probe": challenge, "wort": word}


def test_reading_asks_nothing_and_sending_asks_a_proof(visitor, draft):
    assert visitor.get(reverse("cases:check", args=[draft.public_id])).status_code == 200
    answer = send(visitor, draft)
    assert answer.status_code == 422 and not Case.objects.exists()
    assert "Die Sicherheitsprüfung hat nicht geklappt. Senden Sie noch einmal ab." in sentences(answer)
    assert "Fehler: " in sentences(answer) and Draft.objects.open().get() == draft


def test_what_the_browser_computed_sends(visitor, draft):
    assert send(visitor, draft, **proofs.of(draft))["Location"].endswith("/eingang/")


def test_the_copied_word_sends_without_a_script(visitor, draft):
    page = visitor.get(reverse("cases:check", args=[draft.public_id]))
    said = word_on(page)
    typed = f" „{said['wort'].lower()}“ "
    assert send(visitor, draft, **said | {"wort": typed})["Location"].endswith("/eingang/")


def test_a_wrong_or_missing_word_is_asked_again_with_a_new_one(visitor, draft):
    said = word_on(visitor.get(reverse("cases:check", args=[draft.public_id])))
    wrong = send(visitor, draft, **said | {"wort": "Quatsch"})
    assert wrong.status_code == 422 and "Das Wort stimmt nicht." in sentences(wrong)
    assert 'href="#id_wort"' in sentences(wrong) and "Quatsch" not in sentences(wrong)
    assert "optional" not in sentences(wrong)
    missing = send(visitor, draft, probe=said["probe"])
    assert "Schreiben Sie das Wort ab." in sentences(missing)
    assert send(visitor, draft, **word_on(missing))["Location"].endswith("/eingang/")


def test_one_address_may_try_a_few_words_a_minute(visitor, draft):
    said = word_on(visitor.get(reverse("cases:check", args=[draft.public_id])))
    for _ in range(work.WORDS_PER_MINUTE):
        assert send(visitor, draft, **said | {"wort": "Quatsch"}).status_code == 422
    answer = send(visitor, draft, **said)
    assert answer.status_code == 429 and "Warten Sie eine Minute" in sentences(answer)
    assert not Case.objects.exists() and send(visitor, draft, **proofs.of(draft)).status_code == 302


def test_a_forged_challenge_is_refused(visitor, draft):
    challenge = proof.issue(draft)
    for forged in (challenge[:-2] + "xx", "x", "", challenge.replace(":", "")):
        answer = send(visitor, draft, probe=forged, loesung=proofs.solution(forged))
        assert answer.status_code == 422 and "hat nicht geklappt" in sentences(answer)
    assert not Case.objects.exists()


def test_an_old_challenge_is_refused(visitor, draft):
    posted = proofs.of(draft)
    with clock.frozen(clock.now() + work.VALID + dt.timedelta(seconds=2)):
        answer = send(visitor, draft, **posted)
    assert answer.status_code == 422 and "ist abgelaufen" in sentences(answer) and not Case.objects.exists()


def test_a_challenge_serves_once(visitor, draft):
    posted = proofs.of(draft)
    first = send(visitor, draft, **posted)
    assert send(visitor, draft, **posted)["Location"] == first["Location"]
    another = begun(visitor)
    answer = send(visitor, another, **posted)
    assert answer.status_code == 422 and "gehört zu einem anderen Formular" in sentences(answer)
    assert Case.objects.count() == 1 and another in Draft.objects.open()


@pytest.mark.parametrize("wrong", ["", "1.2.3", "x", ".".join(["0"] * 15), "9" * 100, ".".join(["²"] * 16)])
def test_half_the_work_is_no_proof(draft, wrong):
    assert not work.is_solved(proof.issue(draft), 2, wrong)


def test_each_puzzle_wants_its_own_counter(draft):
    challenge = proof.issue(draft)
    done = proofs.solution(challenge)
    assert work.is_solved(challenge, 2, done) and not work.is_solved(challenge, 20, done)
    counters = done.split(".")
    worse = next(str(n) for n in range(1000) if work._zero_bits(f"{challenge}:15:{n}") < 2)
    assert not work.is_solved(challenge, 2, ".".join([*counters[:-1], worse]))


def test_what_another_window_changed_is_shown_with_a_fresh_challenge(visitor, draft):
    answer = visitor.post(reverse("cases:check", args=[draft.public_id]), {"stand": 0, **proofs.of(draft)})
    assert answer.status_code == 409
    assert send(visitor, draft, **word_on(answer)).status_code == 302


def test_an_account_is_asked_for_nothing(visitor, alice):
    client = Client()
    client.force_login(alice)
    draft = catalogue.fill(actions.start_draft(alice, catalogue.publish(FORM)), catalogue.sample(FORM))
    assert b"probe" not in client.get(reverse("cases:check", args=[draft.public_id])).content
    assert send(client, draft).status_code == 302
