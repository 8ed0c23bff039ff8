"""How often the search answers everyday questions, for those who tune it."""

import argparse
import json
import pathlib
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError

from portal.directory import recall


class Command(BaseCommand):
    help = (
        "Stellt der Suche die Fragen einer YAML-Datei (query, right: Kennungen) und zählt, "
        "wie oft eine richtige Leistung auf Platz 1 oder unter den ersten 5 steht."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", metavar="DATEI", type=pathlib.Path)
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON, mit jeder Frage")

    def handle(self, *args: Any, file: pathlib.Path, json: bool, **options: Any) -> None:
        try:
            questions = recall.parse(yaml.safe_load(file.read_text("utf-8")))
        except (OSError, UnicodeDecodeError):
            raise CommandError(f"Die Datei {file} ist nicht lesbar. Prüfen Sie Pfad und Kodierung (UTF-8).") from None
        except (yaml.YAMLError, ValueError):
            raise CommandError(f"{file}: Schreiben Sie eine Liste aus query und right.") from None
        self.stdout.write((_as_json if json else _as_text)(recall.measure(questions)))


def _as_json(found: recall.Recall) -> str:
    return json.dumps(
        {
            "questions": len(found.asked),
            "recall_at_1": round(found.at(1), 4),
            "recall_at_5": round(found.at(5), 4),
            "answers": [
                {"query": one.query, "right": one.right, "rank": one.rank, "found": one.found} for one in found.asked
            ],
        },
        ensure_ascii=False,
    )


def _as_text(found: recall.Recall) -> str:
    lines = [f"Fragen: {len(found.asked)}", f"Platz 1: {found.at(1):.1%}", f"Unter den ersten 5: {found.at(5):.1%}"]
    lines += [f"  nicht gefunden: {one.query}" for one in found.asked if not one.rank]
    return "\n".join(lines)
