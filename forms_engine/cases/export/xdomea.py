"""Message 0503 of xdomea 3.0.0 (Aussonderung.Aussonderung): a Vorgang with its documents. Pure: values in, XML out.

Element order and types follow xdomea-Baukasten.xsd; names of files are "<UUID>.<ending>". Whether the whole message is
valid is checked against the schema files of the standard, which are not part of this project (cases_export --schema).
"""

import datetime as dt
import uuid
from pathlib import Path

from lxml import etree

from forms_engine.cases.export.dossier import Document, Dossier
from portal.common import clock

NAMESPACE = "urn:xoev-de:xdomea:schema:3.0.0"
MESSAGE = "Aussonderung.Aussonderung.0503"
LISTS = "urn:xoev-de:xdomea:codeliste:"
ENTRY = "xdomea-Nachrichten-AussonderungDurchfuehren.xsd"
# Code list "Dateiformat" 1.0; everything else is 100, "Sonstiges".
FORMATS = {
    "message/rfc822": "006",
    "image/jpeg": "011",
    "application/vnd.oasis.opendocument.text": "015",
    "application/pdf": "018",
    "image/png": "019",
    "image/tiff": "024",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "035",
    "text/plain": "045",
}
ARCHIVAL_PDF, OTHER = "044", "100"


class SchemaMissing(Exception):
    """The folder holds no readable schema of xdomea 3.0. The message is a German sentence."""


def message(dossier: Dossier, process: uuid.UUID, at: dt.datetime) -> bytes:
    """The whole message as UTF-8."""
    root = etree.Element(f"{{{NAMESPACE}}}{MESSAGE}", nsmap={"xdomea": NAMESPACE})
    _head(root, dossier, process, at)
    _process(_add(_add(root, "Schriftgutobjekt"), "Vorgang"), dossier)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _head(root: etree._Element, dossier: Dossier, process: uuid.UUID, at: dt.datetime) -> None:
    head = _add(root, "Kopf")
    _add(head, "ProzessID", str(process))
    _code(head, "Nachrichtentyp", "0503", "nachrichtentyp", "2.0")
    _add(head, "Erstellungszeitpunkt", _moment(at))
    sender = _add(head, "Absender")
    _add(_add(sender, "Institution"), "Name", dossier.city)
    _add(_add(sender, "Organisationseinheit"), "Name", dossier.sender)
    _add(_add(_add(head, "Empfaenger"), "Institution"), "Name", "Archiv")
    system = _add(head, "SendendesSystem")
    _add(system, "Produktname", "Bürgerportal")
    for name, value in (("Importbestaetigung", "1"), ("RueckmeldungArchivkennung", "0"), ("Empfangsbestaetigung", "1")):
        _add(head, name, value)


def _process(at: etree._Element, dossier: Dossier) -> None:
    case = dossier.case
    _add(_add(at, "Identifikation"), "ID", str(case.public_id))
    facts = _add(at, "AllgemeineMetadaten")
    _add(facts, "Betreff", case.title)
    _add(facts, "Kennzeichen", case.number)
    _add(facts, "Federfuehrung", dossier.sender)
    _code(facts, "Medium", "001", "medium", "1.0")
    if dossier.kept_until is not None:
        _add(_add(at, "ArchivspezifischeMetadaten"), "Aufbewahrungsende", dossier.kept_until.isoformat())
    _add(at, "Typ", case.form_slug)
    if case.closed_at is not None:
        _add(at, "ZdA", "1")
        _add(at, "ZdADatum", _day(case.closed_at))
    span = _add(at, "Laufzeit")
    _add(span, "Beginn", _day(case.received_at))
    if case.closed_at is not None:
        _add(span, "Ende", _day(case.closed_at))
    for moment, who, what in dossier.history:
        line = _add(at, "HistorienProtokollInformation")
        _add(line, "Akteur", who)
        _add(line, "DatumUhrzeit", _moment(moment))
        _add(line, "Aktion", what)
    for number, document in enumerate(dossier.documents, 1):
        _document(_add(at, "Dokument"), document, number)


def _document(at: etree._Element, document: Document, number: int) -> None:
    named = _add(at, "Identifikation")
    _add(named, "ID", str(document.id))
    _add(named, "NummerImUebergeordnetenContainer", str(number))
    facts = _add(at, "AllgemeineMetadaten")
    _add(facts, "Betreff", document.title)
    if document.missing:
        _add(facts, "Bemerkung", f"Ohne Primärdokument: {document.missing}.")
    _code(facts, "Medium", "001", "medium", "1.0")
    _add(at, "DatumDesSchreibens", _day(document.at))
    _add(at, "Typ", document.kind)
    if document.missing:
        return
    version = _add(at, "Version")
    _add(version, "Nummer", "1")
    form = _add(version, "Format")
    code = ARCHIVAL_PDF if document.archival else FORMATS.get(document.media_type, OTHER)
    _code(form, "Name", code, "dateiformat", "1.0")
    if code == OTHER:
        _add(form, "SonstigerName", document.media_type)
    _add(form, "Version", "A-3a" if document.archival else "unbekannt")
    file = _add(form, "Primaerdokument")
    _add(file, "Dateiname", document.file_name)
    _add(file, "DateinameOriginal", document.title)
    _add(file, "DatumUhrzeit", _moment(document.at))


def problems(written: bytes, folder: Path) -> list[str]:
    """What the schema says about a message; empty when it is valid. Raises SchemaMissing."""
    try:
        schema = etree.XMLSchema(etree.parse(str(folder / ENTRY), etree.XMLParser(no_network=True)))
    except (OSError, etree.LxmlError):
        sentence = f"In {folder} liegt kein vollständiges Schema von xdomea 3.0 ({ENTRY} und was es einbindet)."
        raise SchemaMissing(sentence) from None
    schema.validate(etree.fromstring(written))
    return [f"Zeile {entry.line}: {entry.message}" for entry in schema.error_log]


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if text is not None:
        child.text = "".join(char for char in text if char in "\t\n" or ord(char) >= 32)  # what XML 1.0 can hold
    return child


def _code(parent: etree._Element, name: str, code: str, listed: str, version: str) -> None:
    child = _add(parent, name)
    child.set("listURI", LISTS + listed)
    child.set("listVersionID", version)
    etree.SubElement(child, "code").text = code


def _moment(at: dt.datetime) -> str:
    return clock.local(at).isoformat(timespec="seconds")


def _day(at: dt.datetime) -> str:
    return clock.local(at).date().isoformat()
