"""Nobody learns from answer, mail count or time whether an address has an account: sign-in, sign-up, reset, and for
signed-in people a new address and an invitation to act for somebody.

Time is almost only password hashing, so its count is compared exactly; the clock is looked at beside it.
"""

import re
import statistics
import time

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.mandates import sweep_invitations
from portal.accounts.models import SignInAttempt

HASHER = "tests.portal.accounts.test_enumeration.SlowHasher"


class SlowHasher(PBKDF2PasswordHasher):
    """The real one with fewer rounds, counted."""

    algorithm = "slow"
    iterations = 150_000
    runs = 0

    def encode(self, password, salt, iterations=None):
        SlowHasher.runs += 1
        return super().encode(password, salt, iterations)


@pytest.fixture
def known(settings, alice) -> str:
    settings.PASSWORD_HASHERS = [HASHER]
    alice.set_password("ein gutes Kennwort")
    alice.save()
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    return alice.email


def measured(client, path, data, mailoutbox):
    """(hashes, mails, status, address or text of the answer, seconds)"""
    cache.clear()
    client.logout()
    mailoutbox.clear()
    SlowHasher.runs, began = 0, time.thread_time()
    response = client.post(path, data)
    took = time.thread_time() - began  # what others do on this machine does not count
    text = response.headers.get("Location") or response.content.decode()
    answer = re.sub(r'value="[^"]*"', "", text)  # tokens, and the address that was typed
    return SlowHasher.runs, len(mailoutbox), response.status_code, answer, took


SIGN_UP = {"given_name": "Zoë", "family_name": "Nguyễn", "password1": "drei nasse Wörter"}
QUESTIONS = {
    "sign-in": ("/konto/login/", lambda email: {"login": email, "password": "falsch"}),
    "sign-up": ("/konto/signup/", lambda email: {**SIGN_UP, "email": email}),
    "reset": ("/konto/password/reset/", lambda email: {"email": email}),
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.slow
def test_a_known_and_an_unknown_address_get_the_same_answer_in_the_same_time(client, known, mailoutbox, question):
    path, data = QUESTIONS[question]
    apart, hashes = [], []
    for turn in range(7):
        one = measured(client, path, data(known), mailoutbox)
        other = measured(client, path, data(f"niemand{turn}@stadt.invalid"), mailoutbox)
        assert one[:4] == other[:4]
        SignInAttempt.objects.all().delete()
        began = time.thread_time()
        SlowHasher().encode("x", "salt")
        hashes.append(time.thread_time() - began)
        apart.append(one[4] - other[4])
    # Middle values: a busy neighbour on the same core makes single ones long or short.
    assert abs(statistics.median(apart)) < statistics.median(hashes) / 2


TYPED = {
    "new address": ("/konto/email/", lambda email: {"email": email, "action_add": ""}),
    "invitation": (
        "/konto/vertretung/neu/",
        lambda email: {"address": email, "kind": "proxy", "scope": "all", "starts": "1.1.2030", "ends": ""},
    ),
}


@pytest.mark.parametrize("question", TYPED)
def test_signed_in_people_learn_nothing_about_others_either(client, known, bob, mailoutbox, question):
    path, data = TYPED[question]
    client.force_login(bob, backend="django.contrib.auth.backends.ModelBackend")
    EmailAddress.objects.create(user=bob, email=bob.email, primary=True, verified=True)
    seen = []
    for email in ("erste@stadt.invalid", known, "niemand@stadt.invalid"):
        cache.clear()
        mailoutbox.clear()
        SlowHasher.runs = 0
        with CaptureQueriesContext(connection) as queries:
            response = client.post(path, data(email))
        sweep_invitations()
        text = re.sub(r'value="[^"]*"', "", response.content.decode()).replace(email, "")
        answer = (response.status_code, response.headers.get("Location"), text)
        seen.append((answer, len(mailoutbox), SlowHasher.runs, len(queries)))
    assert seen[0][0][0] == 302
    assert seen[1] == seen[2]
