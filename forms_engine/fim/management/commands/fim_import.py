"""Read a FIM schema and make a draft of a form from it; the second time only what is different."""

import functools
import json
from argparse import ArgumentParser
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forms_engine.definitions import schema
from forms_engine.definitions.models import FormVersion
from forms_engine.fim import actions, intake, xsd
from forms_engine.fim.draft import Draft, draft, to_yaml
from forms_engine.fim.export import Source, names_of
from forms_engine.fim.merge import Change, Kind, merge
from forms_engine.fim.report import Level
from forms_engine.fim.xml import FimError
from portal.common import os_errors

REFUSED, UNREADABLE, UNDECIDED = 1, 2, 3


@dataclass
class Outcome:
    """What an import comes to: the text, the draft it rests on, and what is different from the form there was."""

    draft: Draft
    text: str
    changes: list[Change] = field(default_factory=list)
    unchanged: bool = False

    @functools.cached_property
    def open_points(self) -> list[dict[str, Any]]:
        points = schema.read_yaml(self.text).get("open_points", ())
        return [point for point in points if not point.get("settled")]

    @property
    def conflicts(self) -> list[Change]:
        return [change for change in self.changes if change.kind == Kind.CONFLICT]


class Command(BaseCommand):
    help = (
        "Liest ein FIM-Schema (XDatenfelder 2 oder 3.0.0) mit seinen Codelisten und legt daraus den Entwurf eines "
        "Formulars an. Gibt es das Formular schon, bleibt, was Sie geändert haben. Veröffentlicht wird nichts. "
        "Ende mit 0: fertig, nichts zu entscheiden, 1: abgelehnt, 2: nicht lesbar oder falsch aufgerufen, "
        "3: eingelesen, aber Sie müssen noch etwas entscheiden."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        files = "das Schema, seine Codelisten (genericode), ein Ordner oder ein ZIP damit"
        parser.add_argument("files", nargs="*", metavar="DATEI", type=Path, help=files)
        parser.add_argument("--form", default="", help="Kennung des Formulars, sonst aus dem Titel")
        parser.add_argument("--out", type=Path, help="den Entwurf nur in diese Datei schreiben")
        parser.add_argument("--into", type=Path, help="mit --out: das Formular (YAML), das Sie schon bearbeitet haben")
        parser.add_argument("--before", nargs="+", type=Path, help="zu --into: die Dateien, aus denen es stammt")
        parser.add_argument("--xsd", type=Path, help="Ordner mit den XML-Schemas des Standards, prüft dagegen")
        parser.add_argument("--dry-run", action="store_true", help="nur berichten, nichts speichern")
        parser.add_argument("--json", action="store_true", help="Bericht als JSON für Programme")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["into"]) != bool(options["before"]) or (options["into"] and not options["out"]):
            raise CommandError("Nennen Sie --into, --before und --out zusammen.", returncode=UNREADABLE)
        if not options["files"]:
            sentence = "Nennen Sie das Schema: seine Datei mit ihren Codelisten, einen Ordner oder ein ZIP."
            raise CommandError(sentence, returncode=UNREADABLE)
        raw = _raw(options["files"])
        try:
            taken = intake.read_files(raw)
            if options["xsd"]:
                _check(taken, options["xsd"])
            outcome = self._outcome(taken.source, options)
        except FimError as error:
            self._refuse(error, options["json"])
        saved = {} if outcome.unchanged else self._save(outcome, taken, options)
        self._tell(outcome, saved, options)
        waiting = len(outcome.open_points) + len(outcome.conflicts)
        if waiting and not outcome.unchanged:
            raise CommandError(
                f"Zu entscheiden: {waiting}. Erst danach kann das Formular erscheinen.", returncode=UNDECIDED
            )

    def _outcome(self, source: Source, options: dict[str, Any]) -> Outcome:
        before, mine = self._known(source, options)
        if before is None or mine is None:
            made = draft(source.message, source.store, source.sha256, form=options["form"])
            return Outcome(made, made.source)
        if before.sha256 == source.sha256 and before.store.lists == source.store.lists:
            made = draft(source.message, source.store, source.sha256, form=options["form"])
            return Outcome(made, mine, unchanged=True)
        definition = schema.load(mine)
        names = names_of(definition)
        old = draft(before.message, before.store, before.sha256, form=definition.form, names=names)
        new = draft(source.message, source.store, source.sha256, form=definition.form, names={**old.names, **names})
        data, changes = merge(old.data, schema.read_yaml(mine), new.data)
        return Outcome(new, _sound(data), changes)

    def _known(self, source: Source, options: dict[str, Any]) -> tuple[Source | None, str | None]:
        """The source of the form there is, and its text."""
        if options["into"]:
            return intake.read_files(_raw(options["before"])).source, _text(options["into"])
        if options["out"]:
            return None, None
        slug = options["form"] or draft(source.message, source.store, source.sha256).data["form"]
        kept = actions.last_source(slug)
        if kept is None:
            if FormVersion.objects.filter(form__slug=slug).exists():
                text = f"Das Formular „{slug}“ gibt es schon, und es stammt nicht aus FIM. Nennen Sie --form."
                raise CommandError(text, returncode=REFUSED)
            return None, None
        newest = FormVersion.objects.filter(form__slug=slug).order_by("-number")[:1].get()
        return actions.opened(kept).source, newest.source

    def _save(self, outcome: Outcome, taken: intake.Intake, options: dict[str, Any]) -> dict[str, Any]:
        if options["dry_run"]:
            return {}
        if options["out"]:
            try:
                options["out"].write_text(outcome.text, encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{options['out']}: {os_errors.why(error)}.", returncode=UNREADABLE) from None
            return {"file": str(options["out"])}
        report = {**outcome.draft.report.as_json(), "changes": [change.as_json() for change in outcome.changes]}
        kept = actions.save_draft(outcome.text, taken, report, by=None)
        return {"form": kept.version.form.slug, "number": kept.version.number}

    def _refuse(self, error: FimError, as_json: bool) -> None:
        if as_json:
            said = [{"line": p.line, "column": p.column, "text": p.sentence} for p in error.problems]
            self.stdout.write(json.dumps({"ok": False, "problems": said}, ensure_ascii=False, indent=2))
        else:
            for problem in error.problems:
                self.stdout.write(str(problem))
        raise CommandError("Die Dateien sind abgelehnt, nichts ist gespeichert.", returncode=REFUSED)

    def _tell(self, outcome: Outcome, saved: dict[str, Any], options: dict[str, Any]) -> None:
        report = outcome.draft.report
        if options["json"]:
            said = {
                "ok": True,
                "unchanged": outcome.unchanged,
                "saved": saved,
                "open_points": outcome.open_points,
                "changes": [change.as_json() for change in outcome.changes],
                **report.as_json(),
            }
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
            return
        if outcome.unchanged:
            self.stdout.write("Dieses Schema ist schon eingelesen, nichts ist anders.")
            return
        counts = report.counts
        self.stdout.write(
            f"{counts['fields']} Felder, {counts['groups']} Gruppen, {counts['code_lists']} Codelisten, "
            f"{counts['rules']} Regeln ({counts['rule_places_translated']} von {counts['rule_places']} übersetzt)"
        )
        for change in outcome.changes:
            self.stdout.write(str(change))
        for level in Level:
            for note in report.of(level):
                self.stdout.write(f"{level}: {note}")
        for point in outcome.open_points:
            self.stdout.write(f"zu entscheiden: {point['key']}: {point['question']}")
        self.stdout.write(_where(saved, options["dry_run"]))


def _where(saved: dict[str, Any], dry_run: bool) -> str:
    if dry_run:
        return "Nichts gespeichert (Probelauf)."
    if "file" in saved:
        return f"Geschrieben: {saved['file']}"
    return f"{saved['form']}: Fassung {saved['number']} ist als Entwurf gespeichert."


def _raw(paths: list[Path]) -> dict[str, bytes]:
    try:
        found = {str(path): path.read_bytes() for path in intake.paths_in(paths)}
    except OSError as error:
        raise CommandError(f"{error.filename}: nicht lesbar ({os_errors.why(error)}).", returncode=UNREADABLE) from None
    if not found:
        raise CommandError("In dem Ordner liegen keine XML-Dateien.", returncode=UNREADABLE)
    return found


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        schema.load(text)
    except OSError as error:
        raise CommandError(f"{path}: nicht lesbar ({os_errors.why(error)}).", returncode=UNREADABLE) from None
    except UnicodeDecodeError:
        raise CommandError(f"{path}: das ist kein Text in UTF-8.", returncode=UNREADABLE) from None
    except schema.DefinitionError as error:
        raise CommandError(f"{path}: {error}", returncode=REFUSED) from None
    return text


def _check(taken: intake.Intake, folder: Path) -> None:
    try:
        xsd.check(next(iter(taken.files.values())), folder)
    except OSError as error:
        raise CommandError(f"{folder}: nicht lesbar ({os_errors.why(error)}).", returncode=UNREADABLE) from None


def _sound(data: dict[str, Any]) -> str:
    text = to_yaml(data)
    try:
        schema.load(text)
    except schema.DefinitionError as error:
        sentences = "\n".join(f"  {path}: {sentence}" for path, sentence in error.problems)
        text = f"Schema und Ihre Änderungen passen nicht zusammen, nichts ist gespeichert:\n{sentences}"
        raise CommandError(text, returncode=REFUSED) from None
    return text
