"""What can be said about each part of a form, in the words of those who write it. Plain data for forms.PropsForm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from forms_engine.definitions import remedies
from forms_engine.definitions.checks import DATE_CHECKS, TEXT_CHECKS
from forms_engine.definitions.language.parts import PARTS, USUAL
from forms_engine.definitions.lint import AUTOCOMPLETE

Kind = Literal["text", "texts", "line", "lines", "number", "flag", "one", "some", "rule", "need", "rows", "names"]


@dataclass(frozen=True)
class Prop:
    """`key` is the place in the data ("messages.empty"). Kinds:

    text: in every language; texts: one per line, in every language; line, lines: German only; rule: an expression;
    need: always, never, or by an expression; rows: a list of things with `columns`; names: questions, one per line.
    """

    key: str
    label: str
    kind: Kind
    help: str = ""
    options: Sequence[tuple[str, str]] = ()
    columns: Sequence["Prop"] = ()
    required: bool = False
    default: Any = None  # what leaving it out means, where that is not nothing
    long: bool = False  # several lines


def _options(words: Sequence[str]) -> list[tuple[str, str]]:
    return [(word, word) for word in words]


RULE_HELP = "Leer: immer. Sonst ein Ausdruck, zum Beispiel art == 'diebstahl'"
NAME = Prop(
    "name", "Name in Regeln und Auswertungen", "line", "Kleine Buchstaben, Ziffern und Unterstriche", required=True
)
LABEL = Prop("label", "Beschriftung", "text", required=True)
HINT = Prop("hint", "Hinweis", "text", "Ein kurzer Satz, höchstens 120 Zeichen, ohne Link")
EMPTY = Prop("messages.empty", "Satz, wenn nichts eingegeben ist", "text", "Sagt, was zu tun ist: „Geben Sie … ein.“")
REQUIRED = Prop("required", "Antwort nötig", "need")
VISIBLE = Prop("visible", "Nur fragen, wenn", "rule", RULE_HELP)
SHORT = Prop("summary_label", "Kurze Beschriftung", "text", "Für die Prüfseite, das PDF und die Sachbearbeitung")
PERSONAL = Prop("personal", "Macht eine Person kenntlich", "flag", "Dann steht die Antwort in keiner Statistik")
FILLS_IN = Prop(
    "autocomplete",
    "Hilfe des Browsers",
    "one",
    "Nur für Fragen über die Person, die das Formular ausfüllt",
    [("", "keine"), *_options(sorted(AUTOCOMPLETE))],
)
COMMON = (LABEL, HINT, EMPTY, REQUIRED, VISIBLE, SHORT, NAME, FILLS_IN, PERSONAL)
SUGGESTED = Prop("suggested", "Vorgabe", "line", "Steht schon im Feld und kann überschrieben werden")
UNIT = Prop("unit", "Einheit", "text", "Zum Beispiel cm")
SUBJECT = Prop("subject", "Anfang der Fehlersätze", "text", "Zum Beispiel „Das Geburtsdatum“")


def _between(example: str) -> tuple[Prop, Prop]:
    return (
        Prop("earliest", "Frühestens", "line", f"Zum Beispiel {example}"),
        Prop("latest", "Spätestens", "line", f"Zum Beispiel {example}"),
    )


DATE_RULES = Prop(
    "checks",
    "Prüfungen",
    "rows",
    columns=(
        Prop("check", "Prüfung", "one", options=[("", "keine"), *_options(sorted(DATE_CHECKS))]),
        Prop("days", "Tage", "number"),
        Prop("message", "Eigener Satz", "text"),
    ),
)
CHOICES = Prop(
    "choices",
    "Möglichkeiten",
    "rows",
    columns=(
        Prop("value", "Wert", "line", "Leer: aus der Beschriftung"),
        LABEL,
        Prop("hint", "Hinweis", "text"),
        Prop("visible", "Nur anbieten, wenn", "rule"),
    ),
)
PROPER_NAMES = Prop(
    "names", "Die Beschriftungen sind Eigennamen", "flag", "In jeder Sprache gleich, nichts zu übersetzen"
)
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
MEDIA = [
    ("application/pdf", "PDF"),
    ("image/jpeg", "JPG"),
    ("image/png", "PNG"),
    (f"{_OFFICE}.wordprocessingml.document", "DOCX"),
    (f"{_OFFICE}.spreadsheetml.sheet", "XLSX"),
    (f"{_OPEN}.text", "ODT"),
    (f"{_OPEN}.spreadsheet", "ODS"),
]
BLOCK = (
    Prop("label", "Überschrift", "text", required=True),
    HINT,
    Prop("required", "Antwort nötig", "need", "Nie heißt: alles oder nichts"),
    VISIBLE,
    NAME,
    Prop("own", "Fragt nach der Person, die das Formular ausfüllt", "flag", default=True),
)


def _block(kind: str, *more: Prop) -> tuple[Prop, ...]:
    parts = [(part, str(PARTS[kind][part]["label"]["de"])) for part in PARTS[kind]]
    usual = ", ".join(label for part, label in parts if part in USUAL[kind])
    return (
        *BLOCK,
        Prop("parts", "Fragen", "some", f"Nichts gewählt: {usual}", parts),
        Prop("optional", "Freiwillige Fragen", "some", "Nichts gewählt: die üblichen", parts),
        *more,
    )


RESULTS = [
    ("text", "Text"),
    ("integer", "Ganze Zahl"),
    ("decimal", "Kommazahl"),
    ("money", "Geldbetrag"),
    ("boolean", "Ja oder Nein"),
    ("date", "Datum"),
]
# Kind of a question -> what it is called, what can be said about it.
TYPES: Mapping[str, tuple[str, tuple[Prop, ...]]] = {
    "text": (
        "Text, eine Zeile",
        (
            *COMMON,
            SUGGESTED,
            Prop("max_length", "Höchstens Zeichen", "number"),
            Prop("min_length", "Mindestens Zeichen", "number"),
            Prop("width", "Breite in Zeichen", "number", "Zeigt, wie lang die Antwort ist"),
            Prop("check", "Prüfung", "one", options=[("", "keine"), *_options(sorted(TEXT_CHECKS))]),
            Prop("pattern", "Muster", "line", "Regulärer Ausdruck für die ganze Antwort. Niemand bekommt ihn zu sehen"),
            Prop("messages.wrong", "Satz, wenn Prüfung oder Muster nicht passen", "text", "Leer: unser Satz"),
            Prop("numeric", "Nur Ziffern", "flag", "Auf dem Telefon erscheinen Zifferntasten"),
        ),
    ),
    "textarea": (
        "Text, mehrere Zeilen",
        (
            *COMMON,
            Prop("suggested", SUGGESTED.label, "line", SUGGESTED.help, long=True),
            Prop("max_length", "Höchstens Zeichen", "number"),
            Prop("min_length", "Mindestens Zeichen", "number"),
            Prop("rows", "Zeilen", "number"),
            Prop("check", "Prüfung", "one", options=[("", "keine"), ("latein", "latein")]),
        ),
    ),
    "boolean": ("Ja oder Nein", (*COMMON, Prop("yes", "Wort für Ja", "text"), Prop("no", "Wort für Nein", "text"))),
    "choice": (
        "Auswahl, eine Antwort",
        (
            *COMMON,
            CHOICES,
            Prop(
                "widget", "Anzeige", "one", options=[("", "Knöpfe untereinander"), ("select", "Liste zum Aufklappen")]
            ),
            PROPER_NAMES,
        ),
    ),
    "multi_choice": (
        "Auswahl, mehrere Antworten",
        (
            *COMMON,
            CHOICES,
            Prop("minimum", "Mindestens so viele Antworten", "number", "Gilt nur, wenn jemand antwortet"),
            Prop("maximum", "Höchstens so viele Antworten", "number"),
            PROPER_NAMES,
        ),
    ),
    "date": ("Datum", (*COMMON, SUBJECT, *_between("2026-03-03"), DATE_RULES)),
    "partial_date": ("Datum, auch unvollständig", (*COMMON, SUBJECT, Prop("birth", "Geburtsdatum", "flag"))),
    "time": ("Uhrzeit", (*COMMON, *_between("08:30"))),
    "datetime": ("Datum und Uhrzeit", (*COMMON, SUBJECT, *_between("2026-03-03T08:30"), DATE_RULES)),
    "integer": (
        "Ganze Zahl",
        (
            *COMMON,
            Prop("suggested", SUGGESTED.label, "number", SUGGESTED.help),
            Prop("minimum", "Mindestens", "number"),
            Prop("maximum", "Höchstens", "number"),
            UNIT,
        ),
    ),
    "decimal": (
        "Kommazahl",
        (
            *COMMON,
            Prop("places", "Stellen nach dem Komma", "number"),
            Prop("minimum", "Mindestens", "line", "Mit Punkt, zum Beispiel 0.1"),
            Prop("maximum", "Höchstens", "line", "Mit Punkt, zum Beispiel 99.5"),
            UNIT,
        ),
    ),
    "money": (
        "Geldbetrag",
        (
            *COMMON,
            Prop("minimum_cents", "Mindestens, in Cent", "number"),
            Prop("maximum_cents", "Höchstens, in Cent", "number"),
        ),
    ),
    "email": ("E-Mail-Adresse", COMMON),
    "phone": ("Telefonnummer", COMMON),
    "url": ("Internetadresse", COMMON),
    "iban": ("IBAN", COMMON),
    "plate": ("Kfz-Kennzeichen", COMMON),
    "location": ("Ort in der Stadt", COMMON),
    "file": (
        "Datei",
        (
            *COMMON,
            Prop("media_types", "Dateitypen", "some", options=MEDIA, required=True),
            Prop("max_bytes", "Höchstens Bytes je Datei", "number", "10 MB sind 10000000", required=True),
            Prop("max_files", "Höchstens Dateien", "number"),
            Prop(
                "files",
                "Wie viele verschiedene nötig sind",
                "rule",
                "Leer: eine. Sonst ein Ausdruck, der eine Zahl ergibt",
            ),
            Prop("keep_days", "Aufheben, in Tagen", "number"),
        ),
    ),
    "declaration": ("Erklärung zum Ankreuzen", (Prop("statement", "Erklärung", "text", required=True), *COMMON)),
    "static": ("Text ohne Frage", (Prop("text", "Text", "text", required=True, long=True), VISIBLE, NAME)),
    "computed": (
        "Berechneter Wert",
        (
            Prop("label", "Beschriftung", "text", "Leer: wird nirgends gezeigt"),
            Prop("value", "Formel", "rule", "Zum Beispiel anzahl * 1200"),
            Prop("total.group", "Summe über die Gruppe", "line", "Statt einer Formel: Name der Gruppe"),
            Prop("total.member", "Summe der Frage", "line"),
            Prop("total.where", "Nur Zeilen, in denen", "rule"),
            Prop("result", "Ergebnis", "one", options=RESULTS, required=True),
            Prop("places", "Stellen nach dem Komma", "number"),
            UNIT,
            NAME,
        ),
    ),
    "repeating": (
        "Gruppe, die sich wiederholt",
        (
            LABEL,
            HINT,
            Prop("row_title", "Überschrift jeder Zeile", "text", "Zum Beispiel „Fahrzeug“", required=True),
            Prop("add_label", "Knopf für eine weitere", "text", required=True),
            Prop("minimum", "Mindestens", "number", "Leer: eine"),
            Prop("maximum", "Höchstens", "number", required=True),
            Prop("unique_by", "Frage, deren Antworten sich unterscheiden", "line"),
            Prop("duplicate_message", "Satz, wenn etwas doppelt ist", "text"),
            SHORT,
            NAME,
            PERSONAL,
        ),
    ),
    "group": (
        "Gruppe unter einer Überschrift",
        (Prop("label", "Überschrift", "text", required=True), HINT, VISIBLE, NAME),
    ),
    "person": ("Baustein: Person", _block("person")),
    "address": ("Baustein: Adresse", _block("address", Prop("in_city", "Nur Adressen in München", "flag"))),
    "company": ("Baustein: Unternehmen", _block("company")),
    "contact": ("Baustein: Kontakt", _block("contact")),
}
# What only the source text can say, with the reason.
ONLY_IN_SOURCE: Mapping[str, frozenset[str]] = {
    "*": frozenset({"type", "fim", "messages.wrong", "entries", "members", "prefill"}),  # members have their own pages
    "person": frozenset({"texts", "in_city"}),  # in_city is for addresses
    "address": frozenset({"texts"}),
    "company": frozenset({"texts", "in_city"}),
    "contact": frozenset({"texts", "in_city"}),
    "group": frozenset(),
    "repeating": frozenset({"required", "visible", "messages", "autocomplete"}),  # groups have none of these
}

PAGE = (
    Prop("title", "Überschrift", "text", "Die Frage oder Aufgabe dieser Seite", required=True),
    Prop("summary_title", "Kurze Überschrift", "text", "Für die Prüfseite und die Sachbearbeitung"),
    Prop("text", "Text vor den Fragen", "texts", "Ein Absatz je Zeile"),
    VISIBLE,
    Prop("key", "Name in der Adresse", "line", "Kleine Buchstaben, Ziffern und Bindestriche", required=True),
    Prop(
        "checks",
        "Regeln über mehrere Antworten",
        "rows",
        columns=(
            Prop("holds", "Es muss gelten", "rule", required=True),
            Prop("field", "Gezeigt bei der Frage", "line", required=True),
            Prop("message", "Satz, wenn es nicht gilt", "text", required=True),
        ),
    ),
)


@dataclass(frozen=True)
class Section:
    """One page of settings of the whole form."""

    title: str
    props: tuple[Prop, ...]
    intro: str = ""


KEY = Prop("key", "Schlüssel", "line", "Leer: aus der Überschrift")
SECTIONS: Mapping[str, Section] = {
    "allgemein": Section(
        "Allgemeines",
        (
            Prop("title", "Titel", "text", required=True),
            Prop(
                "kind",
                "Was daraus wird",
                "one",
                options=[("", "ein Vorgang"), ("survey", "nur eine Auswertung (anonyme Umfrage)")],
            ),
            Prop("department", "Zuständige Stelle", "text", required=True),
            Prop("legal_basis", "Rechtsgrundlagen", "lines", "Eine je Zeile", required=True),
            Prop("service", "Leistung", "line", "Kennung der Leistung im Verzeichnis", required=True),
            Prop(
                "languages", "Weitere Sprachen", "some", options=[("en", "Englisch"), ("de-simple", "Leichte Sprache")]
            ),
            Prop(
                "leika",
                "Leistungsschlüssel (LeiKa)",
                "rows",
                columns=(Prop("when", "Wenn", "rule"), Prop("key", "Schlüssel", "line", "14 Ziffern")),
            ),
        ),
    ),
    "startseite": Section(
        "Startseite und Vertrauensniveau",
        (
            Prop("start.intro", "Worum es geht", "texts", "Ein Absatz je Zeile", required=True),
            Prop("start.who", "Für wen", "texts"),
            Prop("start.needed", "Was man braucht", "texts"),
            Prop("start.costs", "Was es kostet", "texts"),
            Prop("start.deadlines", "Fristen", "texts"),
            Prop("start.other_ways", "Andere Wege", "texts", "Telefon, Schalter, Papier"),
            Prop("start.minutes", "Minuten zum Ausfüllen", "number", required=True),
            Prop("start.processing_time", "Wie lange die Bearbeitung dauert", "text", required=True),
            Prop(
                "start.trust_level",
                "Vertrauensniveau",
                "one",
                options=[
                    ("none", "ohne Anmeldung"),
                    ("basic", "niedrig"),
                    ("substantial", "substanziell"),
                    ("high", "hoch"),
                ],
                required=True,
            ),
            Prop("start.trust_reason", "Warum diese Anmeldung", "text", required=True),
        ),
        "Alle Listen: ein Eintrag je Zeile.",
    ),
    "datenschutz": Section(
        "Zweck und Datenschutz",
        (
            Prop("privacy.purpose", "Zweck", "text", "Wozu Sie die Daten brauchen", required=True),
            Prop("privacy.legal_basis", "Rechtsgrundlage der Verarbeitung", "line", required=True),
            Prop("privacy.recipients", "Wer die Daten erhält", "texts", "Ein Eintrag je Zeile"),
            Prop("privacy.retention", "Wann Sie löschen", "text", required=True),
            Prop("privacy.text", "Weitere Sätze", "texts", "Ein Absatz je Zeile"),
        ),
    ),
    "absenden": Section(
        "Absenden",
        (
            Prop("submission.button", "Knopf", "text", "Sagt, was geschieht: „Antrag absenden“", required=True),
            Prop("submission.button_with_fee", "Knopf, wenn es etwas kostet", "text", required=True),
            Prop("submission.next_steps", "Wie es weitergeht", "texts", "Ein Schritt je Zeile", required=True),
            Prop("submission.delete_draft_after_days", "Entwürfe löschen nach Tagen", "number", "Leer: 30"),
        ),
    ),
    "gebuehr": Section(
        "Gebühr und Gültigkeit",
        (
            Prop("fee.legal_basis", "Rechtsgrundlage der Gebühr", "line"),
            Prop(
                "fee.tiers",
                "Stufen",
                "rows",
                "Es gilt die erste Stufe, deren Bedingung stimmt.",
                columns=(
                    Prop("label", "Bezeichnung", "text", required=True),
                    Prop("when", "Wenn", "rule", "true heißt: sonst immer", required=True),
                    Prop("cents", "Betrag in Cent", "number"),
                    Prop("amount", "oder Formel in Cent", "rule"),
                    KEY,
                ),
            ),
            Prop("fee.due_days", "Fällig nach Tagen", "number", "Leer: 14"),
            Prop(
                "validity",
                "Gültigkeit",
                "rows",
                columns=(
                    Prop("when", "Wenn", "rule", required=True),
                    Prop("start", "Beginn", "rule", required=True),
                    Prop("months", "Monate", "rule"),
                    Prop("until", "oder Ende", "rule"),
                ),
            ),
        ),
        "Ohne Stufen ist das Formular kostenlos.",
    ),
    "absagen": Section(
        "Absagen",
        (
            Prop(
                "refusals",
                "Absagen",
                "rows",
                "Wer die Bedingung erfüllt, sieht nach der Seite diese Absage. Der Weg endet dort.",
                columns=(
                    Prop("title", "Überschrift", "text", required=True),
                    Prop("when", "Wenn", "rule", required=True),
                    Prop("page", "Nach der Seite", "line", "Name in der Adresse", required=True),
                    Prop("text", "Text", "texts", required=True),
                    Prop("next_steps", "Was man tun kann", "texts", required=True),
                    Prop("legal_basis", "Rechtsgrundlage", "line"),
                    Prop("advice", "Ergebnis statt Absage", "flag"),
                    KEY,
                ),
            ),
        ),
    ),
    "entscheidung": Section(
        "Entscheidung und Schreiben",
        (
            Prop(
                "decision.checklist",
                "Prüfliste der Sachbearbeitung",
                "rows",
                columns=(
                    Prop("text", "Zu prüfen", "text", required=True),
                    Prop("passes", "Die Antworten zeigen es, wenn", "rule", "Leer: prüft ein Mensch"),
                    KEY,
                ),
            ),
            Prop(
                "decision.refusal_reasons",
                "Gründe für eine Ablehnung",
                "rows",
                columns=(
                    Prop("title", "Grund", "text", required=True),
                    Prop("text", "Satz im Bescheid", "text", required=True),
                    Prop("legal_basis", "Rechtsgrundlage", "line", required=True),
                    KEY,
                ),
            ),
            Prop("decision.granted_title", "Überschrift, wenn bewilligt", "text"),
            Prop("decision.granted_text", "Text, wenn bewilligt", "texts", "Ein Absatz je Zeile"),
            Prop("decision.refused_title", "Überschrift, wenn abgelehnt", "text"),
            Prop("decision.refused_text", "Text, wenn abgelehnt", "texts", "Ein Absatz je Zeile"),
            Prop("decision.conditions", "Nebenbestimmungen", "texts", "Eine je Zeile"),
            Prop(
                "decision.remedy_area",
                "Rechtsgebiet mit Widerspruch (Art. 12 AGVwGO)",
                "one",
                "In allen anderen Gebieten gibt es nur die Klage.",
                [("", "keines: nur Klage"), *remedies.AREAS.items()],
            ),
            Prop(
                "decision.remedy",
                "Eigene Rechtsbehelfsbelehrung",
                "text",
                "Leer: die übliche des Rechtsgebiets, mit dem Verwaltungsgericht München",
                long=True,
            ),
            Prop(
                "decision.remedy_for_grants",
                "Belehrung unter einer Bewilligung",
                "need",
                "Gilt nur ohne Gebühr, Auflage und kürzere Laufzeit. Sonst steht die Belehrung immer.",
            ),
            Prop(
                "decision.four_eyes",
                "Zweite Person muss zustimmen",
                "need",
                "Als Bedingung geht auch ein Betrag in Cent: ab dieser Gebühr",
                default=False,
            ),
            Prop("meaning.name", "Fragen mit dem Namen", "names", "Eine je Zeile, für die Anschrift"),
            Prop("meaning.address", "Fragen mit der Anschrift", "names", "Eine Zeile der Anschrift je Zeile"),
            Prop("meaning.place", "Ort, wenn keine Frage ihn nennt", "line"),
        ),
        "Ohne Prüfliste gibt es keine Entscheidung mit Bescheid.",
    ),
    "bearbeitung": Section(
        "Bearbeitung und Regeln",
        (
            Prop("casework.office", "Zuständige Dienststelle", "line", "Ihr Name in der Adresse des Verzeichnisses"),
            Prop("casework.sender", "Absender der Schreiben", "text", "Leer: die zuständige Stelle"),
            Prop("casework.letters", "Buchstaben im Aktenzeichen", "line", "Zwei bis fünf Großbuchstaben"),
            Prop("casework.decide_days", "Entscheiden in Tagen", "number", "Leer: 14"),
            Prop("casework.decide_basis", "Rechtsgrundlage dieser Frist", "line"),
            Prop("casework.answer_days", "Frist für Nachforderungen in Tagen", "number", "Leer: 14"),
            Prop("casework.provisional_days", "Vorläufig gültig für Tage", "number", "Leer: keine Bestätigung"),
            Prop("casework.done_text", "Vorschlag, wenn nichts zu entscheiden ist", "texts", "Ein Absatz je Zeile"),
            Prop("casework.search", "Fragen, nach denen gesucht werden kann", "names", "Eine je Zeile"),
            Prop(
                "casework.rules",
                "Regeln",
                "rows",
                "Eine Regel wirkt einmal, sobald ein Vorgang da und bezahlt ist.",
                columns=(
                    Prop("key", "Schlüssel", "line", "Kleine Buchstaben und Bindestriche", required=True),
                    Prop("when", "Wenn", "rule", "true heißt: immer", required=True),
                    Prop("task.title", "Aufgabe für das Team", "line"),
                    Prop("task.days", "Aufgabe fällig nach Tagen", "number", "Leer: 7"),
                    Prop("deadline.reason", "Interne Frist, Grund", "line"),
                    Prop("deadline.days", "Interne Frist in Tagen", "number"),
                    Prop("route.team", "Weiter an das Team", "line"),
                    Prop("route.office", "oder an die Dienststelle", "line"),
                    Prop(
                        "grant.sample",
                        "Automatisch bewilligen, Stichprobe in Prozent",
                        "number",
                        "So viele von 100 entscheidet ein Mensch. Leer: nicht automatisch",
                    ),
                    Prop("grant.legal_basis", "Rechtsgrundlage dafür", "line"),
                ),
            ),
        ),
        "Was die Regeln mit den Testfällen tun würden, zeigt die Seite „Regeln“.",
    ),
    "aufbewahrung": Section(
        "Aufbewahrung",
        (
            Prop("retention.years", "Jahre nach dem Ende", "number", "Leer: bis jemand entscheidet"),
            Prop("retention.basis", "Rechtsgrundlage", "line"),
            Prop(
                "retention.starts",
                "Die Jahre beginnen",
                "one",
                options=[("", "mit dem Schließen des Vorgangs"), ("validity", "mit dem Ende der Gültigkeit")],
            ),
            Prop("retention.offer", "Dem Stadtarchiv vor dem Vernichten anbieten", "flag", default=True),
        ),
        "Danach bietet das Portal die Akten dem Archiv an und vernichtet sie nach Freigabe.",
    ),
}
