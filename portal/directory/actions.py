"""Bring the directory to the state of a seed file."""

import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from django.db import connection, models, transaction

from portal.audit.actions import record
from portal.directory import catalogue as catalogues
from portal.directory import membership, search_index
from portal.directory.catalogue import Catalogue, CatalogueError, CollectionRow, OfficeRow, ServiceRow
from portal.directory.masking import mask
from portal.directory.models import LifeEvent, Office, OpeningHours, Opinion, Organisation, Service, Synonym, Topic

DATA = pathlib.Path(__file__).with_name("data")
_SEED_LOCK = 0x64697265  # advisory lock: two seeds at once would meet in the unique keys
KINDS = ("organisations", "offices", "topics", "life_events", "services", "synonyms")
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

    def plus(self, other: "Tally") -> "Tally":
        return Tally(self.created + other.created, self.updated + other.updated, self.unchanged + other.unchanged)


def seed_munich() -> dict[str, Tally]:
    """Seed the offices that the project brings along (data/*.yaml). Idempotent."""
    return seed([catalogues.parse(path.read_text("utf-8")) for path in own_files()])


def own_files() -> list[pathlib.Path]:
    return sorted(DATA.glob("*.yaml"))


def note_opinion(service: Service, *, helpful: bool) -> Opinion:
    return Opinion.objects.create(service=service, helpful=helpful)


def add_sentence(opinion: Opinion, text: str) -> bool:
    """Without mail addresses, numbers and names that can be told. False if there is a sentence already."""
    sentence = mask(text, longest=300)
    return bool(Opinion.objects.filter(pk=opinion.pk, sentence="").update(sentence=sentence))


def lock() -> None:
    """One writer of the whole directory at a time; held until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_SEED_LOCK])


def tell(tallies: Mapping[str, Tally], **facts: str) -> None:
    """One audit entry for a run that changed something."""
    if any(tally.created or tally.updated for tally in tallies.values()):
        counts = {f"{kind}_{word}": n for kind, tally in tallies.items() for word, n in asdict(tally).items()}
        record("directory.seeded", "directory", "system:directory", **counts, **facts)


def seed(files: Sequence[Catalogue], *, dry_run: bool = False) -> dict[str, Tally]:
    """Create and update what the files name; a file wins over edits of the same fields. Removes no row.

    All or nothing. Closures are left alone: they belong to the editors. Raises CatalogueError for a reference to a
    department or office that neither a file nor the database knows.
    """
    tallies = {kind: Tally() for kind in KINDS}
    with transaction.atomic():
        lock()
        for catalogue in files:
            _seed_file(catalogue, tallies)
        tell(tallies)
        if dry_run:
            transaction.set_rollback(True)
    return tallies


def _seed_file(catalogue: Catalogue, tallies: dict[str, Tally]) -> None:
    for organisation in catalogue.organisations:
        _, *outcome = _put(Organisation, {"short": organisation.short}, {"name": organisation.name})
        tallies["organisations"].count(*outcome)
    offices = {row.slug: _put_office(row, tallies["offices"]) for row in catalogue.offices}
    for kind, model, rows in (
        ("topics", Topic, catalogue.topics),
        ("life_events", LifeEvent, catalogue.life_events),
    ):
        for collection in rows:
            _put_collection(model, collection, tallies[kind])
    changed, created = [], []
    for row in catalogue.services:
        service, is_new, has_changed = _put_service(row, offices)
        tallies["services"].count(is_new, has_changed)
        changed += [service] if is_new or has_changed else []
        created += [service] if is_new else []
    search_index.refresh(changed)
    membership.admit(created)
    for term, meaning in catalogue.synonyms.items():
        _put_synonym(term, meaning, tallies["synonyms"])


def _put(model: type[_Row], key: Mapping[str, Any], fields: Mapping[str, Any]) -> tuple[_Row, bool, bool]:
    """Create the row or update the fields that differ -> (row, created, changed)."""
    row, created = model._default_manager.get_or_create(**key, defaults=dict(fields))
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, fields[name])
    if changed:
        row.save(update_fields=changed)
    return row, created, bool(changed)


def _key(model: type[Office] | type[Service], row: OfficeRow | ServiceRow) -> dict[str, str]:
    """How the row is known: by the id of its source if one is named and known already, else by our short name."""
    known = {"source": row.source, "source_id": row.source_id}
    if row.source_id and model._default_manager.filter(**known).exists():
        return known
    return {"slug": row.slug}


def _put_office(row: OfficeRow, tally: Tally) -> Office:
    # Our own file's short name wins over one that an import has made: the rest of the house knows offices by it.
    fields = row.model_dump(exclude={"organisation", "hours"})
    fields["organisation"] = _organisation(row.organisation, row.slug)
    office, created, changed = _put(Office, _key(Office, row), fields)
    wanted = row.stretches()
    if list(office.hours.order_by("weekday", "opens").values_list("weekday", "opens", "closes")) != wanted:
        office.hours.all().delete()
        OpeningHours.objects.bulk_create(
            [OpeningHours(office=office, weekday=day, opens=opens, closes=closes) for day, opens, closes in wanted]
        )
        changed = True
    tally.count(created, changed)
    return office


def _put_service(row: ServiceRow, here: Mapping[str, Office]) -> tuple[Service, bool, bool]:
    fields = row.model_dump(exclude={"organisation", "offices"}) | {"retired_on": None}
    fields["organisation"] = _organisation(row.organisation, row.slug)
    service, created, changed = _put(Service, _key(Service, row), fields)
    known = {office.slug: office for office in Office.objects.filter(slug__in=row.offices)} | dict(here)
    if missing := set(row.offices) - set(known):
        raise CatalogueError(f"{row.slug}, offices: Die Dienststelle {min(missing)} ist unbekannt. Legen Sie sie an.")
    offices = {known[slug] for slug in row.offices}
    if set(service.offices.all()) != offices:
        service.offices.set(offices)
        changed = True
    return service, created, changed


def _put_collection(model: type[Topic] | type[LifeEvent], row: CollectionRow, tally: Tally) -> None:
    found, created, changed = _put(model, {"slug": row.slug}, row.model_dump(exclude={"slug"}))
    if created:
        membership.fill(found)
    tally.count(created, changed)


def _put_synonym(term: str, meaning: str, tally: Tally) -> None:
    before = Synonym.objects.filter(term=term).first()
    if before is None or before.meaning != meaning:
        search_index.put_synonym(term, meaning)
    tally.count(before is None, before is not None and before.meaning != meaning)


def _organisation(short: str, where: str) -> Organisation:
    found = Organisation.objects.filter(short=short).first()
    if found is None:
        raise CatalogueError(f"{where}, organisation: Das Referat {short} ist unbekannt. Legen Sie es an.")
    return found
