"""Write a form as XDatenfelder 3.0.0, or answers to it as a FIT-Connect record."""

import hashlib
import json
import mimetypes
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forms_engine.definitions import schema
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.models import FormVersion
from forms_engine.fim import actions, answers, export, intake, own, xsd
from forms_engine.fim.report import Report
from forms_engine.fim.writer import write
from forms_engine.fim.xml import FimError
from portal.common import clock, os_errors

REFUSED, UNREADABLE = 1, 2


class Command(BaseCommand):
    help = (
        "Schreibt ein Formular als XDatenfelder 3.0.0. Eingelesene Elemente behalten Nummer und Version, geänderte und "
        "eigene bekommen Nummern aus --ids. Mit --answers entsteht ein FIT-Connect-Datensatz. "
        "Ende mit 0: geschrieben, 1: nicht möglich, 2: nicht lesbar oder falsch aufgerufen."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("form", nargs="?", default="", help="Kennung des Formulars oder eine YAML-Datei")
        parser.add_argument("--number", default="", help="Fassung, sonst die neueste")
        parser.add_argument("--source", nargs="+", type=Path, help="Dateien, aus denen eine YAML-Datei stammt")
        parser.add_argument("--ids", default="99", help="zweistelliger Nummernkreis für eigene Elemente (99)")
        parser.add_argument("--out", type=Path, help="Zieldatei, bei --answers ein Ordner")
        parser.add_argument("--xsd", type=Path, help="Ordner mit den XML-Schemas des Standards, prüft dagegen")
        parser.add_argument("--answers", type=Path, help="Antworten als JSON: Name der Frage -> Antwort")
        parser.add_argument("--attachment", action="append", type=Path, default=[], help="Anlage, mehrmals möglich")
        parser.add_argument("--reference", default="", help="zu --answers: Aktenzeichen")
        parser.add_argument("--schema-uri", default="", help="zu --answers: Adresse des Schemas der Antworten")
        parser.add_argument("--json", action="store_true", help="Bericht als JSON für Programme")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["form"]:
            raise CommandError("Nennen Sie das Formular: seine Kennung oder eine YAML-Datei.", returncode=UNREADABLE)
        if options["number"] and not re.fullmatch(r"[1-9][0-9]{0,5}", str(options["number"])):
            raise CommandError("--number braucht die Nummer einer Fassung, zum Beispiel 2.", returncode=UNREADABLE)
        options["number"] = int(options["number"] or 0)
        if not (len(options["ids"]) == 2 and options["ids"].isascii() and options["ids"].isdecimal()):
            raise CommandError("--ids braucht zwei Ziffern, zum Beispiel 99.", returncode=UNREADABLE)
        if not options["out"] and (options["json"] or options["answers"]):
            raise CommandError("Nennen Sie --out.", returncode=UNREADABLE)
        definition, number, source = self._form(options)
        if options["answers"]:
            self._record(definition, number, options)
            return
        report = Report()
        try:
            made = export.export(definition, source, own.Ids(options["ids"]), report)
            text = write(made, message_id=f"N{clock.uuid().hex.upper()}", now=clock.now(), report=report)
            if options["xsd"]:
                xsd.check(text, options["xsd"])
        except export.WrongSource as error:
            raise CommandError(str(error), returncode=REFUSED) from None
        except FimError as error:
            raise CommandError(f"Der Export ist nicht möglich:\n{error}", returncode=REFUSED) from None
        except OSError as error:
            raise CommandError(
                f"{options['xsd']}: nicht lesbar ({os_errors.why(error)}).", returncode=UNREADABLE
            ) from None
        if not options["out"]:
            self.stdout.write(text.decode())
            return
        _write(options["out"], text)
        if options["json"]:
            said = {"file": str(options["out"]), "schema": str(made.ident), **report.as_json()}
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
        else:
            for note in report.notes:
                self.stdout.write(f"{note.level}: {note}")
            self.stdout.write(f"{made.ident}: {options['out']}")

    def _form(self, options: dict[str, Any]) -> tuple[FormDefinition, int, export.Source | None]:
        source = _source(options["source"]) if options["source"] else None
        if Path(options["form"]).suffix in (".yaml", ".yml"):
            return _load(Path(options["form"])), options["number"] or 1, source
        versions = FormVersion.objects.filter(form__slug=options["form"]).order_by("-number")
        if options["number"]:
            versions = versions.filter(number=options["number"])
        version = versions.first()
        if version is None:
            raise CommandError(f"Das Formular „{options['form']}“ gibt es nicht.", returncode=UNREADABLE)
        kept = actions.last_source(options["form"])
        return version.definition, version.number, source or (actions.opened(kept).source if kept else None)

    def _record(self, definition: FormDefinition, number: int, options: dict[str, Any]) -> None:
        folder: Path = options["out"]
        try:
            given = json.loads(options["answers"].read_text(encoding="utf-8"))
            contents = [(path, path.read_bytes()) for path in options["attachment"]]
        except OSError as error:
            raise CommandError(
                f"{error.filename}: nicht lesbar ({os_errors.why(error)}).", returncode=UNREADABLE
            ) from None
        except ValueError:
            raise CommandError(f"{options['answers']}: das ist kein JSON in UTF-8.", returncode=UNREADABLE) from None
        if not isinstance(given, dict):
            raise CommandError("Die Antworten müssen ein JSON-Objekt sein.", returncode=UNREADABLE)
        files = [_attachment(path, content) for path, content in contents]
        uri = options["schema_uri"] or f"urn:portal:formular:{definition.form}:{number}"
        envelope = answers.Envelope(uri, options["reference"] or definition.form, clock.today())
        made = answers.record(definition, given, files, envelope, version=number)
        _write(folder / "data.json", made.data)
        _write(folder / "metadata.json", answers.canonical(made.metadata))
        _write(folder / "answers.schema.json", answers.canonical(answers.answers_schema(definition, number)))
        said = {"folder": str(folder), "sha512": hashlib.sha512(made.data).hexdigest(), "attachments": len(files)}
        self.stdout.write(json.dumps(said, indent=2) if options["json"] else f"Geschrieben: {folder}")


def _source(paths: list[Path]) -> export.Source:
    try:
        return intake.read_files({str(p): p.read_bytes() for p in intake.paths_in(paths)}).source
    except OSError as error:
        raise CommandError(f"{error.filename}: nicht lesbar ({os_errors.why(error)}).", returncode=UNREADABLE) from None
    except FimError as error:
        raise CommandError(f"Die Quelle ist abgelehnt:\n{error}", returncode=REFUSED) from None


def _attachment(path: Path, content: bytes) -> answers.Attachment:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return answers.Attachment(clock.uuid(), path.name, kind, content)


def _load(path: Path) -> FormDefinition:
    try:
        return schema.load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"{path}: nicht lesbar ({os_errors.why(error)}).", returncode=UNREADABLE) from None
    except UnicodeDecodeError:
        raise CommandError(f"{path}: das ist kein Text in UTF-8.", returncode=UNREADABLE) from None
    except schema.DefinitionError as error:
        raise CommandError(f"{path}: {error}", returncode=REFUSED) from None


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{path}: {os_errors.why(error)}.", returncode=UNREADABLE) from None
