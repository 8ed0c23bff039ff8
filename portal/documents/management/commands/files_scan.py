import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.documents.models import Scan, StoredFile
from portal.documents.scans import queue
from portal.documents.scans.base import Unavailable, scanner


class Command(BaseCommand):
    help = (
        "Zeigt, welche Dateien auf die Virenprüfung warten oder gesperrt sind, und ob der Virenscanner antwortet. "
        "Ausgang 1, wenn er nicht antwortet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--now", action="store_true", help="alle wartenden Dateien sofort prüfen")
        parser.add_argument("--release", metavar="KENNUNG", help="gesperrte Datei freigeben (Fehlalarm)")
        parser.add_argument("--destroy", metavar="KENNUNG", help="gesperrte Datei endgültig vernichten")
        parser.add_argument("--why", default="", help="Grund der Freigabe, steht im Protokoll")
        parser.add_argument("--json", action="store_true", help="Ergebnis als JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["release"] or options["destroy"]:
            self._decide(**options)
            return
        if options["now"]:
            waiting = StoredFile.objects.filter(scan=Scan.WAITING, destroyed_at=None)
            queue.again(waiting)
            for pk in list(waiting.values_list("pk", flat=True)):
                queue.scan(pk)
        try:
            version = scanner().version()
        except Unavailable as error:
            version = ""
            self.stderr.write(str(error))
        self._report(version, options["json"])
        if not version:
            raise SystemExit(1)

    def _report(self, version: str, as_json: bool) -> None:
        rows = StoredFile.objects.filter(scan__in=[Scan.WAITING, Scan.INFECTED], destroyed_at=None).order_by("id")
        found = [
            {"file": str(row.public_id), "state": row.scan, "note": row.scan_note, "attempts": row.scan_attempts}
            for row in rows
        ]
        if as_json:
            self.stdout.write(json.dumps({"scanner": version, "files": found}, ensure_ascii=False))
            return
        for entry in found:
            self.stdout.write("{file}  {state}  {note}".format(**entry).rstrip())
        waiting = sum(entry["state"] == Scan.WAITING for entry in found)
        self.stdout.write(f"{waiting} Dateien warten, {len(found) - waiting} sind gesperrt. {version}".rstrip())

    def _decide(self, **options: Any) -> None:
        stored = StoredFile.objects.filter(public_id=options["release"] or options["destroy"]).first()
        if stored is None:
            raise CommandError("Diese Datei gibt es nicht.")
        if options["release"] and not options["why"].strip():
            raise CommandError("Nennen Sie mit --why den Grund der Freigabe.")
        if options["release"]:
            done = queue.release(stored, by="system:operator", why=options["why"].strip())
        else:
            done = queue.destroy(stored, by="system:operator")
        if not done:
            raise CommandError("Diese Datei ist nicht gesperrt.")
        self.stdout.write("Die Datei ist freigegeben." if options["release"] else "Die Datei ist vernichtet.")
