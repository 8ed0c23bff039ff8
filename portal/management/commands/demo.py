import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Das ganze Portal mit einer Demostadt starten. Nie im Betrieb. (--check, --fresh, --port N)"

    def run_from_argv(self, argv: list[str]) -> None:
        # The launcher sets the environment before Django reads it, so it takes this process's place.
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [sys.executable, "-m", "portal.launcher", *argv[1:]])  # noqa: S606 - no shell needed
