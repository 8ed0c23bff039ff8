"""Offices and services from YAML files into the directory."""

import argparse
import json
import pathlib
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.directory import actions, catalogue

WORDS = {
    "organisations": "Referate",
    "offices": "Dienststellen",
    "topics": "Themen",
    "life_events": "Lebenslagen",
    "services": "Leistungen",
    "synonyms": "Synonyme",
}


class Command(BaseCommand):
    help = "Bringt Referate, Dienststellen und Leistungen auf den Stand der Dateien. Mehrmals ausführen schadet nicht."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", metavar="DATEI", type=pathlib.Path, help="ohne Angabe: die eigenen")
        parser.add_argument("--dry-run", action="store_true", help="nur zählen, nichts speichern")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")

    def handle(self, *args: Any, files: list[pathlib.Path], dry_run: bool, json: bool, **options: Any) -> None:
        try:
            tallies = actions.seed([_parse(path) for path in files or actions.own_files()], dry_run=dry_run)
        except catalogue.CatalogueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(_as_json(tallies, dry_run) if json else _as_text(tallies, dry_run))


def _parse(path: pathlib.Path) -> catalogue.Catalogue:
    try:
        return catalogue.parse(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CommandError(f"Die Datei {path} gibt es nicht. Prüfen Sie den Pfad.") from None
    except (OSError, UnicodeDecodeError):
        raise CommandError(f"Die Datei {path} ist nicht lesbar. Prüfen Sie Rechte und Kodierung (UTF-8).") from None
    except catalogue.CatalogueError as error:
        raise CommandError(f"{path}: {error}") from None


def _as_json(tallies: dict[str, actions.Tally], dry_run: bool) -> str:
    return json.dumps({"dry_run": dry_run, **{kind: asdict(tally) for kind, tally in tallies.items()}})


def _as_text(tallies: dict[str, actions.Tally], dry_run: bool) -> str:
    lines = [
        f"{WORDS[kind]}: {tally.created} neu, {tally.updated} geändert, {tally.unchanged} unverändert"
        for kind, tally in tallies.items()
    ]
    return "\n".join([*lines, *(["Probelauf: nichts gespeichert."] if dry_run else [])])
