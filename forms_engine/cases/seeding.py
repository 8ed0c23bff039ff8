"""Many invented cases for measuring and showing: they look like sent ones, and nothing happens with them.

No letters, payments or messages. Written in batches, each one transaction, so that it may be stopped at any time.
"""

import datetime as dt
import functools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import connection, transaction

from forms_engine.cases import rules, search
from forms_engine.cases.models import Case, CaseEvent
from forms_engine.cases.states import OPEN, Status
from forms_engine.definitions import replay
from forms_engine.definitions.evaluate import evaluate
from forms_engine.definitions.models import FormVersion
from forms_engine.submissions import payload
from forms_engine.submissions.completeness import Contents
from forms_engine.submissions.models import Draft, Submission
from forms_engine.submissions.states import DraftState
from portal.accounts.models import User
from portal.common import clock, crypto, references
from portal.directory.models import Office

BATCH, PEOPLE = 2000, 5000
GIVEN = ("Anna", "Ben", "Cem", "Dilara", "Emil", "Fatma", "Georg", "Hanna", "Ivan", "Jana", "Kemal", "Lena", "Mert")
FAMILY = ("Müller", "Schmid", "Yılmaz", "Huber", "Weiß", "Nguyễn", "Kovač", "Öztürk", "Bauer", "Graf", "Jäger")
# Of a hundred cases so many stand so; the others are closed.
STANDS = {Status.IN_REVIEW: 20, Status.WAITING_FOR_CITIZEN: 5, Status.WITHDRAWN: 3}
_BLOCK = """
insert into cases_filenumber as held (office, year, last) values (%s, %s, %s)
on conflict (office, year) do update set last = held.last + excluded.last returning last
"""

_WORDS = "copy cases_searchtoken (token, case_id) from stdin"
_token = functools.lru_cache(100_000)(search.token)


class Pattern(NamedTuple):
    """One form with the answers of a test case, and what stands in its cases."""

    version: FormVersion
    answers: dict[str, Any]
    day: dt.date
    office: Office | None


def patterns() -> list[Pattern]:
    """Every published form of the catalogue in which a case begins and whose first test case is no refusal."""
    found = []
    for version in FormVersion.objects.filter(state="published").select_related("form").order_by("form__slug"):
        file = replay.CASES / f"{version.form.slug}.yaml"
        if version.definition.is_survey or not file.exists():
            continue
        fitting = (case for case in replay.load(file.read_text(encoding="utf-8")).cases if not case.expect.refusal)
        if case := next(fitting, None):
            office = rules.office_of(version.definition)
            found.append(Pattern(version, dict(case.answers), case.today, office))
    return found


def seed(count: int) -> Iterator[int]:
    """Writes so many cases and says after each batch how many there are. Raises LookupError without any form."""
    known, people = patterns(), _people()
    if not known:
        raise LookupError("no published form with test data")
    written = 0
    while written < count:
        size = min(BATCH, count - written)
        with transaction.atomic():
            _batch(known[written // BATCH % len(known)], people, written, size)
        written += size
        yield written


def _people() -> Sequence[User]:
    addresses = [f"muster-{n}@stadt.invalid" for n in range(PEOPLE)]
    made = [
        User(email=mail, given_name=GIVEN[n % len(GIVEN)], family_name=_family(n), password=UNUSABLE_PASSWORD_PREFIX)
        for n, mail in enumerate(addresses)
    ]
    User.objects.bulk_create(made, BATCH, ignore_conflicts=True)
    return list(User.objects.filter(email__in=addresses).order_by("email"))


def _family(number: int) -> str:
    """Some names are many people's, others one person's."""
    name = FAMILY[number % len(FAMILY)]
    return f"{name}-{references.grouped(str(number))}" if number % 3 == 0 else name


def _batch(pattern: Pattern, people: Sequence[User], first: int, size: int) -> None:
    now, who = clock.now(), [people[(first + n) * 7 % len(people)] for n in range(size)]
    drafts = [
        Draft(
            owner=person,
            form_version=pattern.version,
            state=DraftState.SENT,
            closed_at=now,
            delete_on=clock.today(),
        )
        for person in who
    ]
    Draft.objects.bulk_create(drafts, BATCH)
    given = [_answers(pattern, person) for person in who]
    submissions = [_submission(pattern, *row) for row in zip(drafts, given, strict=True)]
    Submission.objects.bulk_create(submissions, BATCH)
    cases = [_case(pattern, *row) for row in zip(submissions, _numbers(pattern, size), range(size), strict=True)]
    Case.objects.bulk_create(cases, BATCH)
    both = list(zip(cases, who, strict=True))
    events = [CaseEvent(case=case, kind="submitted", actor=str(person.public_id)) for case, person in both]
    CaseEvent.objects.bulk_create(events, BATCH)
    with connection.cursor() as cursor, cursor.copy(_WORDS) as copy:
        for (case, person), answers in zip(both, given, strict=True):
            texts = [f"{person.given_name} {person.family_name}", *search.texts(pattern.version.definition, answers)]
            for token in {_token(word) for text in texts for way in search.folded(text) for word in way}:
                copy.write_row((token, case.pk))


def _answers(pattern: Pattern, person: User) -> dict[str, Any]:
    names = pattern.version.definition.meaning.name
    own = dict(zip(names, (person.given_name, person.family_name), strict=False)) if len(names) > 1 else {}
    return pattern.answers | {name: value for name, value in own.items() if name in pattern.answers}


def _submission(pattern: Pattern, draft: Draft, given: dict[str, Any]) -> Submission:
    now = clock.now()
    made = Submission(draft=draft, owner=draft.owner, form_version=pattern.version, frozen_at=now)
    made.wrapped_key = crypto.new_wrapped_key()
    plain = payload.canonical(_frozen(pattern, given) | {"salt": clock.token(), "frozen_at": now.isoformat()})
    made.sha256 = crypto.sha256(plain)
    made.sealed = crypto.Envelope(made.wrapped_key).seal(plain, f"{made}:payload")
    return made


def _frozen(pattern: Pattern, given: dict[str, Any]) -> dict[str, Any]:
    """What the form makes of the answers is worked out once: only names differ."""
    key = pattern.version.pk
    if key not in _JUDGED:
        found = evaluate(pattern.version.definition, pattern.answers, today=pattern.day)
        number = pattern.version.number
        contents = Contents(pattern.version.definition, number, pattern.answers, {}, {}, frozenset(), found)
        _JUDGED[key] = payload.build(contents, (), salt="", frozen_at=clock.now())
    built = _JUDGED[key]
    return built | {
        part: built[part] | {n: given[n] for n in built[part] if n in given} for part in ("answers", "values")
    }


_JUDGED: dict[int, dict[str, Any]] = {}


def _numbers(pattern: Pattern, size: int) -> Iterator[str]:
    """A block of file numbers, without gaps."""
    letters, year = rules.file_letters(pattern.version.definition, pattern.office), clock.today().year
    with connection.cursor() as cursor:
        cursor.execute(_BLOCK, [letters, year, size])
        (last,) = cursor.fetchone()
    return (references.file_number(letters, year, serial) for serial in range(last - size + 1, last + 1))


def _case(pattern: Pattern, submission: Submission, number: str, place: int) -> Case:
    status = _status(place % 100)
    received = clock.now() - dt.timedelta(days=place * 13 % 400, minutes=place)
    return Case(
        number=number,
        applicant=submission.owner,
        submission=submission,
        form=pattern.version.form,
        office=pattern.office,
        status=status,
        wrapped_key=crypto.new_wrapped_key(),
        received_at=received,
        changed_at=received,
        due_on=clock.today() + dt.timedelta(days=place * 17 % 60 - 10),
        closed_at=None if status in OPEN else received,
    )


def _status(place: int) -> Status:
    for status, share in STANDS.items():
        if place < share:
            return status
        place -= share
    return Status.CLOSED
