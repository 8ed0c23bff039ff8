"""The lists of the workplace: what a clerk has chosen, and one page of it by keyset. Nothing is counted."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q

from forms_engine.cases import access, covering, filed, search
from forms_engine.cases.filed import Light
from forms_engine.cases.models import Case, CaseQuerySet, Proposal
from forms_engine.cases.states import DECIDABLE, ENDED, OPEN, TO_SIGN, Status
from forms_engine.definitions.models import Form
from payments.models import Receivable
from portal.accounts.models import User
from portal.common import clock, references
from portal.directory.models import Office

PAGE = 50
LIGHTS = {"rot": "überfällig", "gelb": "bald fällig", "gruen": "im Plan"}
_WAITING = [Status.AWAITING_PAYMENT, Status.WAITING_FOR_CITIZEN, Status.IN_APPROVAL, Status.IN_REVISION]


@dataclass(frozen=True)
class Choice:
    """What a list shows. `view`: mine, team, approve, waiting, done, all. "" chooses nothing."""

    view: str = "team"
    form: str = ""
    status: str = ""
    light: str = ""
    office: str = ""
    text: str = ""  # a number, or words of names and answers

    @property
    def by_end(self) -> bool:
        """Ended ones come by the day they ended, newest first; open ones by deadline."""
        return self.view == "done"


WORDS = {"view": "ansicht", "form": "formular", "status": "status", "light": "frist", "office": "dienststelle"}


def choice(words: Mapping[str, str], text: str = "") -> Choice:
    """From the words of an address; what is not known is left out."""
    given = {name: words.get(word, "")[:60] for name, word in WORDS.items()}
    given["light"] = given["light"] if given["light"] in LIGHTS else ""
    given["status"] = given["status"] if given["status"] in Status.values else ""
    return Choice(**given | {"view": given["view"] or "team", "text": text})


def words(chosen: Choice) -> dict[str, str]:
    """The other way round; never the text."""
    return {word: getattr(chosen, name) for name, word in WORDS.items() if getattr(chosen, name)}


@dataclass(frozen=True)
class QueueRow:
    case: Case
    light: Light


def page(clerk: User, chosen: Choice, after: str = "") -> list[QueueRow]:
    """One page and one row more, from the cursor on."""
    today = clock.today()
    # Two statements: with everything that a line shows joined in, planning takes longer than reading.
    keys = list(_ordered(_cases(clerk, chosen, today), chosen, after).values_list("pk", flat=True)[: PAGE + 1])
    found = Case.objects.filter(pk__in=keys).for_desk().in_bulk() if keys else {}
    rows = [found[key] for key in keys if key in found]
    return [QueueRow(case, filed.light(case.due_on, today, running=not case.has_ended)) for case in rows]


def following(clerk: User, chosen: Choice, case: Case) -> Case | None:
    """The next case of a list after this one, even if this one is not in it any more."""
    return _ordered(_cases(clerk, chosen, clock.today()), chosen, cursor(case, chosen)).only("public_id").first()


def cursor(case: Case, chosen: Choice) -> str:
    if chosen.text:
        return str(case.pk)
    return f"{(case.changed_at if chosen.by_end else case.due_on).isoformat()}_{case.pk}"


def _ordered(rows: CaseQuerySet, chosen: Choice, after: str) -> CaseQuerySet:
    """Sorted, and from the cursor on; a cursor that is none is ignored."""
    place, _, key = after.rpartition("_")
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else None
    try:
        if chosen.text:
            rows, order = rows if number is None else rows.filter(pk__lt=number), ["-id"]
        elif chosen.by_end:
            order = ["-changed_at", "-id"]
            if number is not None:
                at = dt.datetime.fromisoformat(place)
                rows = rows.filter(Q(changed_at__lt=at) | Q(changed_at=at, id__lt=number), changed_at__lte=at)
        else:
            order = ["due_on", "id"]
            if number is not None:
                day = dt.date.fromisoformat(place)
                rows = rows.filter(Q(due_on__gt=day) | Q(due_on=day, id__gt=number), due_on__gte=day)
    except ValueError:
        return rows.order_by(*order)
    return rows.order_by(*order)


def _cases(clerk: User, chosen: Choice, today: dt.date) -> CaseQuerySet:
    rows = access.queue(clerk)
    rows = _found(rows, chosen.text) if chosen.text else _view(rows, chosen.view, clerk)
    if chosen.form:
        rows = rows.filter(form__in=list(Form.objects.filter(slug=chosen.form).values_list("pk", flat=True)))
    if chosen.office:
        rows = rows.filter(office__in=list(Office.objects.filter(slug=chosen.office).values_list("pk", flat=True)))
    if chosen.status:
        rows = rows.filter(status=chosen.status)
    soon = today + filed.SOON
    lights = {"rot": Q(due_on__lt=today), "gelb": Q(due_on__range=(today, soon)), "gruen": Q(due_on__gt=soon)}
    if chosen.light and not chosen.by_end:
        rows = rows.filter(lights[chosen.light], status__in=sorted(OPEN - ENDED))
    return rows


def _view(rows: CaseQuerySet, view: str, clerk: User) -> CaseQuerySet:
    match view:
        case "all":
            return rows.open()
        case "mine":
            # With the keys in its hands the database walks case_on_desk; else it looks through every open case.
            seen = list(covering.seen_by(clerk).values_list("pk", flat=True))
            return rows.filter(assigned_to__in=seen, status__in=sorted(DECIDABLE))
        case "approve":
            own = Proposal.objects.filter(case=OuterRef("pk"), answered_at=None, author=clerk)
            return rows.filter(~Exists(own), status__in=sorted(TO_SIGN))
        case "waiting":
            return rows.filter(status__in=_WAITING)
        case "done":
            return rows.filter(status__in=sorted(ENDED))
    return rows.filter(assigned_to=None, status=Status.IN_REVIEW)


def _found(rows: CaseQuerySet, text: str) -> CaseQuerySet:
    """By file number or Kassenzeichen, exact but for spaces and case; else by words."""
    bare = "".join(text.split()).upper()
    number = references.canonical_file_number(bare) or bare
    owed = list(Receivable.objects.filter(kassenzeichen=bare).values_list("pk", flat=True))
    numbered = [Q(number=number), *([Q(receivable__in=owed)] if owed else [])]
    if owed or is_number(text):
        return rows.filter(reduce(or_, numbered))
    return search.matching(rows, text)


def is_number(text: str) -> bool:
    """Whether a text is a number of the house, and so names nobody: it may stand in an address."""
    bare = "".join(text.split()).upper()
    return references.canonical_file_number(bare) is not None or bare.isdigit()
