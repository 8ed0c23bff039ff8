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


class Command(BaseCommand):
    help = (
        "Übernimmt Leistungen und Dienststellen aus Dateien im DLDB-Format (.json) und aus eigenen YAML-Dateien. "
        "Alles oder nichts. Mehrmals ausführen schadet nicht."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="DATEI", type=pathlib.Path)
        parser.add_argument("--dry-run", action="store_true", help="nur zählen, nichts speichern")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")
        parser.add_argument("--source", default="dldb", help="Name der Quelle, zu der die Kennungen gehören")

    def handle(
        self, *args: Any, files: list[pathlib.Path], dry_run: bool, json: bool, source: str, **options: Any
    ) -> None:
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
        tallies = _apply(own, found, source, dry_run)
        self.stdout.write((_as_json if json else _as_text)(tallies, found.problems, dry_run))


def _read(path: pathlib.Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise CommandError(f"Die Datei {path} gibt es nicht. Prüfen Sie den Pfad.") from None
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"Die Datei {path} ist nicht lesbar. Prüfen Sie Rechte und Kodierung (UTF-8).") from None


def _apply(own: Sequence[catalogue.Catalogue], found: dldb.Directory, source: str, dry_run: bool) -> dict[str, Tally]:
    try:
        with transaction.atomic():
            tallies = actions.seed(own)
            brought = importing.import_directory(found, source=source, fallback=settings.CITY["name"])
            if dry_run:
                transaction.set_rollback(True)
    except catalogue.CatalogueError as error:
        raise CommandError(str(error)) from None
    return {kind: tally.plus(brought.get(kind, Tally())) for kind, tally in tallies.items()}


def _total(tallies: dict[str, Tally]) -> Tally:
    total = Tally()
    for tally in tallies.values():
        total = total.plus(tally)
    return total


def _as_json(tallies: dict[str, Tally], problems: list[Problem], dry_run: bool) -> str:
    """The totals on top, then each kind, then every problem."""
    return json.dumps(
        {
            "dry_run": dry_run,
            **asdict(_total(tallies)),
            "problems": len(problems),
            **{kind: asdict(tally) for kind, tally in tallies.items()},
            "problem_list": [asdict(problem) for problem in problems],
        },
        ensure_ascii=False,
    )


def _as_text(tallies: dict[str, Tally], problems: list[Problem], dry_run: bool) -> str:
    lines = [
        f"{WORDS[kind]}: {tally.created} neu, {tally.updated} geändert, {tally.unchanged} unverändert"
        for kind, tally in tallies.items()
        if any(asdict(tally).values())
    ]
    lines.append(f"Probleme: {len(problems)}")
    lines += [f"  {problem.where}: {problem.text}" for problem in problems]
    return "\n".join([*lines, *(["Probelauf: nichts gespeichert."] if dry_run else [])])
