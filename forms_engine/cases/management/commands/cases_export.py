import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from forms_engine.cases.export import dossier, package, xdomea
from forms_engine.cases.models import Case
from portal.audit import actions as audit
from portal.common import references
from portal.common.crypto import CannotOpen
from portal.documents.store import FileDamaged

FAILED, WRONG_CALL = 1, 2


class Command(BaseCommand):
    help = (
        "Schreibt Vorgänge als Pakete in einen Ordner. Sie enthalten alles, auch Personendaten. "
        "Ende: 0 gut, 1 mindestens ein Vorgang fehlt oder das Schema beanstandet ihn, 2 falscher Aufruf."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", nargs="+", metavar="AKTENZEICHEN")
        parser.add_argument("--format", choices=("xdomea", "json"), default="xdomea")
        parser.add_argument("--out", required=True, metavar="ORDNER", help="vorhandener Ordner für die Pakete")
        parser.add_argument("--schema", metavar="ORDNER", help="Schemadateien von xdomea 3.0: jedes Paket wird geprüft")

    def handle(self, *args: Any, **options: Any) -> None:
        out = Path(options["out"])
        schema = Path(options["schema"]) if options["schema"] else None
        if not out.is_dir():
            self._end(WRONG_CALL, f"Den Ordner {out} gibt es nicht. Legen Sie ihn an oder nennen Sie einen anderen.")
        if not os.access(out, os.W_OK | os.X_OK):
            self._end(WRONG_CALL, f"In {out} lässt sich nichts schreiben. Prüfen Sie die Rechte.")
        if schema is not None and options["format"] != "xdomea":
            self._end(WRONG_CALL, "--schema gibt es nur zu --format xdomea. Lassen Sie es weg.")
        failed = [text for text in options["number"] if not self._one(text, options["format"], out, schema)]
        if failed:
            sys.exit(FAILED)

    def _one(self, text: str, kind: str, out: Path, schema: Path | None) -> bool:
        number = references.canonical_file_number(text)
        case = Case.objects.for_pages().select_related("disposal").filter(number=number).first() if number else None
        if case is None:
            why = "Diesen Vorgang gibt es nicht" if number else "Das ist kein gültiges Aktenzeichen"
            self.stderr.write(f"{text}: {why}. Prüfen Sie die Nummer.")
            return False
        if case.wrapped_key is None:
            self.stderr.write(f"{case.number}: Der Vorgang ist vernichtet. Es gibt nur noch den Nachweis.")
            return False
        try:
            return self._write(case, kind, out, schema)
        except xdomea.SchemaMissing as missing:
            self._end(WRONG_CALL, str(missing))
        except (OSError, FileDamaged, CannotOpen) as error:
            self.stderr.write(f"{case.number}: Das Paket wurde nicht geschrieben ({type(error).__name__}).")
        return False

    def _write(self, case: Case, kind: str, out: Path, schema: Path | None) -> bool:
        held = dossier.of(case)
        path, found = package.as_xdomea(held, out, schema) if kind == "xdomea" else (package.as_json(held, out), [])
        audit.record("case.exported", f"case:{case.public_id}", "system:command", format=kind)
        checked = "" if kind == "json" else " (Schema geprüft)" if schema else " (nicht gegen das Schema geprüft)"
        self.stdout.write(f"{case.number}: {path}{checked}")
        for document in held.documents:
            if document.missing:
                self.stderr.write(f"{case.number}: Ein Dokument fehlt im Paket, es ist {document.missing}.")
        for problem in found[:20]:
            self.stderr.write(f"{case.number}: {problem}")
        return not found

    def _end(self, code: int, sentence: str) -> None:
        self.stderr.write(sentence)
        sys.exit(code)
