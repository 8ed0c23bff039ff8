"""Check a file against the official XML schemas, where somebody has them: they are not part of this product."""

from pathlib import Path

from lxml import etree

from forms_engine.fim.xml import FimError, Problem

FILE = "xdatenfelder.xsd"


def check(data: bytes, folder: Path) -> None:
    """`folder` holds xdatenfelder.xsd and what it includes. Raises FimError; OSError if it cannot be read."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        with (folder / FILE).open("rb") as stream:
            schema = etree.XMLSchema(etree.parse(stream, base_url=str(folder / FILE)))
        document = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise FimError([Problem(0, 0, f"Die Prüfung gegen das XML-Schema ist nicht möglich: {error}")]) from None
    if not schema.validate(document):
        entries = [Problem(entry.line, entry.column, _german(entry.message)) for entry in schema.error_log]
        raise FimError(entries[:50])


def _german(message: str) -> str:
    bare = message.replace("{urn:xoev-de:fim:standard:xdatenfelder_3.0.0}", "")
    return f"Das XML-Schema erlaubt das nicht: {bare[:300]}"
