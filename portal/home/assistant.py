"""The automatic answer: finds the service that a question means and quotes its record. Composes no sentence itself.

Question words pick the field (kostet -> fee). Every line of an answer stands word for word in the directory. Below
ANSWER the question is handed back as choices, below CHOICE the answer is an honest "not found".
"""

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from portal.directory import queries, richtext, words
from portal.directory.models import SECTIONS, Office, Service
from portal.directory.search import Hit, search

ANSWER, CHOICE = 0.55, 0.4  # of Hit.cover
CLEAR_LEAD = 0.85  # a second service with this share of the first's score is as likely meant
MOST_CHOICES, MOST_LINES = 3, 14
LONGEST_QUESTION = 500


class Outcome(enum.StrEnum):
    ANSWER = "answer"
    CHOICES = "choices"
    NOT_FOUND = "not_found"


# Field of the record -> what a question about it sounds like (folded: ä is ae). The first that fits counts.
_ASKED = (
    ("fee", r"kost(?:et|en)|gebuehr|preis|teuer|bezahl|wie ?viel (?:geld|muss|zahl)|euro"),
    ("documents", r"unterlage|dokument|mitbring|mitnehmen|nachweis|was brauch|was benoetig|papiere brauch|vorlegen"),
    ("processing", r"wie lange|dauer|bearbeit|wie schnell"),
    ("deadline", r"\bfrist|bis wann|wann muss|wann soll|spaetestens|rechtzeitig"),
    ("form", r"\bonline\b|internet|digital|von zu ?hause"),
    ("appointment", r"\btermin"),
    (
        "offices",
        r"\bwo\b|wohin|adresse|anschrift|oeffnungszeit|geoeffnet|offen|wann kann ich kommen|zustaendig|telefon",
    ),
    ("eligibility", r"\bwer\b|darf ich|kann ich|berechtigt"),
    ("requirements", r"voraussetzung|bedingung"),
    ("legal_basis", r"rechtsgrundlage|gesetz|paragra|vorschrift"),
    ("procedure", r"\bwie\b|ablauf|schritte"),
)
_HEADINGS = SECTIONS | {
    "form": _lazy("Online beantragen"),
    "appointment": _lazy("Termin"),
    "offices": _lazy("Zuständige Stellen"),
    "summary": _lazy("Worum es geht"),
}
# Where a record has no field of its own for it, sentences of its description that speak of the matter are quoted.
_SPEAKS_OF = {
    "fee": r"euro|€|gebühr|kosten",
    "documents": r"unterlage|vorlegen|bringen sie|mitbringen|nachweis|formular|vollmacht",
    "processing": r"\b(?:tage|wochen|monate)n?\b|dauert|bearbeit",
    "deadline": r"frist|spätestens|rechtzeitig|innerhalb",
    "form": r"online",
    "appointment": r"termin",
    "eligibility": r"\bsie\b.*\b(?:können|dürfen|haben|sind)\b",
    "requirements": r"voraussetzung|müssen sie|sie müssen",
    "procedure": r"antrag|persönlich|beantragen",
}


@dataclass(frozen=True)
class Quote:
    """Lines of one service's record, word for word."""

    service: Service
    field: str
    heading: str
    lines: tuple[str, ...]
    complete: bool  # False: the record has no such field, or more lines than are shown


@dataclass(frozen=True)
class Answer:
    question: str
    outcome: Outcome
    field: str = ""
    quote: Quote | None = None
    choices: tuple[Service, ...] = ()
    offices: tuple[Office, ...] = ()


def ask(question: str, *, slug: str = "", forms: Sequence[str] = ()) -> Answer:
    """`slug`: the service chosen from an earlier answer's choices. `forms`: slugs of the published online forms."""
    question = richtext.line(question.replace("\0", " "))[:LONGEST_QUESTION]
    field = asked_field(question)
    if slug:
        chosen = Service.objects.public().select_related("organisation").filter(slug=slug).first()
        if chosen is not None:
            return Answer(question, Outcome.ANSWER, field, quote(chosen, field, forms))
    hits = [hit for hit in search(question, limit=8).hits if hit.cover >= CHOICE]
    if not hits:
        offices = tuple(queries.offices_named(words.of_search(question), MOST_CHOICES))
        return Answer(question, Outcome.CHOICES if offices else Outcome.NOT_FOUND, field, offices=offices)
    alike = _alike(hits)
    if len(alike) > 1 or hits[0].cover < ANSWER:
        return Answer(question, Outcome.CHOICES, field, choices=tuple(hit.service for hit in hits[:MOST_CHOICES]))
    others = tuple(hit.service for hit in hits[1:MOST_CHOICES])
    return Answer(question, Outcome.ANSWER, field, quote(hits[0].service, field, forms), others)


def _alike(hits: Sequence[Hit]) -> list[Hit]:
    return [hit for hit in hits if hit.score >= CLEAR_LEAD * hits[0].score]


def asked_field(question: str) -> str:
    """The field of the record that a question is about; "" when it only names a matter."""
    folded = words.fold(question)[0]
    return next((name for name, pattern in _ASKED if re.search(pattern, folded)), "")


def quote(service: Service, field: str, forms: Sequence[str] = ()) -> Quote:
    """What the record says about the field. Falls back to its description, and says that it did (complete=False)."""
    own = _own_lines(service, field or "summary", forms)
    if own:
        shown = own[:MOST_LINES]
        return Quote(service, field, str(_HEADINGS[field or "summary"]), tuple(shown), len(shown) == len(own))
    spoken = _SPEAKS_OF.get(field)
    found = [one for one in _described(service) if spoken and re.search(spoken, one, re.I)]
    return Quote(service, field, str(_HEADINGS[field or "summary"]), tuple(found[:4]), False)


def _own_lines(service: Service, field: str, forms: Sequence[str]) -> list[str]:
    match field:
        case "summary":
            return [service.summary] if service.summary else _described(service)[:3]
        case "offices":
            return [line for place in queries.places(service) for line in _place_lines(place)]
        case "form":
            return [_("%(title)s: Online beantragen") % {"title": service.title}] if service.form_slug in forms else []
        case "appointment":
            minutes = service.appointment_minutes
            return [_("Termin: etwa %(minutes)s Minuten") % {"minutes": minutes}] if minutes else []
        case _:
            return richtext.sentences(str(getattr(service, field)))


def _place_lines(place: queries.Place) -> list[str]:
    office = place.office
    hours = [
        f"{day.weekday}: " + ", ".join(f"{opens:%H:%M}–{closes:%H:%M} Uhr" for opens, closes in day.times)
        for day in place.hours
        if day.times
    ]
    phone = [_("Telefon %(phone)s") % {"phone": office.phone}] if office.phone else []
    return [f"{office.name}, {office.address}", *phone, *hours]


def _described(service: Service) -> list[str]:
    return richtext.sentences(service.description)


def transcript(answer: Answer) -> str:
    """Question and answer as plain text, for a person who takes over."""
    lines = [_("Frage: %(question)s") % {"question": answer.question}, ""]
    if answer.quote is not None:
        lines += [
            _("Automatische Auskunft: %(title)s, %(heading)s")
            % {"title": answer.quote.service.title, "heading": answer.quote.heading}
        ]
        lines += [f"- {line}" for line in answer.quote.lines]
    elif answer.choices or answer.offices:
        lines += [_("Automatische Auskunft, zur Wahl:"), *(f"- {one}" for one in (*answer.choices, *answer.offices))]
    else:
        lines += ["Automatische Auskunft: nichts gefunden"]
    return "\n".join(lines)
