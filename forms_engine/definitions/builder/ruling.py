"""What the rules of the casework say, and what they would do with each of the stored test data."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from forms_engine.definitions import access, automation, queries, replay
from forms_engine.definitions.builder.frame import authors, page
from forms_engine.definitions.evaluate import evaluate
from forms_engine.definitions.language.form import Rule
from forms_engine.definitions.models import Form, FormVersion
from portal.accounts.access import citizen


@authors
@require_GET
def rules(request: HttpRequest, form: str) -> HttpResponse:
    """Read only: rules are written in the draft, in its section "bearbeitung"."""
    found = access.form_for(citizen(request), form)
    version = queries.in_work(found) or found.versions.order_by("-number").first()
    context: dict[str, Any] = {"form_row": found, "version": version} | (_shown(found, version) if version else {})
    return page(request, "rules", f"Regeln: {found.title}", **context)


def _shown(form: Form, version: FormVersion) -> dict[str, Any]:
    definition, tried = version.definition, []
    for row in form.replay_cases.all():
        case = replay.from_json(row.content)
        ruling = automation.judge(definition, evaluate(definition, case.answers, today=case.today))
        tried.append({"name": row.name, "ruling": ruling})
    return {
        "rules": [(rule, list(effects(rule))) for rule in definition.casework.rules],
        "points": definition.decision.checklist if definition.decision else (),
        "tried": tried,
    }


def effects(rule: Rule) -> Iterator[str]:
    """What a rule does, in sentences."""
    if rule.task:
        yield f"Aufgabe für das Team, fällig nach {_days(rule.task.days)}: {rule.task.title}"
    if rule.deadline:
        yield f"Interne Frist nach {_days(rule.deadline.days)}: {rule.deadline.reason}"
    if rule.route:
        yield f"Weiter an {rule.route.team or rule.route.office}"
    if rule.grant:
        law = f" nach {rule.grant.legal_basis}" if rule.grant.legal_basis else ""
        yield f"Automatisch bewilligen{law}, wenn die ganze Prüfliste erfüllt ist"
        yield f"Stichprobe: {rule.grant.sample} von 100 Vorgängen entscheidet ein Mensch"


def _days(count: int) -> str:
    return "einem Tag" if count == 1 else f"{count} Tagen"
