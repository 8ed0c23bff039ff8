"""What the automatic answer says, for editors and for measuring."""

import argparse
import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import reverse

from forms_engine.definitions.queries import published_slugs
from portal.directory.models import Service
from portal.home import assistant
from portal.home.assistant import Answer, Outcome

LABEL = "Automatische Auskunft, keine KI-Texte"
HAND_OVER = ("Behördennummer 115", "Kontakt", "Termin")


class Command(BaseCommand):
    help = "Beantwortet eine Frage mit Sätzen aus dem Leistungsverzeichnis, Wort für Wort."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("question", metavar="FRAGE")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")

    def handle(self, *args: Any, question: str, json: bool, **options: Any) -> None:
        answer = assistant.ask(question, forms=published_slugs())
        self.stdout.write((_as_json if json else _as_text)(answer))


def _service(service: Service) -> dict[str, object]:
    return {
        "id": service.reference,
        "slug": service.slug,
        "name": service.title,
        "url": settings.PUBLIC_URL + reverse("home:service", args=[service.slug]),
        "checked_on": service.checked_on.isoformat() if service.checked_on else None,
    }


def _as_json(answer: Answer) -> str:
    found = answer.quote
    return json.dumps(
        {
            "label": LABEL,
            "question": answer.question,
            "outcome": answer.outcome,
            "found": answer.outcome != Outcome.NOT_FOUND,
            "field": answer.field,
            "service": _service(found.service) if found else None,
            "sentences": list(found.lines) if found else [],
            "complete": found.complete if found else False,
            "choices": [_service(service) for service in answer.choices],
            "offices": [office.name for office in answer.offices],
            "hand_over": [] if found else list(HAND_OVER),
        },
        ensure_ascii=False,
    )


def _as_text(answer: Answer) -> str:
    lines = [LABEL]
    if answer.quote:
        lines += [f"{answer.quote.service.title}: {answer.quote.heading}", *answer.quote.lines]
        lines.append(f"Quelle: {_service(answer.quote.service)['url']}")
    elif answer.choices or answer.offices:
        lines += ["Meinen Sie:", *(f"- {one}" for one in (*answer.choices, *answer.offices))]
    else:
        lines += ["Dazu haben wir nichts gefunden. Rufen Sie die Behördennummer 115 an."]
    return "\n".join(lines)
