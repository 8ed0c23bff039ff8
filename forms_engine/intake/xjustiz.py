"""Court mail taken apart with limits: a ZIP of xjustiz_nachricht.xml and its documents (XJustiz 3). Pure.

Read by the local names of elements, because the namespace differs between versions and senders: `az.empfaenger` is our
file number as the court writes it, `nachrichtenuebergreifenderProzess` the key of a parcel of ours that it answers,
`ruecksendungEEB.erforderlich` of any document asks for the electronic acknowledgement of receipt.
"""

import io
import uuid
import zipfile
from dataclasses import dataclass

from lxml import etree

from forms_engine.intake.letters import MAX_TEXT, Attachment, Unreadable
from mailbox.texts import many_lines, one_line
from portal.documents import filenames

MESSAGE = "xjustiz_nachricht.xml"
MAX_FILES, MAX_BYTES, MAX_XML = 1000, 200_000_000, 5_000_000  # unpacked; what one message may carry (bebpo.py)


@dataclass(frozen=True)
class CourtLetter:
    subject: str
    sender: str  # as the message says, not as the certificate does
    message_id: str
    reference: str  # our file number in the court's words, "" for none
    parcel: uuid.UUID | None  # the parcel of ours that it belongs to
    wants_receipt: bool  # the eEB
    text: str
    attachments: tuple[Attachment, ...]


def read(data: bytes) -> CourtLetter:
    """Raises Unreadable: the bytes stay as they are, and a person looks at them."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = _names(package)
            if MESSAGE not in names:
                raise Unreadable("In der Sendung fehlt die XJustiz-Nachricht. Sehen Sie sich das Original an.")
            root = _parsed(_member(package, MESSAGE, MAX_XML))
            files = tuple(_attachment(package, name) for name in names if name != MESSAGE)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, etree.XMLSyntaxError):
        # NotImplementedError: a method of packing nobody uses; RuntimeError: a password.
        raise Unreadable("Die Sendung des Gerichts ist beschädigt und lässt sich nicht zerlegen.") from None
    return _letter(root, files)


def _names(package: zipfile.ZipFile) -> list[str]:
    """Members in their order. Raises Unreadable before anything is unpacked."""
    members = [member for member in package.infolist() if not member.is_dir()]
    if len(members) > MAX_FILES or sum(member.file_size for member in members) > MAX_BYTES:
        raise Unreadable("Die Sendung des Gerichts ist ausgepackt zu groß. Sehen Sie sich das Original an.")
    return list(dict.fromkeys(member.filename for member in members))


def _member(package: zipfile.ZipFile, name: str, most: int) -> bytes:
    """Never more than the member says it has: zipfile stops there. Raises Unreadable."""
    if package.getinfo(name).file_size > most:
        raise Unreadable("Die XJustiz-Nachricht ist zu groß. Sehen Sie sich das Original an.")
    return package.read(name)


def _attachment(package: zipfile.ZipFile, name: str) -> Attachment:
    return Attachment(filenames.clean(name), "application/octet-stream", _member(package, name, MAX_BYTES))


def _parsed(data: bytes) -> etree._Element:
    """No entities, no network, no document type: what is hostile is a damaged message."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.doctype:
        raise ValueError("a document type")
    return root


def _letter(root: etree._Element, files: tuple[Attachment, ...]) -> CourtLetter:
    notes = [_first(root, name) for name in ("anmerkung", "nachricht", "freitext")]
    listed = _all(root, "anzeigename")
    text = "\n".join(filter(None, [*notes, *(f"Anlage: {name}" for name in listed)]))
    return CourtLetter(
        subject=_first(root, "betreff"),
        sender=_below(root, "auswahl_absender"),
        message_id=_first(root, "eigeneNachrichtenID"),
        reference=_first(root, "az.empfaenger") or _below(root, "aktenzeichen.empfaenger"),
        parcel=_uuid(_first(root, "nachrichtenuebergreifenderProzess")),
        wants_receipt=any(said in ("true", "1") for said in _all(root, "ruecksendungEEB.erforderlich")),
        text=many_lines(text)[:MAX_TEXT],
        attachments=files,
    )


def _all(root: etree._Element, name: str) -> list[str]:
    return [one_line(element.text or "", 500) for element in root.iter(f"{{*}}{name}")]


def _first(root: etree._Element, name: str) -> str:
    return next(iter(_all(root, name)), "")


def _below(root: etree._Element, name: str) -> str:
    """The first words anywhere inside an element whose content is a choice."""
    found = next(root.iter(f"{{*}}{name}"), None)
    words = (str(text).strip() for text in found.itertext()) if found is not None else ()
    return one_line(next(filter(None, words), ""), 500)


def _uuid(said: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(said)
    except ValueError:
        return None
