"""Finding cases by words of names and answers, which lie sealed: a blind index (docs/adr/0033).

Each word is folded (small letters, umlauts both ways, no accents) and kept as a keyed hash. Who has the database but
not the key can count equal words and no more. Whole words only. Words go when the key of the case goes (trigger).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.utils.crypto import salted_hmac

from forms_engine.cases.models import Case, CaseParty, CaseQuerySet, SearchToken
from forms_engine.definitions.language.form import FormDefinition, RowFacts
from forms_engine.submissions import queries as answers
from portal.common.crypto import KeyDestroyed

MOST_WORDS, SHORTEST = 200, 2  # of one case; letters of a word
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe", "å": "aa"})
_DAY = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b")


def folded(text: str) -> list[frozenset[str]]:
    """The words of a text in order, each in all ways it may be written: "Müller" -> {"mueller", "muller"}."""
    days = _DAY.sub(lambda day: f" {day[3]}{int(day[2]):02}{int(day[1]):02} ", text)
    days = re.sub(r"\b(\d{4})-(\d\d)-(\d\d)\b", r"\1\2\3", days)
    words = re.findall(r"\w+", unicodedata.normalize("NFC", days).casefold().replace("_", " "))
    ways = (frozenset({_bare(word), _bare(word.translate(_TWO_LETTERS))}) for word in words)
    return [way for way in ways if all(len(word) >= SHORTEST for word in way)]


def _bare(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))


def token(word: str) -> bytes:
    """16 bytes of HMAC-SHA256 under a key of the house."""
    return salted_hmac("cases.search", word, algorithm="sha256").digest()[:16]


def tokens_of(texts: Iterable[str]) -> set[bytes]:
    words = [word for text in texts for way in folded(text) for word in sorted(way)]
    return {token(word) for word in words[:MOST_WORDS]}


@transaction.atomic
def index(case_id: int) -> int:
    """Bring the words of a case up to date; returns how many it has. May run again at any time."""
    # Under the lock: whoever destroys the key meanwhile waits, and then deletes what is written here.
    Case.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=case_id)
    case = Case.objects.for_pages().get(pk=case_id)
    try:
        wanted = tokens_of(_texts(case)) if case.wrapped_key else set()
    except KeyDestroyed:
        wanted = set()
    SearchToken.objects.filter(case=case).exclude(token__in=wanted).delete()
    SearchToken.objects.bulk_create([SearchToken(token=t, case=case) for t in sorted(wanted)], ignore_conflicts=True)
    return len(wanted)


def matching(cases: CaseQuerySet, text: str) -> CaseQuerySet:
    """Those of the cases that have every word of the text. None where the text holds no word."""
    ways = folded(text)
    for way in ways:
        having = SearchToken.objects.filter(token__in=[token(word) for word in way])
        cases = cases.filter(pk__in=having.values("case"))
    return cases if ways else cases.none()


def _texts(case: Case) -> Iterator[str]:
    for person in (case.applicant, case.acting_for):
        if person is not None:
            yield f"{person.given_name} {person.family_name}"
    yield from (row.words["name"] for row in CaseParty.objects.select_related("case").filter(case=case))
    yield from texts(case.definition, answers.answers(case.submission))


def texts(definition: FormDefinition, given: Mapping[str, Any]) -> Iterator[str]:
    """The answers by which a case is found."""
    for name, member in searched(definition):
        value = given.get(name)
        rows = value if isinstance(value, list) and member else [{member: value}]
        for row in rows:
            yield from _strings(row.get(member))


def searched(definition: FormDefinition) -> list[tuple[str, str]]:
    """The questions whose answers are found: (name, "") or (group, member). Letters name them, or the form does."""
    meaning = definition.meaning
    plain = [*meaning.name, *(name for line in meaning.address for name in line), *definition.casework.search]
    plain += [fact for fact in meaning.facts if isinstance(fact, str)] + ([meaning.email] if meaning.email else [])
    found = [(name, "") for name in plain]
    if meaning.marks:
        found.append((meaning.marks.group, meaning.marks.member))
    groups = [fact for fact in meaning.facts if isinstance(fact, RowFacts)]
    return found + [(fact.group, member) for fact in groups for member in fact.members]


def _strings(value: Any) -> Iterator[str]:
    """The words of an answer, whatever its shape; yes and no are none."""
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
    else:
        yield str(value)
