"""Who looked at a person's data: the person's own log, out of the audit record that nobody can change."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forms_engine.cases.models import Case
from forms_engine.cases.queries import for_party
from portal.accounts.models import User
from portal.audit.models import AuditEntry
from portal.common import clock

PAGE = 50
CITY, STRANGER, OPERATION = _("Sachbearbeitung"), _("ohne Anmeldung, mit Ihrem Statuscode"), _("Betrieb des Portals")
# Word of the record -> what it was, and why.
READS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "case.read": (_("Vorgang angesehen"), _("Bearbeitung Ihres Antrags")),
    "case.file_read": (_("Unterlage geöffnet"), _("Bearbeitung Ihres Antrags")),
    "case.paper_read": (_("Schriftstück geöffnet"), _("Bearbeitung Ihres Antrags")),
    "case.facts_read": (_("Daten des Vorgangs angesehen, ohne Inhalt"), _("Betrieb und Aufsicht")),
    "case.status_read": (_("Stand mit dem Statuscode abgefragt"), _("Auskunft über den Stand")),
    "case.agent_read": (_("Vorgang angesehen"), _("Vertretung")),
    "case.agent_read_post": (_("Nachricht geöffnet"), _("Vertretung")),
    "receivable.read": (_("Zahlung angesehen"), _("Klären von Zahlungen")),
    "profile.filled_in": (_("Angaben aus dem Profil in ein Formular übernommen"), _("Ausfüllen eines Antrags")),
    "register.asked": (_("Angaben aus einem Register abgerufen"), _("Mit Ihrer Zustimmung, für einen Antrag")),
    "account.exported": (_("Alle Daten heruntergeladen"), _("Auskunft nach Artikel 15 DSGVO")),
}


@dataclass(frozen=True)
class Reading:
    """One look. Of clerks the person learns the office; the house knows the name."""

    at: dt.datetime
    who: str | Promise
    what: str | Promise
    why: str | Promise
    title: str = ""
    number: str = ""


@dataclass(frozen=True)
class ReadingsPage:
    readings: tuple[Reading, ...]
    older: int | None  # the key of the next page


def page(user: User, before: int | None = None) -> ReadingsPage:
    """The looks at a person's data, newest first, from the key on. Several of one kind on one day count once."""
    cases = {f"case:{case.public_id}": case for case in for_party(user)}
    rows = AuditEntry.objects.filter(subject__in=[*cases, f"user:{user.public_id}"], action__in=READS)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    entries = list(rows.order_by("-id")[: PAGE + 1])
    names = _names(entries)
    seen: dict[tuple[dt.date, str, str, str], Reading] = {}
    for entry in entries[:PAGE]:
        key = (clock.local(entry.at).date(), entry.actor, entry.subject, entry.action)
        seen.setdefault(key, _reading(entry, user, cases.get(entry.subject), names))
    return ReadingsPage(tuple(seen.values()), entries[PAGE - 1].pk if len(entries) > PAGE else None)


def everything(user: User) -> list[Reading]:
    """All pages, for the archive that a person takes away."""
    part = page(user)
    found = list(part.readings)
    while part.older is not None:
        part = page(user, part.older)
        found += part.readings
    return found


def _names(entries: list[AuditEntry]) -> dict[str, str]:
    """Public id -> name of those who acted for the person; clerks stay an office."""
    agents = {e.actor for e in entries if e.action.startswith("case.agent") or e.action == "profile.filled_in"}
    return {str(u.public_id): str(u) for u in User.objects.filter(public_id__in=agents)} if agents else {}


def _reading(entry: AuditEntry, user: User, case: Case | None, names: Mapping[str, str]) -> Reading:
    what, why = READS[entry.action]
    title, number = (case.title, case.number) if case else ("", "")
    return Reading(entry.at, _who(entry, user, case, names), what, why, title, number)


def _who(entry: AuditEntry, user: User, case: Case | None, names: Mapping[str, str]) -> str | Promise:
    if entry.actor == str(user.public_id):
        return _("Sie selbst")
    if entry.actor in names:
        return names[entry.actor]
    if entry.actor.startswith("public:"):
        return STRANGER
    if entry.actor.startswith("system:"):
        return OPERATION
    office = str(case.submission.form_version.definition.department) if case else ""
    return office or CITY
