"""What a decision says about legal remedies (Rechtsbehelfsbelehrung, § 58 VwGO), by rule. Pure.

The kind of the decision settles most of it. A certificate regulates nothing (Art. 35 BayVwVfG): none. A refusal, a
partial grant, a fee notice, an end, and a grant that burdens need the whole instruction: without one the time to appeal
is a year (§ 58 (2) VwGO). For a grant without any burden the form decides (`remedy_for_grants`).

The text follows the legal area. In Bavaria an objection (Widerspruch) is there only in the areas of Art. 12 (1) AGVwGO,
and only beside the action; everywhere else the action is the one remedy (Art. 12 (2) AGVwGO).
"""

from collections.abc import Mapping
from typing import Any

from forms_engine.definitions.language.form import FormDefinition

FAVOURABLE = "granted"  # the one kind that may go without
CERTIFICATE = "certificate"
COURT = "Bayerischen Verwaltungsgericht München, Bayerstraße 30, 80335 München"
# Art. 12 (1) sentence 1 AGVwGO, by its numbers.
AREAS: dict[str, str] = {
    "municipal_charges": "Kommunalabgaben (Nr. 1)",
    "agriculture": "Landwirtschaft, Forst und Jagd (Nr. 2)",
    "school": "Schule und Schülerbeförderung (Nr. 3)",
    "social": "Ausbildungsförderung, Heime, Kinder- und Jugendhilfe, Schwerbehinderung, Wohngeld, Rundfunk (Nr. 4)",
    "civil_servants": "Beamtinnen und Beamte (Nr. 5)",
    "examinations": "Prüfungsentscheidungen (Nr. 6)",
}


def usual(definition: FormDefinition, city: str) -> str:
    """The instruction where the form writes none of its own. `city`: the name of the authority's body."""
    decision = definition.decision
    begin = "Gegen diesen Bescheid können Sie innerhalb eines Monats nach seiner Bekanntgabe"
    if decision is None or decision.remedy_area is None:
        return f"{begin} Klage erheben. Die Klage ist beim {COURT}, einzureichen."
    return (
        f"{begin} Widerspruch einlegen oder unmittelbar Klage erheben. Der Widerspruch ist hier einzulegen: {city}, "
        f"{definition.department}. Die Klage ist beim {COURT}, zu erheben."
    )


def text(definition: FormDefinition, city: str, *, kind: str, burdens: bool, seen: Mapping[str, Any]) -> str:
    """The instruction under a decision of this kind, "" for none. `burdens`: whether a grant does so, by a fee, a
    condition or a shorter term. `seen`: Evaluation.seen of the answers; what they leave open is instructed."""
    decision = definition.decision
    if decision is None or kind == CERTIFICATE:
        return ""
    if kind == FAVOURABLE and not burdens and not _under_grants(definition, seen):
        return ""
    return str(decision.remedy or usual(definition, city))


def _under_grants(definition: FormDefinition, seen: Mapping[str, Any]) -> bool:
    wanted = definition.decision.remedy_for_grants if definition.decision else True
    rule = definition.program.remedy_for_grants
    return rule.value(seen) is not False if rule else wanted is not False
