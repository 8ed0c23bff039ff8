"""Service directories of other systems into ours."""

import argparse
import json
import pathlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from portal.directory import actions, catalogue, dldb, importing
from portal.directory.actions import Tally
from portal.directory.dldb import Problem
from portal.directory.management.commands.directory_seed import WORDS

MOST_BYTES = 100 << 20
PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


class Command(BaseCommand):
    help = (
        "Übernimmt Leistungen und Dienststellen aus Dateien im DLDB-Format (.json) und aus eigenen YAML-Dateien. "
        "Alles oder nichts. Mehrmals ausführen schadet nicht."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="DATEI", type=pathlib.Path)
        parser.add_argument("--dry-run", action="store_true", help="nur zählen, nichts speichern")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")
        parser.add_argument(
            "--complete",
            action="store_true",
            help="die Dateien nennen alle Leistungen der Quelle: fehlende werden nicht mehr angeboten, nie gelöscht",
        )
        parser.add_argument(
            "--even-many", action="store_true", help="auch wenn mehr als ein Fünftel der Leistungen fehlt"
        )
        parser.add_argument("--source", default="dldb", help="Name der Quelle, zu der die Kennungen gehören")

    def handle(self, *args: Any, files: list[pathlib.Path], **options: Any) -> None:
        source: str = options["source"]
        if not source.isprintable() or not 1 <= len(source) <= 40:
            raise CommandError("--source: Geben Sie einen Namen mit höchstens 40 Zeichen ein.")
        found, own = dldb.Directory(), []
        for path in files:
            text = _read(path)
            try:
                if path.suffix.lower() in (".yaml", ".yml"):
                    own.append(catalogue.parse(text))
                else:
                    dldb.parse(text, found)
            except catalogue.CatalogueError as error:
                raise CommandError(f"{path}: {error}") from None
        outcome = _apply(own, found, source, options)
        self.stdout.write((_as_json if options["json"] else _as_text)(outcome, found.problems, options["dry_run"]))


def _read(path: pathlib.Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CommandError(f"{path}: Die Datei ist größer als {MOST_BYTES >> 20} MB. Teilen Sie sie auf.")
        raw = path.read_bytes()
    except FileNotFoundError:
        raise CommandError(f"Die Datei {path} gibt es nicht. Prüfen Sie den Pfad.") from None
    except OSError:
        raise CommandError(f"Die Datei {path} ist nicht lesbar. Prüfen Sie die Rechte.") from None
    if raw.startswith(PACKED):  # unpacked nowhere: a few bytes can hold terabytes
        raise CommandError(f"{path}: Die Datei ist gepackt. Entpacken Sie sie zuerst.")
    if not raw.strip():
        raise CommandError(f"{path}: Die Datei ist leer. Laden Sie sie noch einmal herunter.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise CommandError(f"{path}, Zeile {line}: Das ist kein UTF-8. Speichern Sie die Datei als UTF-8.") from None


def _apply(
    own: Sequence[catalogue.Catalogue], found: dldb.Directory, source: str, options: dict[str, Any]
) -> importing.Outcome:
    wishes = {name: options[name] for name in ("complete", "even_many")}
    try:
        with transaction.atomic():
            tallies = actions.seed(own)
            brought = importing.import_directory(found, source=source, fallback=settings.CITY["name"], **wishes)
            if options["dry_run"]:
                transaction.set_rollback(True)
    except catalogue.CatalogueError as error:
        raise CommandError(str(error)) from None
    both = {kind: tally.plus(brought.tallies.get(kind, Tally())) for kind, tally in tallies.items()}
    return importing.Outcome(both, brought.retired)


def _total(tallies: dict[str, Tally]) -> Tally:
    total = Tally()
    for tally in tallies.values():
        total = total.plus(tally)
    return total


def _as_json(outcome: importing.Outcome, problems: list[Problem], dry_run: bool) -> str:
    """The totals on top, then each kind, then every problem."""
    tallies = outcome.tallies
    return json.dumps(
        {
            "dry_run": dry_run,
            **asdict(_total(tallies)),
            "problems": len(problems),
            "retired": [{"id": row.reference, "name": row.title} for row in outcome.retired],
            **{kind: asdict(tally) for kind, tally in tallies.items()},
            "problem_list": [asdict(problem) for problem in problems],
        },
        ensure_ascii=False,
    )


def _as_text(outcome: importing.Outcome, problems: list[Problem], dry_run: bool) -> str:
    lines = [
        f"{WORDS[kind]}: {tally.created} neu, {tally.updated} geändert, {tally.unchanged} unverändert"
        for kind, tally in outcome.tallies.items()
        if any(asdict(tally).values())
    ]
    lines += [f"Nicht mehr angeboten: {row.title} ({row.reference})" for row in outcome.retired]
    lines.append(f"Probleme: {len(problems)}")
    lines += [f"  {problem.where}: {problem.text}" for problem in problems]
    return "\n".join([*lines, *(["Probelauf: nichts gespeichert."] if dry_run else [])])
