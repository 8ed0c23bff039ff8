"""What is known already: offered beside its question, with its source, never put in silently and never asked twice.

Three sources: the account's profile and an earlier application fill in a page that was not saved yet; a register is
asked only by the person's own click. What a register said stays with the draft; where the form says `locked` it counts
whatever is posted, until the person puts all of it away again and fills in by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.values import sound
from forms_engine.submissions import payload, registers
from forms_engine.submissions.models import Draft, Submission
from portal.accounts import profile
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock
from portal.common.crypto import CannotOpen, Envelope


@dataclass(frozen=True)
class Known:
    """An answer and the sentence that says where it comes from."""

    value: Any
    source: str


@dataclass(frozen=True)
class RegisterOffer:
    """What may be asked on a page: of which register, for which questions; `fetched` once it was."""

    key: str
    name: str
    labels: tuple[str, ...]
    fetched: bool


def offers(draft: Draft, definition: FormDefinition, page_key: str) -> dict[str, Known]:
    """Values for a page that was never saved, by question. Reads nothing for pages that want nothing.

    That the profile was used stands in the log of whoever's profile it is.
    """
    whose = draft.acting_for or draft.owner
    if page_key in draft.page_versions or whose is None:
        return {}
    found: dict[str, Known] = {}
    questions = definition.page(page_key).questions
    if any(q.prefill and q.prefill.source == "submission" for q in questions):
        found |= _from_last(draft, [q for q in questions if q.prefill and q.prefill.source == "submission"])
    if any(q.autocomplete or (q.prefill and q.prefill.source == "profile") for q in questions):
        known = _from_profile(whose, questions)
        if known:
            audit.record("profile.filled_in", f"user:{whose.public_id}", draft.actor, page=page_key)
        found |= known
    return found


def _from_profile(whose: User, questions: tuple[f.Question, ...]) -> dict[str, Known]:
    """The account of the represented person, if somebody acts for them."""
    data = {datum.name: datum for datum in profile.of(whose)}
    by_token = {profile.KNOWN[name].autocomplete: datum for name, datum in data.items()}
    found = {}
    for question in questions:
        wanted = question.prefill.datum if question.prefill and question.prefill.source == "profile" else None
        datum = data.get(wanted) if wanted else by_token.get(question.autocomplete or "-")
        if datum is None or sound(question, datum.value) is None:
            continue
        sentence = _("Aus Ihrem Profil. Quelle: %(source)s.") % {"source": datum.source_text}
        if not datum.own:
            sentence += " " + _("Vertrauensniveau: %(level)s.") % {"level": datum.level.label}
        found[question.name] = Known(datum.value, sentence)
    return found


def _from_last(draft: Draft, questions: list[f.Question]) -> dict[str, Known]:
    """From the person's newest application of the same form whose answers are still there."""
    rows = Submission.objects.filter(
        owner=draft.owner,
        acting_for=draft.acting_for,
        form_version__form=draft.form_version.form_id,
        wrapped_key__isnull=False,
    )
    last = rows.order_by("-frozen_at").first()
    if last is None:
        return {}
    try:
        answers = payload.parse(Envelope(last.wrapped_key).open(last.sealed, f"{last}:payload")).answers
    except CannotOpen:
        return {}
    sentence = _("Aus Ihrem Antrag vom %(day)s.") % {"day": clock.local(last.frozen_at).strftime("%d.%m.%Y")}
    kept = {question.name: sound(question, answers.get(question.name)) for question in questions}
    return {name: Known(value, sentence) for name, value in kept.items() if value is not None}


def register_offer(
    draft: Draft, definition: FormDefinition, page_key: str, fetched: Mapping[str, Any]
) -> RegisterOffer | None:
    """What a register could say on this page. Nobody asks a register about somebody else."""
    questions = asked_of_registers(definition, page_key)
    if not questions or draft.acting_for_id is not None or draft.owner_id is None:
        return None
    key = questions[0].prefill.registry if questions[0].prefill else ""
    register = registers.get(key)
    if register is None:
        return None
    here = any(question.name in fetched for question in questions)
    return RegisterOffer(key, str(register.name), tuple(str(q.label) for q in questions), here)


def asked_of_registers(definition: FormDefinition, page_key: str) -> list[f.Question]:
    return [q for q in definition.page(page_key).questions if q.prefill and q.prefill.source == "register"]


def fetch(register: registers.Register, key: str, person: User, questions: list[f.Question]) -> dict[str, Any]:
    """Ask; only what its question would take comes back, as kept in the draft. Raises registers.Unavailable."""
    wanted = {q.name: q.prefill.datum or "" for q in questions if q.prefill and q.prefill.registry == key}
    said = register.fetch(person, sorted(set(wanted.values())))
    sentence = _("Aus dem %(register)s, abgerufen am %(day)s. Vertrauensniveau: %(level)s.") % {
        "register": register.name,
        "day": clock.local(clock.now()).strftime("%d.%m.%Y"),
        "level": register.level.label,
    }
    values = {q.name: sound(q, said.get(wanted.get(q.name, ""))) for q in questions}
    return {
        name: {"value": value, "source": sentence, "register": key}
        for name, value in values.items()
        if value is not None
    }
