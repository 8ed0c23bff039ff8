"""What happened in a case, written where it happens."""

from collections.abc import Mapping

from forms_engine.cases.models import Case, CaseEvent
from portal.audit import actions as audit
from portal.common import rows
from portal.outbox import relay


def note(case: Case, what: str, actor: str, *, kept: Mapping[str, str] | None = None, **data: str | int | None) -> None:
    """One line for the timeline and one for the audit record, in the caller's transaction.

    `kept`: what only the event holds, sealed with the case's key if it is of a person.
    """
    rows.insert(CaseEvent(case=case, kind=what, actor=actor, data={**data, **(kept or {})}))
    audit.record(f"case.{what}", f"case:{case.public_id}", actor, **data)


def ready(case: Case) -> None:
    """The worker may go on with a case: make its words findable, apply its form's rules."""
    relay.publish("case.opened", case.public_id)
