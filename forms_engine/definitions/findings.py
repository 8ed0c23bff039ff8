"""The linter: what is wrong or weak in a form that can be read (docs/form-definitions.md names the rules). Pure.

Errors block handing in and publishing, warnings do not. Rules F01 to F54 are quoted by id in each sentence.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from forms_engine.definitions import lint, reach, translate
from forms_engine.definitions.expressions import names_in
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import Decision, FormDefinition, Page

MOST_WORDS, MOST_WORDS_SIMPLE = 20, 15
MOST_QUESTIONS, MOST_RADIOS, FEW_FOR_A_LIST = 9, 10, 5
LONG_TITLE = 90
EMPTY_BUTTONS = frozenset({"ok", "weiter", "senden", "absenden", "fertig", "next", "submit"})
PLACEHOLDER = re.compile(
    r"\[(?:…|\.\.\.|[A-ZÄÖÜ][^\]\n]{2,40})\]|\bTODO\b|\bXXX+\b|\bLorem ipsum\b|^\s*(?:…|\.\.\.|\?+)\s*$"
)
LAW = re.compile(
    r"§|\bArt(?:ikel|\.)|satzung|(?:ver|gebühren)ordnung|gesetz|richtlinie"
    r"|beschl[uü]ss|kostenverzeichnis|freiwillige leistung",
    re.IGNORECASE,
)
MARKED = re.compile(
    r"(?<!\w)\*|\*(?!\w)|\((?:optional|freiwillig)[^)]*\)|[–-] ?(?:optional|freiwillig)\b|Pflichtfeld|Pflichtangabe"
)
ABBREVIATIONS = re.compile(
    r"\b(?:z\. ?B|d\. ?h|u\. ?a|e\. ?V|Abs|Nr|Art|Buchst|Str|ca|bzw|usw|evtl|Dr|St|i\. ?V\. ?m|Hs|Kfz|Tel|max)\.|\d\."
)


@dataclass(frozen=True)
class Finding:
    """`rule` is an F-rule or "" for what no F-rule says; `path` as in schema.DefinitionError."""

    path: str
    sentence: str
    rule: str = ""
    blocks: bool = False

    @property
    def text(self) -> str:
        return f"{self.sentence} (Regel {self.rule})" if self.rule else self.sentence


def of(definition: FormDefinition) -> list[Finding]:
    """Everything found, in the order of the form; errors before warnings of the same place."""
    found = [
        *(Finding(path, sentence, blocks=True) for path, sentence in lint.open_points(definition)),
        *(Finding(path, sentence, "F54", blocks=True) for path, sentence in translate.missing(definition)),
        *_placeholders(definition),
        *_whole(definition),
        *_start(definition),
        *_unreachable(definition),
        *(entry for n, page in enumerate(definition.pages) for entry in _page(f"pages[{n}]", page)),
        *(entry for path, item in lint.every_field(definition) for entry in _field(path, item)),
        *_unused(definition),
        *_sentences(definition),
    ]
    return sorted(found, key=lambda entry: (_order(definition, entry.path), not entry.blocks))


def _order(definition: FormDefinition, path: str) -> tuple[int, ...]:
    """Pages in their order, what belongs to the whole form before them."""
    return tuple(int(number) for number in re.findall(r"\d+", path)) if path.startswith("pages[") else (-1,)


def _placeholders(definition: FormDefinition) -> Iterator[Finding]:
    texts = [(path, text.de) for path, text in translate.texts(definition)]
    texts += [("department", str(definition.department)), ("privacy.legal_basis", definition.privacy.legal_basis)]
    texts += [(f"legal_basis[{n}]", basis) for n, basis in enumerate(definition.legal_basis)]
    for path, text in texts:
        if said := PLACEHOLDER.search(text):
            yield Finding(
                path, f"Ersetzen Sie den Platzhalter „{said[0].strip()}“ durch den richtigen Text.", blocks=True
            )


def _whole(definition: FormDefinition) -> Iterator[Finding]:
    for n, basis in enumerate(definition.legal_basis):
        if not LAW.search(basis):
            yield Finding(f"legal_basis[{n}]", f"„{basis}“ nennt kein Gesetz. Nennen Sie Paragraf oder Artikel.")
    if "DSGVO" not in definition.privacy.legal_basis and not LAW.search(definition.privacy.legal_basis):
        yield Finding(
            "privacy.legal_basis", "Nennen Sie die Rechtsgrundlage der Verarbeitung, zum Beispiel Art. 6 DSGVO."
        )
    if len(str(definition.privacy.purpose)) < 20:
        yield Finding("privacy.purpose", "Sagen Sie in einem ganzen Satz, wozu Sie die Daten brauchen.")
    if not definition.privacy.recipients:
        yield Finding("privacy.recipients", "Sagen Sie, wer die Daten erhält, auch wenn es nur Ihre Stelle ist.")
    for path, button in (
        ("submission.button", definition.submission.button),
        ("submission.button_with_fee", definition.submission.button_with_fee),
    ):
        if str(button).lower().strip(" .!") in EMPTY_BUTTONS:
            yield Finding(
                path, "Der Knopf sagt nicht, was geschieht. Schreiben Sie zum Beispiel „Antrag absenden“.", "F05"
            )
    costs = any(tier.cents or tier.amount for tier in (definition.fee.tiers if definition.fee else ()))
    if costs and "kostenpflichtig" not in str(definition.submission.button_with_fee).lower():
        yield Finding(
            "submission.button_with_fee", "Der Knopf sagt nicht, dass es etwas kostet („kostenpflichtig“).", "F05"
        )
    if definition.decision and not definition.meaning.name:
        yield Finding("meaning.name", "Sagen Sie, welche Fragen den Namen für den Bescheid enthalten.")
    if definition.decision and not definition.meaning.address:
        yield Finding("meaning.address", "Sagen Sie, welche Fragen die Anschrift für den Bescheid enthalten.")
    if definition.decision:
        yield from _remedy(definition.decision)


def _remedy(decision: Decision) -> Iterator[Finding]:
    """Whether the form's own instruction names the remedies that its area has (Art. 12 AGVwGO)."""
    if decision.remedy is None:
        return
    names_objection = "Widerspruch" in decision.remedy.de
    if names_objection and decision.remedy_area is None:
        sentence = "Widerspruch gibt es nur in den Gebieten des Art. 12 AGVwGO. Wählen Sie das Rechtsgebiet."
        yield Finding("decision.remedy_area", sentence, blocks=True)
    if decision.remedy_area and not names_objection:
        sentence = "In diesem Rechtsgebiet ist auch Widerspruch möglich (Art. 12 AGVwGO). Nennen Sie ihn."
        yield Finding("decision.remedy", sentence, blocks=True)
    if not re.search(r"\bMonat", decision.remedy.de):
        yield Finding("decision.remedy", "Nennen Sie die Frist: ein Monat nach der Bekanntgabe (§ 58 VwGO).")


def _start(definition: FormDefinition) -> Iterator[Finding]:
    for name, what in (
        ("who", "für wen das Formular ist"),
        ("needed", "was man zum Ausfüllen braucht"),
        ("costs", "was es kostet, auch wenn es nichts kostet"),
        ("other_ways", "wie es auch ohne Internet geht"),
    ):
        if not getattr(definition.start, name):
            yield Finding(f"start.{name}", f"Die Startseite sagt nicht, {what}.", "F40")


def _unreachable(definition: FormDefinition) -> Iterator[Finding]:
    for path in reach.never_met(definition):
        page = re.fullmatch(r"pages\[\d+\]\.visible", path)
        refusal = path.startswith("refusals")
        what = "Diese Seite erreicht niemand" if page or refusal else "Das kommt nie vor"
        yield Finding(path, f"{what}: Keine Antworten erfüllen die Bedingung.", blocks=True)


def _page(path: str, page: Page) -> Iterator[Finding]:
    asked = [item for item in page.questions if item.name not in page.blocks]
    count = len(asked) + len({block.name for block in page.blocks.values()})
    if count > MOST_QUESTIONS:
        sentence = f"Auf der Seite stehen {count} Fragen. Teilen Sie sie auf: eine Frage oder Gruppe je Seite."
        yield Finding(path, sentence, "F01")
    if len(str(page.title)) > LONG_TITLE:
        yield Finding(f"{path}.title", f"Die Überschrift ist länger als {LONG_TITLE} Zeichen.", "F04")
    only = page.fields[0] if len(page.fields) == 1 else None
    if isinstance(only, f.BooleanField | f.ChoiceField) and only.label != page.title and not page.text:
        yield Finding(f"{path}.title", "Eine Seite mit einer Frage trägt diese Frage als Überschrift.", "F03")
    for n, check in enumerate(page.checks):
        for problem in lint.sentence_problems(str(check.message)):
            yield Finding(f"{path}.checks[{n}].message", problem, "F33")


def _field(path: str, item: f.AnyField) -> Iterator[Finding]:
    if not isinstance(item, f.Question):
        return
    yield from _wording(path, item)
    match item:
        case f.ChoiceField() | f.MultiChoiceField():
            yield from _choices(path, item)
        case f.TextField():
            yield from _text(path, item)
        case f.FileField() if item.hint is None:
            yield Finding(f"{path}.hint", "Nennen Sie im Hinweis die Dateitypen und die Größe.", "F23")
        case f.DateField() if item.hint and (day := re.search(r"Beispiel (\d{1,2})[ .]", item.hint.de)):
            if int(day[1]) <= 12:
                yield Finding(f"{path}.hint", "Nehmen Sie als Beispiel einen Tag nach dem 12.", "F16")


def _wording(path: str, item: f.Question) -> Iterator[Finding]:
    label = str(item.label)
    if MARKED.search(label):
        sentence = "Ob die Frage freiwillig ist, sagt das Portal. Nehmen Sie es aus der Beschriftung."
        yield Finding(f"{path}.label", sentence, "F11", blocks=True)
    if label.endswith(":"):
        yield Finding(f"{path}.label", "Die Beschriftung braucht keinen Doppelpunkt.", "F12")
    if item.hint and len(_split(item.hint.de)) > 2:
        yield Finding(f"{path}.hint", "Ein Hinweis ist ein kurzer Satz. Längeres gehört in den Text der Seite.", "F12")
    empty = item.messages.empty
    if empty and not re.search(r"\b(?:Sie|sich)\b", empty.de):
        yield Finding(f"{path}.messages.empty", "Sagen Sie, was zu tun ist: „Geben Sie … ein.“", "F33")
    if item.messages.wrong:
        for problem in lint.sentence_problems(item.messages.wrong.de):
            yield Finding(f"{path}.messages.wrong", problem, "F33")


def _choices(path: str, item: f.ChoiceField | f.MultiChoiceField) -> Iterator[Finding]:
    count = len(item.choices)
    if isinstance(item, f.ChoiceField) and item.widget == "radios" and count > MOST_RADIOS:
        yield Finding(
            f"{path}.widget", f"{count} Möglichkeiten sind zu viele für Knöpfe. Nehmen Sie eine Liste.", "F14"
        )
    if isinstance(item, f.ChoiceField) and item.widget == "select" and count < FEW_FOR_A_LIST:
        yield Finding(f"{path}.widget", f"Zeigen Sie {count} Möglichkeiten als Knöpfe, nicht als Liste.", "F14")
    if count == 1 and isinstance(item, f.ChoiceField):
        yield Finding(f"{path}.choices", "Eine einzige Möglichkeit ist keine Auswahl.", "F14")
    labels = [str(choice.label) for choice in item.choices]
    for label in sorted(label for label, times in Counter(labels).items() if times > 1):
        yield Finding(f"{path}.choices", f"Die Beschriftung „{label}“ steht mehrmals da.", "F14", blocks=True)


def _text(path: str, item: f.TextField) -> Iterator[Finding]:
    label = item.label.de.lower()
    if re.search(r"\be-?mail", label):
        yield Finding(f"{path}.type", "Nehmen Sie für eine E-Mail-Adresse die Art „E-Mail-Adresse“.", "F19")
    if re.search(r"\btelefon|\bhandy", label) and not item.check:
        yield Finding(f"{path}.type", "Nehmen Sie für eine Telefonnummer die Art „Telefonnummer“.", "F19")
    if re.search(r"wiederhol", label):
        yield Finding(path, "Fragen Sie dieselbe Angabe nicht zweimal.", "F13")
    if item.max_length <= 20 and item.width is None:
        yield Finding(f"{path}.width", "Geben Sie eine Breite an: Sie zeigt, wie lang die Antwort ist.", "F21")
    if re.search(r"\b(?:anrede|geschlecht|titel)\b", label) and item.required is not False:
        yield Finding(path, "Fragen Sie Anrede, Titel und Geschlecht nur, wenn ein Gesetz es verlangt.", "F17")


def _unused(definition: FormDefinition) -> Iterator[Finding]:
    used: set[str] = set()
    for source in _sources(definition):
        names = names_in(source)
        used |= names.free | names.answered | names.members | names.row
    meaning = definition.meaning
    used |= {*meaning.name, *(name for line in meaning.address for name in line)}
    used |= {meaning.area.field, meaning.area.otherwise or ""} if meaning.area else set()
    used |= {meaning.marks.group, meaning.marks.otherwise or ""} if meaning.marks else set()
    for path, item in lint.every_field(definition):
        if isinstance(item, f.ComputedField) and item.label is None and item.name not in used:
            yield Finding(path, f"Der berechnete Wert „{item.name}“ wird nirgends gezeigt und nirgends gebraucht.")


def _sources(definition: FormDefinition) -> Iterator[str]:
    """Every expression of the form."""
    program = definition.program
    for rules in (program.pages, program.visible, program.required, program.computed, program.totals, program.choices):
        yield from (rule.source for rule in rules.values())
    for more in (program.files, program.refusals, program.tiers, program.amounts, program.leika):
        yield from (rule.source for rule in more.values())
    yield from (rule.source for rules in (program.rules, program.passes) for rule in rules.values())
    yield from (rule.source for entry in program.validity for rule in entry if rule)
    yield from (rule.source for rules in program.checks.values() for rule in rules)
    yield from (rule.source for rule in (program.four_eyes, program.remedy_for_grants) if rule)


def _sentences(definition: FormDefinition) -> Iterator[Finding]:
    for path, text in translate.texts(definition):
        for sentence in _split(text.de):
            if (count := len(sentence.split())) > MOST_WORDS:
                shown = f"{sentence[:60].strip()}…"
                yield Finding(path, f"Der Satz hat {count} Wörter: „{shown}“ Teilen Sie ihn.")
        for sentence in _split(text.simple):
            if (count := len(sentence.split())) > MOST_WORDS_SIMPLE:
                yield Finding(path, f"In Leichter Sprache hat der Satz {count} Wörter: „{sentence[:60].strip()}…“")


def _split(text: str) -> list[str]:
    """Sentences; a point in an abbreviation or a date ends none."""
    bare = ABBREVIATIONS.sub(lambda found: found[0].replace(".", "·"), text)
    return [part for part in re.split(r"(?<=[.!?:])\s+|\n", bare) if part.strip()]
