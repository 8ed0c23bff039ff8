"""A schema as XDatenfelder 3.0.0 (message 0102), in the order of elements the standard asks for."""

import datetime as dt
import re
from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from forms_engine.fim import model
from forms_engine.fim.latin import latin
from forms_engine.fim.report import Level, Report

SPACE = "urn:xoev-de:fim:standard:xdatenfelder_3.0.0"
_STATUS_LIST, _RELATION_LIST = "2020-03-19", "1.1"


def write(schema: model.Schema, *, message_id: str, now: dt.datetime, report: Report) -> bytes:
    """UTF-8 XML. What the letters of the standard cannot say is noted in the report. `now` dates what has no date."""
    return _Writer(now, report).message(schema, message_id)


class _Writer:
    def __init__(self, now: dt.datetime, report: Report):
        self.moment = now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.report = report
        self.out: list[str] = []
        self.depth = 0
        self.at = ""

    # Pieces of XML

    def open(self, name: str) -> None:
        self.out.append(f"{'  ' * self.depth}<xdf3:{name}>")
        self.depth += 1

    def close(self, name: str) -> None:
        self.depth -= 1
        self.out.append(f"{'  ' * self.depth}</xdf3:{name}>")

    def text(self, name: str, text: str, attributes: str = "", *, always: bool = False) -> None:
        if text or attributes or always:
            self.out.append(f"{'  ' * self.depth}<xdf3:{name}{attributes}>{escape(self.xml(text))}</xdf3:{name}>")

    def latin(self, name: str, text: str, attributes: str = "", *, always: bool = False) -> None:
        kept, lost = latin(text)
        if lost:
            self.report.add(Level.LOST, 0, self.at, f"Zeichen „{lost}“ in „{name}“ (QS 1131).")
        self.text(name, kept, attributes, always=always)

    def xml(self, text: str) -> str:
        """Without characters XML 1.0 does not know."""
        return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)

    def code(self, name: str, code: str, version: str = "") -> None:
        listed = f' listVersionID="{version}"' if version else ""
        self.out.append(f"{'  ' * self.depth}<xdf3:{name}{listed}><code>{escape(code)}</code></xdf3:{name}>")

    def ident(self, name: str, ident: model.Ident) -> None:
        self.open(name)
        self.text("id", ident.id)
        if re.fullmatch(r"\d+\.\d+\.\d+", ident.version):
            self.text("version", ident.version)
        self.close(name)

    def date(self, name: str, text: str) -> None:
        day = model.as_date(text)
        if day:
            self.text(name, day.isoformat())

    # Parts of the model

    def message(self, schema: model.Schema, message_id: str) -> bytes:
        root = "xdatenfelder.stammdatenschema.0102"
        self.out.append('<?xml version="1.0" encoding="UTF-8"?>')
        self.out.append(f'<xdf3:{root} xmlns:xdf3="{SPACE}">')
        self.depth = 1
        self.open("header")
        self.text("nachrichtID", message_id)
        self.text("erstellungszeitpunkt", self.moment)
        self.close("header")
        self.schema(schema)
        self.close(root)
        return "\n".join([*self.out, ""]).encode()

    def schema(self, schema: model.Schema) -> None:
        self.at = schema.ident.id
        self.open("stammdatenschema")
        self.about(schema.ident, schema.about)
        self.latin("bezeichnung", schema.title, always=True)
        self.latin("hilfetext", schema.help)
        self.code("ableitungsmodifikationenStruktur", schema.derive_structure)
        self.code("ableitungsmodifikationenRepraesentation", schema.derive_presentation)
        self.ident("dokumentsteckbrief", schema.profile)
        self.rules(schema.rules)
        self.parts(schema.parts)
        self.close("stammdatenschema")

    def about(self, ident: model.Ident, about: model.About) -> None:
        self.ident("identifikation", ident)
        self.latin("name", about.name, always=True)
        self.latin("beschreibung", about.description)
        self.latin("definition", about.definition)
        self.bases(about.bases)
        self.code("freigabestatus", about.status, _STATUS_LIST)
        self.date("statusGesetztAm", about.status_on)
        self.latin("statusGesetztDurch", about.status_by)
        self.date("gueltigAb", about.valid_from)
        self.date("gueltigBis", about.valid_until)
        self.latin("versionshinweis", about.version_note)
        self.date("veroeffentlichungsdatum", about.published)
        self.text("letzteAenderung", self.changed(about.changed))
        if about.derived_from:
            self.open("relation")
            self.code("praedikat", "ABL", _RELATION_LIST)
            self.ident("objekt", about.derived_from)
            self.close("relation")
        self.keywords(about.keywords)

    def changed(self, text: str) -> str:
        whole = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?"
        return text if re.fullmatch(whole, text, re.ASCII) and model.as_date(text) else self.moment

    def bases(self, bases: Iterable[model.Basis]) -> None:
        for basis in bases:
            self.latin("bezug", basis.text, f" link={quoteattr(basis.link)}" if basis.link else "")

    def keywords(self, keywords: Iterable[model.Keyword]) -> None:
        for word in keywords:
            self.text("stichwort", word.text, f" uri={quoteattr(word.uri)}")

    def rules(self, rules: Iterable[model.Rule]) -> None:
        for rule in rules:
            self.open("regel")
            self.ident("identifikation", rule.ident)
            self.latin("name", rule.name, always=True)
            self.latin("beschreibung", rule.description)
            self.latin("freitextRegel", rule.text)
            self.bases(rule.bases)
            self.keywords(rule.keywords)
            self.latin("fachlicherErsteller", rule.creator)
            self.text("letzteAenderung", self.changed(rule.changed))
            self.code("typ", rule.type)
            for element, name, kind in rule.parameters:
                self.out.append(
                    f"{'  ' * self.depth}<xdf3:param element={quoteattr(element)} name={quoteattr(name)}>"
                    f"<xdf3:typ>{escape(kind)}</xdf3:typ></xdf3:param>"
                )
            for element, name in rule.targets:
                self.text("ziel", "", f" element={quoteattr(element)} name={quoteattr(name)}")
            self.text("skript", rule.script)
            for error in rule.errors:
                self.text("fehler", error.text, f" code={quoteattr(error.code)}")
            self.close("regel")

    def parts(self, parts: Iterable[model.Part]) -> None:
        for part in parts:
            self.open("struktur")
            self.text("anzahl", f"{part.minimum}:{'*' if part.maximum is None else part.maximum}")
            self.bases(part.bases)
            self.open("enthaelt")
            if isinstance(part.element, model.Field):
                self.field(part.element)
            else:
                self.group(part.element)
            self.close("enthaelt")
            self.close("struktur")

    def shown(self, element: model.Field | model.Group) -> None:
        self.at = element.ident.id
        self.about(element.ident, element.about)
        self.latin("bezeichnungEingabe", element.label, always=True)
        self.latin("bezeichnungAusgabe", element.label_out)
        self.code("schemaelementart", element.origin)
        self.latin("hilfetextEingabe", element.help)
        self.latin("hilfetextAusgabe", element.help_out)

    def group(self, group: model.Group) -> None:
        self.open("datenfeldgruppe")
        self.shown(group)
        if group.choice:
            self.code("art", "X")
        self.rules(group.rules)
        self.parts(group.parts)
        self.close("datenfeldgruppe")

    def field(self, field: model.Field) -> None:
        self.open("datenfeld")
        self.shown(field)
        self.code("feldart", field.kind)
        self.code("datentyp", field.type)
        self.limits(field.limits)
        self.latin("inhalt", field.content)
        self.code("vorbefuellung", field.prefill)
        if field.values:
            self.open("werte")
            for value in field.values:
                self.open("wert")
                self.text("code", value.code)
                self.text("name", value.name, always=True)
                self.text("hilfe", value.help)
                self.close("wert")
            self.close("werte")
        if field.list_ref:
            self.list_ref(field.list_ref)
        self.rules(field.rules)
        self.text("maxSize", str(field.max_size or ""))
        for media in field.media_types:
            self.text("mediaType", media)
        self.close("datenfeld")

    def limits(self, limits: model.Limits) -> None:
        given = {
            "maxLength": str(limits.max_length or ""),
            "maxValue": limits.max_value,
            "minLength": "" if limits.min_length is None else str(limits.min_length),
            "minValue": limits.min_value,
            "pattern": limits.pattern,
        }
        attributes = "".join(f" {key}={quoteattr(self.xml(value))}" for key, value in given.items() if value)
        self.latin("praezisierung", limits.note, attributes)

    def list_ref(self, ref: model.ListRef) -> None:
        self.open("codelisteReferenz")
        self.text("canonicalIdentification", ref.uri)
        self.text("version", ref.version)
        self.text("canonicalVersionUri", ref.version_uri)
        self.close("codelisteReferenz")
        self.text("codeKey", ref.code_key)
        self.text("nameKey", ref.name_key)
        self.text("helpKey", ref.help_key)
