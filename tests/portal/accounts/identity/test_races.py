"""Two windows, two processes, two tries: each answer counts once. Real transactions in real threads."""

import datetime as dt
import threading
from base64 import b64encode

import pytest
from django.db import connection
from django.test import Client

from portal.accounts.identity import actions
from portal.accounts.identity.assertions import Identity
from portal.accounts.identity.models import ExternalIdentity
from portal.accounts.identity.refusal import Refused
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.common import clock
from tests.portal.accounts.identity.peer import password_sign_in

pytestmark = [pytest.mark.concurrency, pytest.mark.django_db(transaction=True)]


def _together(*jobs):
    """Runs all at the same moment; what each gave or raised."""
    barrier, results = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(position, job):
        barrier.wait(10)
        try:
            results[position] = job()
        except Refused as refusal:
            results[position] = refusal.reason
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=item) for item in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


@pytest.mark.slow
def test_the_same_answer_four_times_at_once_counts_once(client, bayernid):
    question, relay = bayernid.ask(client)
    document = bayernid.signed(bayernid.told(question.request_id))
    text = b64encode(document).decode()
    results = _together(*[lambda: actions.answer(bayernid.provider, text, relay)] * 4)
    assert sum(len(result) > 20 for result in results) == 1, results
    assert set(results) <= {"replay", "answered_twice", max(results, key=len)}


@pytest.mark.slow
def test_of_two_answers_to_one_question_one_counts(client, bayernid):
    question, _ = bayernid.ask(client)
    results = _together(*[lambda n=n: actions.believe(question, _identity(f"_{n}")) for n in range(3)])
    assert sorted(results, key=len)[:2] == ["answered_twice"] * 2


@pytest.mark.slow
def test_an_answer_taken_twice_at_once_opens_one_session(client, bayernid):
    question, _ = bayernid.ask(client)
    key = actions.believe(question, _identity())
    cookie = client.cookies

    def take():
        window = Client()
        window.cookies = cookie
        return window.get(f"/konto/identitaet/abschluss/?abholung={key}").status_code

    assert sorted(_together(take, take, take)) == [302, 400, 400]
    assert User.objects.count() == 1


@pytest.mark.slow
def test_two_first_sign_ins_of_one_person_at_once_give_one_account(bayernid):
    keys = []
    for _ in range(3):
        window = Client()
        question, _ = bayernid.ask(window)
        keys.append((window, actions.believe(question, _identity(question.request_id))))
    jobs = [
        lambda w=window, k=key: w.get(f"/konto/identitaet/abschluss/?abholung={k}").status_code for window, key in keys
    ]
    assert _together(*jobs) == [302, 302, 302]
    assert User.objects.count() == ExternalIdentity.objects.count() == 1
    assert AuditEntry.objects.filter(action="identity.account_opened").count() == 1


@pytest.mark.slow
def test_one_key_offered_to_two_accounts_at_once_opens_one(bayernid, alice, bob):
    jobs = []
    for user in (alice, bob):
        window = Client()
        password_sign_in(window, user)
        question, _ = bayernid.ask(window, "/konto/identitaet/bayernid/verknuepfen/")
        key = actions.believe(question, _identity(question.request_id))
        jobs.append(lambda w=window, k=key: w.get(f"/konto/identitaet/abschluss/?abholung={k}"))
    told = sorted(response.headers.get("Location", "refused") for response in _together(*jobs))
    # Who comes a moment later is offered to join the two accounts; who comes at the same moment is refused.
    assert told[0] == "/konto/identitaet/" and told[1] in ("/konto/zusammenlegen/", "refused")
    assert ExternalIdentity.objects.count() == 1


@pytest.mark.slow
def test_two_last_keys_are_not_both_taken_away(alice):
    alice.set_unusable_password()
    alice.save()
    for provider in ("bayernid", "bundid"):
        ExternalIdentity.objects.create(user=alice, provider=provider, subject="x", level=3)
    results = _together(lambda: actions.unlink(alice, "bayernid"), lambda: actions.unlink(alice, "bundid"))
    assert sorted(results) == [False, True]
    assert alice.identities.count() == 1


def _identity(assertion_id: str = "_a"):
    now = clock.now()
    return Identity("same-person", TrustLevel.HIGH, now, {}, assertion_id, now + dt.timedelta(minutes=5))
