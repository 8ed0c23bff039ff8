"""Which rules of the casework hold for some answers, and which points of the checklist they show. Pure."""

from dataclasses import dataclass

from forms_engine.definitions.evaluate import Evaluation
from forms_engine.definitions.expressions import Expression
from forms_engine.definitions.language.form import FormDefinition, Rule


@dataclass(frozen=True)
class Ruling:
    """`passes`: point of the checklist -> whether the answers show it; None where they leave it open."""

    held: tuple[Rule, ...]
    passes: dict[str, bool | None]

    @property
    def all_pass(self) -> bool:
        return bool(self.passes) and all(self.passes.values())

    @property
    def grant(self) -> Rule | None:
        """The first rule that grants, if every point passes."""
        return next((rule for rule in self.held if rule.grant), None) if self.all_pass else None


def judge(definition: FormDefinition, found: Evaluation) -> Ruling:
    """`found`: what evaluate() made of the answers. What is unknown does not hold."""
    program = definition.program
    held = tuple(r for r in definition.casework.rules if program.rules[r.key].value(found.seen) is True)
    points = definition.decision.checklist if definition.decision else ()
    return Ruling(held, {point.key: _shown(program.passes.get(point.key), found) for point in points})


def _shown(rule: Expression | None, found: Evaluation) -> bool | None:
    value = rule.value(found.seen) if rule else None
    return value if isinstance(value, bool) else None
