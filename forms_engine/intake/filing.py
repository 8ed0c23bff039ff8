"""Verbs about one item: into a case, to a team, aside. Each is one transaction with its line in the audit record."""

import datetime as dt
from typing import Any

from django.db import transaction

from forms_engine.cases import inbound
from forms_engine.cases.models import Case, DocumentRequest
from forms_engine.intake import eeb
from forms_engine.intake.matching import Match
from forms_engine.intake.models import InboundItem, InboundItemQuerySet, SetAsideReason
from forms_engine.intake.receiving import RECORDED_AS
from forms_engine.intake.states import State, advance
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock
from portal.directory.teams.models import Team
from portal.documents import store
from portal.documents.models import StoredFile

KEPT_ASIDE = dt.timedelta(days=90)  # then nobody has missed it
BATCH = 100
ENDINGS = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/tiff": ".tif",
    "image/png": ".png",
    "message/rfc822": ".eml",
}


@transaction.atomic
def file(item: InboundItem, case: Case, *, request: DocumentRequest | None = None, by: User | None = None) -> bool:
    """Put the item into the case file. False when it is there already. Raises inbound.Disposed, IllegalTransition.

    A receipt that a court asks for becomes a task here, unless it did when this very case was proposed.
    """
    if not advance(_only(item), State.FILED, case=case, problem="", due_at=None, suggested=None, handled_by=by):
        return False
    inbound.take_in(case, _files(item), source=item.source, request=request, by=by)
    if item.suggested_id != case.pk:
        eeb.owe(item, case)
    audit.record("inbound.filed", str(item), _actor(by), case=str(case.public_id))
    return True


def _files(item: InboundItem) -> list[tuple[StoredFile, str]]:
    """The original, the words of a mail as a text of their own, and what was attached."""
    raw, facts = item.raw, item.facts
    if raw is None:
        raise ValueError("a copy without bytes is never filed")
    day = f"{clock.local(item.received_at):%d.%m.%Y}"
    word = "E-Mail" if raw.media_type == "message/rfc822" else item.get_source_display()
    name = facts.get("name") if word != "E-Mail" else ""
    files = [(raw, name or f"{word} vom {day}{ENDINGS.get(raw.media_type, '.bin')}")]
    if word == "E-Mail" and facts.get("text"):
        words = f"Von: {facts['sender']}\nBetreff: {facts['subject']}\n\n{facts['text']}\n"
        files.insert(0, (store.put(words.encode(), media_type="text/plain"), f"Nachricht vom {day}.txt"))
    return files + [(part.stored, part.name) for part in item.parts.select_related("stored").order_by("position")]


def to_triage(item: InboundItem, found: Match) -> bool:
    """A person looks at it: the team that works on the likeliest case, if there is one. In the caller's transaction."""
    note = " ".join(filter(None, [item.facts.get("note", ""), found.why]))
    facts: dict[str, Any] = {"suggested": found.case, "problem": note[:200], "due_at": None}
    if found.case is not None and (team := _team_of(found.case)) is not None:
        facts["team"] = team
    moved = advance(_only(item), State.TRIAGE, **facts)
    if moved:
        audit.record("inbound.triage", str(item), RECORDED_AS)
    if moved and found.case is not None:
        eeb.owe(item, found.case)
    return moved


def _team_of(case: Case) -> Team | None:
    teams = Team.objects.filter(is_active=True, forms__slug=case.form_slug)
    return (teams.filter(office=case.office_id) if case.office_id else teams).first()


@transaction.atomic
def set_aside(item: InboundItem, reason: SetAsideReason, *, by: User) -> bool:
    """Nothing is done with it. Its content goes after 90 days. False when it was aside already."""
    if not advance(_only(item), State.SET_ASIDE, reason=reason, handled_by=by, due_at=None, suggested=None):
        return False
    audit.record("inbound.set_aside", str(item), str(by.public_id), reason=str(reason))
    return True


@transaction.atomic
def look_again(item: InboundItem, *, by: User) -> bool:
    """Back to those that have to be looked at. False when its content has gone, or it is not aside."""
    if not advance(_only(item).filter(emptied_at=None), State.TRIAGE, reason="", handled_by=None):
        return False
    audit.record("inbound.looked_again", str(item), str(by.public_id))
    return True


@transaction.atomic
def hand_over(item: InboundItem, team: Team, *, by: User) -> bool:
    """Only this team sees it from now on. False when it has been dealt with meanwhile."""
    if not _only(item).filter(state=State.TRIAGE).update(team=team, changed_at=clock.now()):
        return False
    audit.record("inbound.handed_over", str(item), str(by.public_id), team=team.pk)
    return True


def sweep_aside() -> int:
    """Destroy the content of what has lain aside for 90 days. Returns how many."""
    old = InboundItem.objects.filter(
        state=State.SET_ASIDE, emptied_at=None, changed_at__lt=clock.now() - KEPT_ASIDE
    ).order_by("pk")
    return sum(empty(item) for item in old[:BATCH])


def empty_of_case(public_id: str) -> None:
    """A case was destroyed: what it was filed from goes with it."""
    for item in InboundItem.objects.select_related("raw").filter(case__public_id=public_id, emptied_at=None):
        empty(item)


@transaction.atomic
def empty(item: InboundItem) -> bool:
    """Forget key, words and files of an item; the row stays for the count. False when that was done before."""
    rows = InboundItem.objects.filter(pk=item.pk, emptied_at=None)
    if not rows.update(emptied_at=clock.now(), wrapped_key=None, sealed=b"", notice_due_at=None):
        return False
    if item.raw is not None:
        store.destroy(item.raw)
    for part in item.parts.select_related("stored"):
        store.destroy(part.stored)
    audit.record("inbound.emptied", str(item), RECORDED_AS)
    return True


def _only(item: InboundItem) -> InboundItemQuerySet:
    return InboundItem.objects.filter(pk=item.pk)


def _actor(by: User | None) -> str:
    return str(by.public_id) if by else RECORDED_AS
