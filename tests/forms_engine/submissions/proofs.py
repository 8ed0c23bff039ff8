"""What a browser computes before it sends something without an account."""

import itertools

from django.conf import settings

from forms_engine.submissions import proof
from forms_engine.submissions.models import Draft
from portal.common import proof as work


def solution(challenge: str) -> str:
    counters = []
    for number in range(work.PUZZLES):
        tries = (str(n) for n in itertools.count())
        done = (n for n in tries if work._zero_bits(f"{challenge}:{number}:{n}") >= settings.PROOF_BITS)
        counters.append(next(done))
    return ".".join(counters)


def of(draft: Draft, challenge: str = "") -> dict[str, str]:
    """To be posted with the button."""
    challenge = challenge or proof.issue(draft)
    return {"probe": challenge, "loesung": solution(challenge)}
