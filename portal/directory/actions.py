"""Bring the directory to the state of a seed file."""

import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from django.db import connection, models, transaction

from portal.audit.actions import record
from portal.directory import catalogue as catalogues
from portal.directory.catalogue import Catalogue, CatalogueError, OfficeRow, ServiceRow
from portal.directory.models import Office, OpeningHours, Organisation, Service

DATA = pathlib.Path(__file__).with_name("data")
_SEED_LOCK = 0x64697265  # advisory lock: two seeds at once would meet in the unique keys
_Row = TypeVar("_Row", bound=models.Model)


@dataclass
class Tally:
    """How many rows of one kind a seed created, updated, or found as they should be."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def count(self, created: bool, changed: bool) -> None:
        if created:
            self.created += 1
        elif changed:
            self.updated += 1
        else:
            self.unchanged += 1


def seed_munich() -> dict[str, Tally]:
    """Seed the offices that the project brings along (data/*.yaml). Idempotent."""
    return seed([catalogues.parse(path.read_text("utf-8")) for path in own_files()])


def own_files() -> list[pathlib.Path]:
    return sorted(DATA.glob("*.yaml"))


def seed(files: Sequence[Catalogue], *, dry_run: bool = False) -> dict[str, Tally]:
    """Create and update what the files name; a file wins over edits of the same fields. Removes no row.

    All or nothing. Closures are left alone: they belong to the editors. Raises CatalogueError for a reference to a
    department or office that neither a file nor the database knows.
    """
    tallies = {kind: Tally() for kind in ("organisations", "offices", "services")}
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_SEED_LOCK])
        for catalogue in files:
            for organisation in catalogue.organisations:
                _, *outcome = _put(Organisation, {"short": organisation.short}, {"name": organisation.name})
                tallies["organisations"].count(*outcome)
            for office in catalogue.offices:
                tallies["offices"].count(*_put_office(office))
            for service in catalogue.services:
                tallies["services"].count(*_put_service(service))
        if any(tally.created or tally.updated for tally in tallies.values()):
            counts = {f"{kind}_{word}": n for kind, tally in tallies.items() for word, n in asdict(tally).items()}
            record("directory.seeded", "directory", "system:directory", **counts)
        if dry_run:
            transaction.set_rollback(True)
    return tallies


def _put(model: type[_Row], key: Mapping[str, Any], fields: Mapping[str, Any]) -> tuple[_Row, bool, bool]:
    """Create the row or update the fields that differ -> (row, created, changed)."""
    row, created = model._default_manager.get_or_create(**key, defaults=dict(fields))
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, fields[name])
    if changed:
        row.save(update_fields=changed)
    return row, created, bool(changed)


def _put_office(row: OfficeRow) -> tuple[bool, bool]:
    fields = row.model_dump(exclude={"slug", "organisation", "hours"})
    fields["organisation"] = _organisation(row.organisation, row.slug)
    office, created, changed = _put(Office, {"slug": row.slug}, fields)
    wanted = row.stretches()
    if list(office.hours.order_by("weekday", "opens").values_list("weekday", "opens", "closes")) != wanted:
        office.hours.all().delete()
        OpeningHours.objects.bulk_create(
            [OpeningHours(office=office, weekday=day, opens=opens, closes=closes) for day, opens, closes in wanted]
        )
        changed = True
    return created, changed


def _put_service(row: ServiceRow) -> tuple[bool, bool]:
    fields = row.model_dump(exclude={"slug", "organisation", "offices"})
    fields["organisation"] = _organisation(row.organisation, row.slug)
    service, created, changed = _put(Service, {"slug": row.slug}, fields)
    offices = set(Office.objects.filter(slug__in=row.offices))
    if missing := set(row.offices) - {office.slug for office in offices}:
        raise CatalogueError(f"{row.slug}, offices: Die Dienststelle {min(missing)} ist unbekannt. Legen Sie sie an.")
    if set(service.offices.all()) != offices:
        service.offices.set(offices)
        changed = True
    return created, changed


def _organisation(short: str, where: str) -> Organisation:
    found = Organisation.objects.filter(short=short).first()
    if found is None:
        raise CatalogueError(f"{where}, organisation: Das Referat {short} ist unbekannt. Legen Sie es an.")
    return found
