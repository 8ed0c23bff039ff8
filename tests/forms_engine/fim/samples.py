"""Files of the tests, and schemas made from few words."""

import datetime as dt
import hashlib
import pathlib

from forms_engine.fim import genericode, model, reader
from forms_engine.fim.draft import draft
from forms_engine.fim.export import Source
from forms_engine.fim.report import Report
from forms_engine.fim.writer import write

DATA = pathlib.Path(__file__).parent / "data"
NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
HUND = (DATA / "hund.xml").read_bytes()
FARBE = (DATA / "farbe_genericode.xml").read_bytes()
HUND_2 = (DATA / "hund-2.xml").read_bytes()
GRUND = (DATA / "C99000001_genericode.xml").read_bytes()


def source(raw=HUND, *lists):
    """As fim_import reads it; with its code list unless others are given."""
    known = {"farbe_genericode.xml": FARBE, "C99000001_genericode.xml": GRUND} if not lists else dict(lists)
    store = genericode.Store([genericode.read(data, name) for name, data in known.items()])
    return Source(reader.read(raw), hashlib.sha256(raw).hexdigest(), store)


def made(raw=HUND, **options):
    read = source(raw)
    return draft(read.message, read.store, read.sha256, **options)


def field(number=1, label="Feld", *, kind="input", type="text", rules=(), help="", **more):
    ident = model.Ident(f"F99{number:09d}", "1.0.0")
    values = tuple(model.Value(code, name) for code, name in more.pop("values", ()))
    about = model.About(name=label, changed="2026-01-01T00:00:00Z")
    return model.Field(ident, about, label, label, help, "", "HAR", kind, type, values=values, rules=rules, **more)


def group(number, label, *parts, choice=False, rules=(), help=""):
    ident = model.Ident(f"G99{number:09d}", "1.0.0")
    about = model.About(name=label, changed="2026-01-01T00:00:00Z")
    return model.Group(ident, about, label, label, help, "", "HAR", tuple(parts), choice, rules)


def part(element, count="1:1"):
    low, high = count.split(":")
    return model.Part(int(low), None if high == "*" else int(high), element)


def rule(text, number=1):
    return model.Rule(model.Ident(f"R99{number:09d}", "1.0.0"), "Regel", text, changed="2026-01-01T00:00:00Z")


def schema(*parts, rules=(), title="Beispiel"):
    about = model.About(name=title, status="6", changed="2026-01-01T00:00:00Z")
    return model.Schema(model.Ident("S99000000001", "1.0.0"), about, title, "", tuple(parts), rules=tuple(rules))


def message(found):
    return model.Message("3.0.0", "0102", "M1", "2026-01-01T00:00:00Z", found)


def drafted(*parts, rules=(), lists=(), **options):
    """The draft of a schema of these parts."""
    store = genericode.Store(lists)
    return draft(message(schema(*parts, rules=rules)), store, "0" * 64, **options)


def xml(found):
    return write(found, message_id="M1", now=NOW, report=Report())


def fields_of(data):
    """Every question by its FIM path and role."""
    found = {}
    for page in data["pages"]:
        for item in page["fields"]:
            for one in (*item.get("members", ()), item):
                ref = one.get("fim") or {"path": one["name"]}
                found[ref["path"] + ("?" + ref["role"] if "role" in ref else "")] = {**one, "page": page}
    return found


def notes(report, level=None):
    return [note.text for note in report.notes if level is None or note.level == level]
