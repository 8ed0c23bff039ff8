"""What a definition must have beside its shape: the rules a machine can check (F-rules: docs/form-definitions.md)."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator

from django.core.exceptions import ValidationError

from forms_engine.definitions import translate
from forms_engine.definitions.checks import DATE_CHECKS, TEXT_CHECKS
from forms_engine.definitions.fields import form_field
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition, RuleGrant
from forms_engine.definitions.language.text import Text

HINT_LENGTH = 120
# WCAG 2.2, 1.3.5 and section 7: tokens for what a person is asked about themselves.
AUTOCOMPLETE = frozenset(
    re.findall(
        r"\S+",
        """name honorific-prefix given-name additional-name family-name honorific-suffix nickname organization
        organization-title street-address address-line1 address-line2 address-line3 address-level1 address-level2
        country country-name postal-code bday bday-day bday-month bday-year language sex url photo tel tel-country-code
        tel-national tel-area-code tel-local email impp off""",
    )
)
TAKEN_KEYS = frozenset(
    {"loeschen", "datei", "pruefen", "weiter", "neue-fassung"}
)  # addresses beside the pages of a draft
# What a survey may ask: none of it names a person. The first four are counted, the texts are only read.
COUNTED = (f.ChoiceField, f.MultiChoiceField, f.BooleanField, f.IntegerField)
IN_SURVEYS = (*COUNTED, f.TextField, f.TextareaField, f.StaticField)
WIDEST_NUMBER = 1000  # a survey's number has an end, so that it can be drawn
Problem = tuple[str, str]


def problems(definition: FormDefinition) -> list[Problem]:
    """Path and German sentence for each fault; empty when there is none."""
    return [
        *_names(definition),
        *_keys(definition),
        *_checks(definition),
        *_meaning(definition),
        *_casework(definition),
        *_fields(definition),
        *_survey(definition),
        *_retention(definition),
        *translate.problems(definition),
    ]


def open_points(definition: FormDefinition) -> list[Problem]:
    """What an author still has to decide; a form with open points cannot be published."""
    return [
        (f"open_points[{n}]", f"Entscheiden Sie „{point.key}“: {point.question}")
        for n, point in enumerate(definition.open_points)
        if point.settled is None
    ]


def every_field(definition: FormDefinition) -> Iterator[tuple[str, f.AnyField]]:
    """Top-level fields and members of groups with their paths."""
    for p, page in enumerate(definition.pages):
        for place, item, _ in page.placed:
            yield f"pages[{p}].{place}", item
            if isinstance(item, f.RepeatingField):
                yield from ((f"pages[{p}].{place}.{inner.place}", inner.question) for inner in item.placed)


def _names(definition: FormDefinition) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for path, item in every_field(definition):
        if item.name in seen:
            yield f"{path}.name", f"Der Name „{item.name}“ ist schon vergeben ({seen[item.name]})."
        seen.setdefault(item.name, path)


def _keys(definition: FormDefinition) -> Iterator[Problem]:
    decision = definition.decision
    # Pages and not-eligible pages share one address space in the wizard.
    pages = [page.key for page in definition.pages] + [refusal.key for refusal in definition.refusals]
    for path, keys in (
        ("pages", pages),
        ("fee.tiers", [tier.key for tier in definition.fee.tiers] if definition.fee else []),
        ("decision.checklist", [item.key for item in decision.checklist] if decision else []),
        ("open_points", [point.key for point in definition.open_points]),
        ("decision.refusal_reasons", [reason.key for reason in decision.refusal_reasons] if decision else []),
    ):
        yield from ((path, f"Der Schlüssel „{key}“ steht mehrmals da.") for key in _twice(keys))
    for key in sorted(TAKEN_KEYS.intersection(pages)):
        yield "pages", f"Der Schlüssel „{key}“ ist für das Portal vergeben."
    titles = [str(page.title) for page in definition.pages]
    yield from (("pages", f"Die Überschrift „{title}“ steht auf mehreren Seiten.") for title in _twice(titles))


def _twice(entries: list[str]) -> list[str]:
    return [entry for entry, count in Counter(entries).items() if count > 1]


def _checks(definition: FormDefinition) -> Iterator[Problem]:
    for p, page in enumerate(definition.pages):
        on_page = {item.name for item in page.questions if not isinstance(item, f.RepeatingField | f.FileField)}
        for n, check in enumerate(page.checks):
            if check.field not in on_page:
                yield f"pages[{p}].checks[{n}].field", f"Die Frage „{check.field}“ steht nicht auf dieser Seite."


def _casework(definition: FormDefinition) -> Iterator[Problem]:
    known = {item.name for page in definition.pages for item in page.fields}
    for n, name in enumerate(definition.casework.search):
        if name not in known:
            yield f"casework.search[{n}]", f"Die Frage „{name}“ gibt es nicht."
    keys = Counter(rule.key for rule in definition.casework.rules)
    for n, rule in enumerate(definition.casework.rules):
        if keys[rule.key] > 1:
            yield f"casework.rules[{n}].key", f"Der Schlüssel „{rule.key}“ ist doppelt."
        if rule.grant:
            yield from ((f"casework.rules[{n}].grant", sentence) for sentence in _grant(definition, rule.grant))


def _grant(definition: FormDefinition, grant: RuleGrant) -> Iterator[str]:
    """Why nothing can be granted by a rule."""
    decision = definition.decision
    if decision is None:
        yield "Hier wird nichts entschieden. Streichen Sie die automatische Bewilligung (grant)."
        return
    if any(item.passes is None for item in decision.checklist):
        yield "Geben Sie jedem Punkt der Prüfliste eine Bedingung (passes)."
    if decision.four_eyes is True:
        yield "Hier entscheiden immer zwei Personen. Streichen Sie die automatische Bewilligung (grant)."
    if decision.grant_explained:
        yield "Hier begründet ein Mensch die Bewilligung. Streichen Sie die automatische Bewilligung (grant)."
    if definition.fee and definition.fee.with_decision:
        yield "Hier setzt ein Mensch die Gebühr fest. Streichen Sie die automatische Bewilligung (grant)."
    if decision.outcome != "certificate" and not grant.legal_basis:
        yield "Nennen Sie das Gesetz, das die automatische Entscheidung erlaubt (legal_basis)."


def _meaning(definition: FormDefinition) -> Iterator[Problem]:
    meaning, known = definition.meaning, {item.name: item for page in definition.pages for item in page.fields}
    used = [("meaning.name", name) for name in meaning.name]
    used += [(f"meaning.address[{n}]", name) for n, line in enumerate(meaning.address) for name in line]
    used += [("meaning.email", meaning.email or "")]
    for n, fact in enumerate(meaning.facts):
        used += [(f"meaning.facts[{n}]", fact if isinstance(fact, str) else fact.group)]
        group = None if isinstance(fact, str) else known.get(fact.group)
        inside = {member.name for member in group.members} if isinstance(group, f.RepeatingField) else set()
        for name in () if isinstance(fact, str) else fact.members:
            if name not in inside:
                yield f"meaning.facts[{n}]", f"„{name}“ gibt es in dieser Gruppe nicht."
    if meaning.area:
        used += [("meaning.area.field", meaning.area.field), ("meaning.area.otherwise", meaning.area.otherwise or "")]
    if meaning.marks:
        used += [
            ("meaning.marks.group", meaning.marks.group),
            ("meaning.marks.otherwise", meaning.marks.otherwise or ""),
        ]
    yield from ((path, f"Die Frage „{name}“ gibt es nicht.") for path, name in used if name and name not in known)
    if meaning.marks:
        group = known.get(meaning.marks.group)
        members = group.members if isinstance(group, f.RepeatingField) else ()
        if meaning.marks.member not in {member.name for member in members}:
            yield "meaning.marks.member", f"„{meaning.marks.member}“ gibt es in dieser Gruppe nicht."


def _fields(definition: FormDefinition) -> Iterator[Problem]:
    for path, item in every_field(definition):
        if isinstance(item, f.Question):
            yield from _question(path, item)
        if isinstance(item, f.TextField | f.TextareaField | f.IntegerField) and item.suggested is not None:
            yield from _suggested(f"{path}.suggested", item)
        if isinstance(item, f.TextField) and item.check and item.check not in TEXT_CHECKS:
            yield f"{path}.check", f"Die Prüfung „{item.check}“ gibt es nicht. Möglich: {', '.join(TEXT_CHECKS)}."
        for n, rule in enumerate(item.checks if isinstance(item, f.DateField | f.DateTimeField) else ()):
            if rule.check not in DATE_CHECKS:
                known = ", ".join(DATE_CHECKS)
                yield f"{path}.checks[{n}].check", f"Die Prüfung „{rule.check}“ gibt es nicht. Möglich: {known}."


def _survey(definition: FormDefinition) -> Iterator[Problem]:
    if not definition.is_survey:
        return
    if definition.start.trust_level != "none":
        yield "start.trust_level", "Eine Umfrage ist anonym: trust_level ist none."
    for key in ("decision", "fee", "validity", "leika"):
        if getattr(definition, key):
            yield key, f"In einer Umfrage wird nichts entschieden und nichts bezahlt. Streichen Sie {key}."
    if definition.meaning.model_fields_set:
        yield "meaning", "Eine Umfrage fragt nach keiner Person. Streichen Sie meaning."
    for path, item in every_field(definition):
        if not isinstance(item, IN_SURVEYS):
            yield f"{path}.type", f"Eine Umfrage ist anonym. Die Art „{item.type}“ gibt es dort nicht."
        elif isinstance(item, f.Question) and (item.personal or item.prefill):
            yield path, "Eine Umfrage ist anonym: ohne personal und ohne prefill."
        elif isinstance(item, f.IntegerField) and item.maximum - item.minimum > WIDEST_NUMBER:
            yield path, f"Geben Sie minimum und maximum an, höchstens {WIDEST_NUMBER} auseinander."


def _retention(definition: FormDefinition) -> Iterator[Problem]:
    kept = definition.retention
    if kept is None:
        return
    if definition.is_survey:
        yield "retention", "Eine Umfrage hat keine Vorgänge. Streichen Sie retention."
    elif kept.starts == "validity" and not definition.validity:
        yield "retention.starts", "Das Formular hat keine Gültigkeit (validity). Schreiben Sie starts: closed."


def _suggested(path: str, item: f.TextField | f.TextareaField | f.IntegerField) -> Iterator[Problem]:
    if item.required is not True:
        yield path, "Eine Vorgabe gibt es nur, wo immer eine Antwort nötig ist: sonst käme sie nach dem Löschen wieder."
    elif not isinstance(item, f.TextField) or not item.check or item.check in TEXT_CHECKS:
        try:
            form_field(item, required=True, offer=None, today=dt.date.min).clean(str(item.suggested))
        except ValidationError as error:
            yield path, f"Die Vorgabe passt selbst nicht: {error.messages[0]}"


def _question(path: str, item: f.Question) -> Iterator[Problem]:
    if item.hint:
        yield from _hint(f"{path}.hint", item.hint)
    if item.required is not False and item.messages.empty is None and not isinstance(item, f.RepeatingField):
        yield f"{path}.messages.empty", "Es fehlt der Satz dafür, dass nichts eingegeben ist (Regel F33)."
    if item.messages.empty:
        yield from _sentence(f"{path}.messages.empty", item.messages.empty)
    if item.autocomplete and item.autocomplete not in AUTOCOMPLETE:
        yield f"{path}.autocomplete", f"„{item.autocomplete}“ ist kein Wort für autocomplete (Regel F22)."
    if isinstance(item, f.RepeatingField) and (item.required is not True or item.visible):
        hint = (
            "Machen Sie die Seite sichtbar oder unsichtbar, und setzen Sie minimum auf 0, wenn keine Zeile nötig ist."
        )
        yield path, f"Eine Gruppe hat weder required noch visible. {hint}"


def _hint(path: str, hint: Text) -> Iterator[Problem]:
    if len(hint.de) > HINT_LENGTH:
        yield path, f"Der Hinweis ist länger als {HINT_LENGTH} Zeichen (Regel F12)."
    if re.search(r"https?://|www\.|<a ", hint.de):
        yield path, "Im Hinweis darf kein Link stehen (Regel F12)."


def _sentence(path: str, sentence: Text) -> Iterator[Problem]:
    yield from ((path, problem) for problem in sentence_problems(sentence.de))


def sentence_problems(sentence: str) -> list[str]:
    """What is wrong with a message to citizens (rule F33)."""
    found = [] if sentence.endswith(".") else ["Der Satz muss mit einem Punkt enden."]
    if said := re.search(r"\b[Bb]itte\b|[Uu]ngültig|Pflichtfeld|Fehler|!", sentence):
        found.append(f"Sagen Sie, was zu tun ist, ohne „{said[0]}“ (Regel F33).")
    return found
