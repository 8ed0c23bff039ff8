"""What a search finds, for editors and for measuring."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand

from portal.directory import search


class Command(BaseCommand):
    help = "Sucht öffentliche Leistungen wie die Suchseite und sagt, warum sie passen."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("text", metavar="SUCHE")
        parser.add_argument("--limit", type=int, default=10, help="höchstens so viele Treffer")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")

    def handle(self, *args: Any, text: str, limit: int, json: bool, **options: Any) -> None:
        hits = search.search(text, limit=max(1, min(limit, search.LIMIT))).hits
        self.stdout.write((_as_json if json else _as_text)(hits))


def _as_json(hits: list[search.Hit]) -> str:
    return json.dumps(
        [
            {
                "rank": rank,
                "id": hit.service.reference,
                "slug": hit.service.slug,
                "name": hit.service.title,
                "why": hit.why,
                "score": round(hit.score, 3),
            }
            for rank, hit in enumerate(hits, start=1)
        ],
        ensure_ascii=False,
    )


def _as_text(hits: list[search.Hit]) -> str:
    lines = [f"{rank}. {hit.service.title} ({hit.service.reference}): {hit.why}" for rank, hit in enumerate(hits, 1)]
    return "\n".join(lines) or "Nichts gefunden. Versuchen Sie ein anderes Wort."
