"""Which texts a template has, which kinds of decisions a form can have, and what they say without a template. Pure."""

from collections.abc import Mapping

from forms_engine.cases.models.kinds import ENDING, DecisionKind
from forms_engine.cases.wording import engine
from forms_engine.cases.wording.engine import Finding
from forms_engine.cases.wording.shapes import Record, Rows, Shape, Text
from forms_engine.definitions.language.fields import (
    ComputedField,
    FileField,
    MultiChoiceField,
    RepeatingField,
    StaticField,
)
from forms_engine.definitions.language.form import FormDefinition

BLOCKS: Mapping[str, tuple[str, str]] = {
    "heading": ("Überschrift", "Eine Zeile. Leer: die Überschrift des Formulars."),
    "opening": ("Entscheidung", "Was entschieden ist."),
    "reasons": ("Begründung", "Steht vor den angekreuzten Gründen und der Begründung im Einzelfall."),
    "conditions": ("Nebenbestimmungen", "Steht vor den angekreuzten Nebenbestimmungen."),
    "closing": ("Schluss", "Hinweise vor dem Gruß."),
    "plain": ("In einfacher Sprache", "Eine eigene Seite, die den Bescheid erklärt. Kurze Sätze, keine Fachwörter."),
}
NEEDED = ("opening", "plain")  # a template without them would say less than none
LAW = {
    DecisionKind.TAKEN_BACK: "Art. 48 BayVwVfG",
    DecisionKind.REVOKED: "Art. 49 BayVwVfG",
}
COMMON: Mapping[str, Shape] = {
    "aktenzeichen": Text("Aktenzeichen"),
    "leistung": Text("Name der Leistung"),
    "datum": Text("Datum des Schreibens"),
    "name": Text("Name im Adressfeld"),
    "dienststelle": Text("Wer schreibt"),
    "sachbearbeitung": Text("Name der Sachbearbeitung"),
    "gebiet": Text("Gebiet"),
    "kennzeichen": Rows("Kennzeichen", Text("Kennzeichen")),
    "gueltig_ab": Text("erster Tag"),
    "gueltig_bis": Text("letzter Tag, leer ohne Ende"),
    "gebuehr": Text("Gebühr, zum Beispiel 30,00 €"),
    "gebuehr_grundlage": Text("Rechtsgrundlage der Gebühr"),
    "kassenzeichen": Text("Kassenzeichen"),
    "faellig_am": Text("Tag, bis zu dem zu zahlen ist"),
    "rechtsgrundlagen": Rows("Rechtsgrundlagen", Text("Rechtsgrundlage")),
    "gruende": Rows(
        "angekreuzte Ablehnungsgründe", Record("Grund", {"text": Text("Grund"), "grundlage": Text("Rechtsgrundlage")})
    ),
    "begruendung": Text("Begründung im Einzelfall"),
    "bewilligt": Text("was bewilligt ist (bei Teilbewilligung)"),
    "abgelehnt": Text("was abgelehnt ist (bei Teilbewilligung)"),
    "frueher": Text("Datum des Bescheids, den dieser ersetzt"),
}


def kinds(definition: FormDefinition) -> list[DecisionKind]:
    """What may be decided about a case of this form, the favourable end first. Empty: nothing is decided."""
    words = definition.decision
    if words is None:
        return []
    fee = [DecisionKind.FEE_NOTICE] if definition.fee else []
    if words.outcome == "certificate":
        return [DecisionKind.CERTIFICATE, DecisionKind.REFUSED, *fee]
    return [DecisionKind.GRANTED, DecisionKind.PARTLY, DecisionKind.REFUSED, *fee, *sorted(ENDING, reverse=True)]


def vocabulary(definition: FormDefinition) -> Record:
    """Every name that the texts of this form may use: the frame of the letter, and the answers as „antrag.name“."""
    return Record("", {**COMMON, "antrag": Record("Antrag", _answers(definition))})


def _answers(definition: FormDefinition) -> dict[str, Shape]:
    found: dict[str, Shape] = {}
    for page in definition.pages:
        for item in page.fields:
            if isinstance(item, StaticField | FileField) or (isinstance(item, ComputedField) and not item.label):
                continue
            if isinstance(item, RepeatingField):
                asked = [member for member in item.members if not isinstance(member, FileField)]
                row = Record(str(item.row_title), {member.name: Text(str(member.row_label)) for member in asked})
                found[item.name] = Rows(str(item.row_title), row)
            elif isinstance(item, MultiChoiceField):
                found[item.name] = Rows(str(item.row_label), Text(str(item.row_label)))
            else:
                found[item.name] = Text(str(item.label if isinstance(item, ComputedField) else item.row_label))
    return found


def check(definition: FormDefinition, texts: Mapping[str, str]) -> dict[str, list[Finding]]:
    """Block -> what is wrong with it; empty when the template can be saved."""
    known = vocabulary(definition)
    found = {block: engine.check(texts.get(block, ""), known) for block in BLOCKS}
    if not found["heading"] and "\n" in texts.get("heading", "").strip():
        found["heading"] = [Finding(2, "Die Überschrift hat genau eine Zeile.")]
    for block in NEEDED:
        if not texts.get(block, "").strip():
            found[block] = [Finding(1, f"Schreiben Sie den Text „{BLOCKS[block][0]}“.")]
    return {block: findings for block, findings in found.items() if findings}


def built_in(definition: FormDefinition, kind: DecisionKind) -> tuple[str, list[str]]:
    """(heading, paragraphs) of a letter without a template. Raises LookupError for a form that decides nothing."""
    words = definition.decision
    if words is None:
        raise LookupError(f"Formular „{definition.title}“ hat keine Regeln für Bescheide.")
    title = str(definition.title)
    match kind:
        case DecisionKind.REFUSED:
            return str(words.refused_title), [str(part) for part in words.refused_text]
        case DecisionKind.PARTLY:
            said = "Wir bewilligen Ihren Antrag zum Teil. Den anderen Teil lehnen wir ab."
            return f"Teilweise Bewilligung: {title}", [said]
        case DecisionKind.FEE_NOTICE:
            said = "Wir setzen die Gebühr fest, die in der Tabelle steht. Bitte bezahlen Sie bis zum genannten Tag."
            return f"Gebührenbescheid: {title}", [said]
        case DecisionKind.TAKEN_BACK:
            said = "Wir nehmen unseren früheren Bescheid zurück. Er war nicht rechtmäßig."
            return f"Rücknahme: {title}", [said]
        case DecisionKind.REVOKED:
            return f"Widerruf: {title}", ["Wir widerrufen unseren früheren Bescheid."]
    return str(words.granted_title), [str(part) for part in words.granted_text]


def first_draft(definition: FormDefinition, kind: DecisionKind) -> dict[str, str]:
    """What the editor begins with where there is no template yet: the texts of the form."""
    heading, paragraphs = built_in(definition, kind)
    return dict.fromkeys(BLOCKS, "") | {"heading": heading, "opening": "\n\n".join(paragraphs)}
