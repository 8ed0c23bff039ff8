"""Bring the directory to the state of DLDB files: all or nothing, as often as one likes, addresses stay stable.

A row is known by (source, source_id). Its slug is made once and never changes. Rows marked `kept` belong to this
house's editors and are left as they are. Nothing is deleted: cases and appointments may point at it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.db import transaction

from portal.common import clock
from portal.directory import actions, membership, search_index
from portal.directory.actions import Tally
from portal.directory.catalogue import CatalogueError
from portal.directory.dldb import Directory, OfficeRecord, Problem, ServiceRecord
from portal.directory.models import Office, Organisation, Service
from portal.directory.words import fold

SHARE, FEW = 0.2, 10  # a delivery that lacks more than this share, and more than a few, is taken for a broken one


@dataclass
class Outcome:
    tallies: dict[str, Tally]
    retired: list[Service]


def import_directory(
    found: Directory, *, source: str = "dldb", fallback: str, complete: bool = False, even_many: bool = False
) -> Outcome:
    """One transaction (joins the caller's). `fallback` names the department where a record names none.

    `complete`: services of this source that the delivery lacks are retired; raises CatalogueError when it lacks so many
    that it is more likely broken, unless `even_many`. One that comes back is offered again, under the same address.
    Appends to found.problems what points at nothing.
    """
    retired: list[Service] = []
    tallies = {kind: Tally() for kind in ("organisations", "offices", "services")}
    with transaction.atomic():
        actions.lock()
        organisations = _Organisations(tallies["organisations"], fallback)
        offices = _offices(found, source, organisations, tallies["offices"])
        services = _services(found, source, organisations, offices, tallies["services"])
        _point_back(found, services)
        if complete:
            retired = _retire(found, services, tallies["services"], even_many=even_many)
        actions.tell(tallies, source=source)
    return Outcome(tallies, retired)


def _retire(found: Directory, known: dict[str, Service], tally: Tally, *, even_many: bool) -> list[Service]:
    """Rows stay: cases, appointments and bookmarks point at them. What editors keep is theirs to retire."""
    offered = [row for row in known.values() if row.retired_on is None and not row.kept]
    gone = [row for row in offered if row.source_id not in found.services]
    if len(gone) > max(FEW, SHARE * len(offered)) and not even_many:
        raise CatalogueError(
            f"Der Lieferung fehlen {len(gone)} von {len(offered)} Leistungen. Prüfen Sie, ob sie vollständig ist. "
            "Sind es wirklich so viele, geben Sie --even-many an."
        )
    for service in gone:
        service.retired_on = clock.today()
        service.save(update_fields=["retired_on"])
    search_index.refresh(gone)
    tally.updated += len(gone)
    return gone


class _Organisations:
    """Finds departments by name, makes missing ones once."""

    def __init__(self, tally: Tally, fallback: str):
        self.known = {row.name: row for row in Organisation.objects.all()}
        self.tally, self.fallback = tally, fallback

    def named(self, name: str) -> Organisation:
        name = name or self.fallback
        if name not in self.known:
            self.known[name] = Organisation.objects.create(name=name, short=self._short(name))
            self.tally.created += 1
        return self.known[name]

    def _short(self, name: str) -> str:
        """Initials of the capitalised words, e.g. RSB; numbered when taken."""
        initials = "".join(word[0] for word in re.findall(r"[A-ZÄÖÜ]\w+", name))[:6] or "AMT"
        taken = {row.short for row in self.known.values()}
        wanted = (initials if n == 1 else f"{initials}{n}" for n in range(1, len(taken) + 3))
        return next(short for short in wanted if len(short) > 1 and short not in taken)


def _slug(text: str, key: str, taken: set[str]) -> str:
    """ "Gewerbe-Anmeldung" -> gewerbe-anmeldung, or gewerbe-anmeldung-1063423 when another row has that already."""
    base = re.sub(r"[^a-z0-9]+", "-", fold(text)[0]).strip("-")[:60].strip("-") or "eintrag"
    tail = re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-")[:18] or "x"
    wanted = (base, f"{base}-{tail}", *(f"{base}-{tail[:12]}-{n}" for n in range(2, len(taken) + 3)))
    slug = next(one for one in wanted if one not in taken)
    taken.add(slug)
    return slug


def _offices(found: Directory, source: str, organisations: _Organisations, tally: Tally) -> dict[str, Office]:
    known = {row.source_id: row for row in Office.objects.filter(source=source).exclude(source_id="")}
    taken = set(Office.objects.values_list("slug", flat=True))
    for key, record in found.offices.items():
        office = known.get(key)
        if office is None:
            office = Office(source=source, source_id=key, slug=_slug(record.name, key, taken))
            known[key] = office
        _bring(office, _office_fields(record, organisations), tally)
    return known


def _office_fields(record: OfficeRecord, organisations: _Organisations) -> dict[str, Any]:
    names = ("name", "street", "postcode", "place", "phone", "latitude", "longitude", "public")
    return {name: getattr(record, name) for name in names} | {"organisation": organisations.named(record.unit)}


def _services(
    found: Directory,
    source: str,
    organisations: _Organisations,
    offices: dict[str, Office],
    tally: Tally,
) -> dict[str, Service]:
    known = {row.source_id: row for row in Service.objects.filter(source=source).exclude(source_id="")}
    taken = set(Service.objects.values_list("slug", flat=True))
    created, changed = [], []
    for key, record in found.services.items():
        service = known.get(key)
        if service is None:
            service = Service(source=source, source_id=key, slug=_slug(record.title, key, taken))
            known[key] = service
            created.append(service)
        if _bring(service, _service_fields(record, organisations, offices), tally):
            changed.append(service)
    moved = _point(found, known, offices)
    tally.updated += len(moved - {service.pk for service in changed})
    tally.unchanged -= len(moved - {service.pk for service in changed})
    search_index.refresh(changed)
    membership.admit(created)
    return known


def _service_fields(record: ServiceRecord, organisations: _Organisations, offices: dict[str, Office]) -> dict[str, Any]:
    first = next((offices[key] for key in record.offices if key in offices), None)
    return {
        "title": record.title,
        "leika": next(iter(record.leika), ""),
        "further_leika": list(record.leika[1:]),
        "description": record.description,
        "fee": record.fee,
        "keywords": record.keywords,
        "links": [{"name": name, "url": url} for name, url in record.links],
        "organisation": first.organisation if first else organisations.named(record.unit),
        "appointment_url": record.appointment_url,
        "appointment_minutes": record.minutes,
        "appointment_max": record.most,
        "checked_on": record.checked_on,
        "public": record.public,
        "retired_on": None,
    }


def _bring(row: Office | Service, fields: dict[str, Any], tally: Tally) -> bool:
    """Save what differs. Says whether something did."""
    if row.pk is None:
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        tally.created += 1
        return True
    different = [] if row.kept else [name for name, value in fields.items() if getattr(row, name) != value]
    for name in different:
        setattr(row, name, fields[name])
    if different:
        row.save(update_fields=different)
    tally.count(created=False, changed=bool(different))
    return bool(different)


def _point(found: Directory, services: dict[str, Service], offices: dict[str, Office]) -> set[int]:
    """Set offices and partners of an appointment. Returns the services that changed by it."""
    moved: set[int] = set()
    links = (
        (cast(Any, Service.offices.through), "office_id", "offices", offices, "Die Dienststelle"),
        (cast(Any, Service.combinable.through), "to_service_id", "combinable", services, "Die Leistung"),
    )
    for through, target, attribute, known, what in links:
        owner = "service_id" if target == "office_id" else "from_service_id"
        ours = {services[key].pk: key for key in found.services if not services[key].kept}
        rows = through._default_manager.filter(**{f"{owner}__in": ours}).values_list(owner, target)
        present: set[tuple[int, int]] = set(rows)
        wanted: set[tuple[int, int]] = set()
        for pk, key in ours.items():
            named = getattr(found.services[key], attribute)
            wanted |= {(pk, known[other].pk) for other in named if other in known}
            found.problems.extend(_dangling(f"Leistung {key}", what, [other for other in named if other not in known]))
        _drop(through, owner, target, present - wanted)
        through._default_manager.bulk_create(
            [through(**{owner: pk, target: other}) for pk, other in sorted(wanted - present)]
        )
        moved |= {pk for pk, _ in wanted ^ present}
    return moved


def _drop(through: Any, owner: str, target: str, pairs: Iterable[tuple[int, int]]) -> None:
    for pk, other in pairs:
        through._default_manager.filter(**{owner: pk, target: other}).delete()


def _dangling(where: str, what: str, ids: Sequence[str]) -> list[Problem]:
    return [Problem(where, f"{what} {key} ist unbekannt. Der Verweis wurde ausgelassen.") for key in ids]


def _point_back(found: Directory, services: dict[str, Service]) -> None:
    """Offices name services, too; here only what points at nothing is told."""
    for key, office in found.offices.items():
        missing = [other for other in office.services if other not in services]
        found.problems.extend(_dangling(f"Dienststelle {key}", "Die Leistung", missing))
