"""Nobody learns from answer, mail count or time whether an address has an account (sign-in, sign-up, reset).

Time is almost only password hashing, so its count is compared exactly; the clock is looked at beside it.
"""

import re
import statistics
import time

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache

from portal.accounts.models import SignInAttempt

HASHER = "tests.portal.accounts.test_enumeration.SlowHasher"


class SlowHasher(MD5PasswordHasher):
    """Takes as long as a real one, and counts."""

    algorithm = "slow"
    runs = 0

    def encode(self, password, salt):
        SlowHasher.runs += 1
        time.sleep(0.2)
        return super().encode(password, salt)


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
    SlowHasher.runs, began = 0, time.perf_counter()
    response = client.post(path, data)
    took = time.perf_counter() - began
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
def test_a_known_and_an_unknown_address_get_the_same_answer_in_the_same_time(client, known, mailoutbox, question):
    path, data = QUESTIONS[question]
    times = {"known": [], "unknown": []}
    for turn in range(3):
        one = measured(client, path, data(known), mailoutbox)
        other = measured(client, path, data(f"niemand{turn}@stadt.invalid"), mailoutbox)
        assert one[:4] == other[:4]
        times["known"].append(one[4])
        times["unknown"].append(other[4])
        SignInAttempt.objects.all().delete()
    assert abs(statistics.median(times["known"]) - statistics.median(times["unknown"])) < 0.1  # half a hash
