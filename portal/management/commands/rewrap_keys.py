"""Rotation of the key-encryption key: every stored data key is wrapped anew; nothing that was sealed is touched."""

from collections import Counter
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import models

from portal.common import crypto

FIELD = "wrapped_key"


class Command(BaseCommand):
    help = "Packt alle Datenschlüssel mit dem ersten Schlüssel aus PORTAL_KEKS neu ein. Kann jederzeit erneut laufen."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="nur zählen, unter welchem Schlüssel was liegt")

    def handle(self, *args: object, dry_run: bool, **options: Any) -> None:
        newest = next(iter(crypto.parse_keks(settings.KEY_ENCRYPTION_KEYS)))
        for model in apps.get_models():
            if any(field.name == FIELD for field in model._meta.concrete_fields):
                counts = _rewrap(model, newest, dry_run)
                shown = ", ".join(f"{kek_id}: {count}" for kek_id, count in sorted(counts.items())) or "leer"
                self.stdout.write(f"{model._meta.verbose_name_plural}: {shown}")


def _rewrap(model: type[models.Model], newest: str, dry_run: bool) -> Counter[str]:
    """Rows by the key they lie under afterwards. A row that changed meanwhile is left for the next run."""
    counts: Counter[str] = Counter()
    rows = model._default_manager.exclude(**{FIELD: None}).exclude(**{FIELD: b""})
    for pk, wrapped in rows.order_by("pk").values_list("pk", FIELD).iterator(1000):
        under = crypto.kek_id(wrapped)
        if under != newest and not dry_run:
            changed = model._default_manager.filter(pk=pk, **{FIELD: wrapped}).update(**{FIELD: crypto.rewrap(wrapped)})
            under = newest if changed else under
        counts[under] += 1
    return counts
