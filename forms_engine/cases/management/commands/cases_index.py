from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.db.models import Exists, OuterRef

from forms_engine.cases import search
from forms_engine.cases.models import Case, SearchToken


class Command(BaseCommand):
    help = (
        "Macht Vorgänge auffindbar, denen die Suchwörter fehlen. Nach einem Wechsel von PORTAL_SECRET_KEY: --rebuild."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="alle Vorgänge neu, nicht nur die fehlenden")

    def handle(self, *args: object, rebuild: bool = False, **options: object) -> None:
        cases = Case.objects.filter(wrapped_key__isnull=False).order_by("pk")
        if not rebuild:
            cases = cases.filter(~Exists(SearchToken.objects.filter(case=OuterRef("pk"))))
        done = words = 0
        for pk in cases.values_list("pk", flat=True).iterator(2000):
            words += search.index(pk)
            done += 1
        self.stdout.write(f"{done} Vorgänge, {words} Suchwörter.")
