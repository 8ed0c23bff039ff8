"""Court mail (beBPo): XJustiz and documents as files for an OSCI client, which has the certificates and does the rest.

`to`: {"safe_id", "name"} of the court or lawyer in the SAFE directory. `about`: {"subject", "file_number" (theirs, may
be empty), "own_number"}.

Out: <spool>/bebpo/out/<key>.<n>.zip, each with xjustiz_nachricht.xml and its documents, and <key>.json: {"key", "to",
"parts": [{"file", "id", "sha256", "bytes"}]}. Take a parcel when its .json is there. More documents or bytes than one
message may carry are split; each part has an id of its own and names the parcel as their common reference.

In: <spool>/bebpo/in/<any name>.json, one receipt each, renamed into the folder when whole: {"key", "kind", "at" (ISO
8601 with offset), "id", "sha256" (of the receipt the client keeps)}. Kinds: "accepted" by the recipient's mailbox,
"eeb" (the electronic acknowledgement of receipt), "rejected". Read ones move to "done", others to "foreign".

Messages of courts: <spool>/bebpo/inbox/<id of the OSCI message>.zip, renamed into the folder when whole, with
xjustiz_nachricht.xml and its documents. The engine's intake takes them (forms_engine/intake/sources/court.py).

The XML follows message 0005005 of XJustiz 3; it was not checked against the schema files, which are not ours to ship.
De-Mail is no such way any more: it ended on 31 August 2024.
"""

import datetime as dt
import hashlib
import io
import json
import uuid
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.conf import settings
from lxml import etree

from mailbox.channels import Document, Handed, Parcel, Refused, spool
from portal.common import clock

FOLDER, INBOX = "bebpo", "inbox"
XJUSTIZ = "http://www.xjustiz.de"
MESSAGE = "nachricht.gds.uebermittlungSchriftgutobjekte.0005005"
VERSION = "3.5.1"
MOST_DOCUMENTS, MOST_BYTES = 1000, 200_000_000  # in one message (notice of a state's justice; check the current one)
CONFIRMING, REJECTED = ("accepted", "eeb"), "rejected"


class Bebpo:
    def hand_over(self, parcel: Parcel) -> Handed | Refused:
        """Lay the parcel into the client's folder. Refuses for good what no message can carry."""
        if settings.MAILBOX_SPOOL is None:
            return Refused(permanent=False, error="no spool folder")
        if not parcel.to.get("safe_id"):
            return Refused(permanent=True, error="address")
        if not parcel.documents or any(len(document.data) > MOST_BYTES for document in parcel.documents):
            return Refused(permanent=True, error="documents")
        groups = list(split(parcel.documents))
        ids = [str(uuid.uuid5(parcel.key, str(number))) for number in range(1, len(groups) + 1)]
        files = {
            f".{number}.zip": _zip(parcel, group, ids[number - 1], f"{number}/{len(groups)}")
            for number, group in enumerate(groups, start=1)
        }
        parts = [
            {
                "file": f"{parcel.key}{ending}",
                "id": ids[number],
                "sha256": hashlib.sha256(data).hexdigest(),
                "bytes": len(data),
            }
            for number, (ending, data) in enumerate(files.items())
        ]
        manifest = {"key": str(parcel.key), "to": dict(parcel.to), "parts": parts}
        try:
            kept = spool.put(settings.MAILBOX_SPOOL / FOLDER / "out", str(parcel.key), files, manifest)
        except OSError as error:
            return Refused(permanent=False, error=f"OSError {error.errno}")
        return Handed(reference=kept["key"], sha256=kept["parts"][0]["sha256"])


def split(documents: Sequence[Document]) -> Iterator[list[Document]]:
    """In order, as few groups as the limits of one message allow."""
    group: list[Document] = []
    size = 0
    for document in documents:
        if group and (len(group) == MOST_DOCUMENTS or size + len(document.data) > MOST_BYTES):
            yield group
            group, size = [], 0
        group.append(document)
        size += len(document.data)
    if group:
        yield group


def _zip(parcel: Parcel, documents: Sequence[Document], part_id: str, part: str) -> bytes:
    """Equal parcels give equal bytes: members carry the parcel's moment."""
    target, moment = io.BytesIO(), clock.local(parcel.at).timetuple()[:6]
    names = [f"{number:04}-{document.name}" for number, document in enumerate(documents, start=1)]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in [
            ("xjustiz_nachricht.xml", _xml(parcel, documents, names, part_id, part)),
            *((name, document.data) for name, document in zip(names, documents, strict=True)),
        ]:
            package.writestr(zipfile.ZipInfo(name, moment), data)
    return target.getvalue()


def _xml(parcel: Parcel, documents: Sequence[Document], names: Sequence[str], part_id: str, part: str) -> bytes:
    root = etree.Element(f"{{{XJUSTIZ}}}{MESSAGE}", nsmap={"tns": XJUSTIZ})
    head = _add(root, "nachrichtenkopf", xjustizVersion=VERSION)
    _add(_add(head, "aktenzeichen.absender"), "az.absender", str(parcel.about.get("own_number", "")))
    if theirs := parcel.about.get("file_number"):
        _add(_add(head, "aktenzeichen.empfaenger"), "az.empfaenger", str(theirs))
    _add(head, "erstellungszeitpunkt", clock.local(parcel.at).isoformat(timespec="seconds"))
    _add(_add(head, "auswahl_absender"), "absender.sonstige", str(settings.CITY["name"]))
    _add(_add(head, "auswahl_empfaenger"), "empfaenger.sonstige", str(parcel.to.get("name", "")))
    _add(head, "eigeneNachrichtenID", part_id)
    _add(head, "nachrichtenuebergreifenderProzess", str(parcel.key))
    _add(head, "anmerkung", f"Teil {part}")
    _add(_add(root, "grunddaten"), "betreff", str(parcel.about.get("subject", "")))
    content = _add(root, "schriftgutobjekte")
    for number, (document, name) in enumerate(zip(documents, names, strict=True), start=1):
        file = _add(content, "dokument")
        _add(_add(file, "identifikation"), "nummerImUebergeordnetenContainer", str(number))
        about = _add(file, "fachspezifischeDaten")
        _add(about, "anzeigename", document.name)
        _add(_add(about, "datei"), "dateiname", name)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{XJUSTIZ}}}{name}", attributes)
    # What XML cannot carry (controls) would stop the whole message.
    child.text = "".join(sign for sign in text if sign in "\n\t" or sign.isprintable()) or None
    return child


# --- receipts --------------------------------------------------------------------------------------------------------


class Receipt:
    """One receipt of the client, read and checked. `once`: by it the same receipt counts once."""

    def __init__(self, data: bytes) -> None:
        """Raises ValueError, KeyError, TypeError for anything that is no receipt."""
        said = json.loads(data)
        self.key = uuid.UUID(str(said["key"]))
        self.kind = str(said["kind"])
        self.at = dt.datetime.fromisoformat(str(said["at"]))
        if self.kind not in (*CONFIRMING, REJECTED) or self.at.tzinfo is None:
            raise ValueError(self.kind)
        self.once = f"{self.kind}:{str(said['id'])[:80]}"
        self.detail = {"kind": self.kind, "id": str(said["id"])[:80], "sha256": str(said.get("sha256", ""))[:64]}


def receipts(folder: Path) -> Iterator[tuple[Path, Receipt | None]]:
    """Every whole file of the client, read; None for what is no receipt."""
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else []:
        try:
            yield path, Receipt(path.read_bytes())
        except FileNotFoundError:  # another worker has moved it
            continue
        except (ValueError, KeyError, TypeError):
            yield path, None


def put_away(path: Path, where: str, told: Counter[str]) -> None:
    """Into "done" or "foreign" beside it, never over another file."""
    target = path.parent / where / path.name
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        target = target.with_name(f"{clock.uuid().hex[:8]}-{path.name}")
    path.rename(target)
    told[where] += 1
