"""Letters: one print-ready PDF each in the print shop's folder, an address sheet before the decision itself.

`to`: {"lines": [name, ...]}, at most six (DIN 5008). The address stands in the window of form B, 45 mm from the top;
the zone above it, where the post puts its mark, stays empty. A DataMatrix (ISO/IEC 16022) names the letter and its
sheets, so that the inserting machine notices a missing page. The file is a copy for the printer, not for the archive:
what counts is the sealed file in the postbox.

Folder: <spool>/letters/<key>.pdf and <key>.json with {"key", "file", "sha256", "bytes", "pages", "created", "sides"}.
Take a letter when its .json is there. The key is the same on every try; answer with it (letters_reconcile).
"""

import hashlib
import io
import re
from pathlib import Path
from typing import Any

import pikepdf
import zxingcpp
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from mailbox.channels import Handed, Parcel, Refused, spool
from portal.common import clock
from portal.documents import letters
from portal.documents.render import RenderBusy, RenderError, render_pdf

FOLDER = "letters"
MOST_LINES = 6
MOST_PAGES = 200
A4 = (595.276, 841.89)  # points
_DRAWING = re.compile(r"<svg .*</svg>", re.DOTALL)


class Letter:
    def hand_over(self, parcel: Parcel) -> Handed | Refused:
        """Print into the folder. Refuses for good what no printer could take: no address, no PDF, too long."""
        if settings.MAILBOX_SPOOL is None:
            return Refused(permanent=False, error="no spool folder")
        lines = [str(line).strip() for line in parcel.to.get("lines", [])]
        if not 2 <= len(lines) <= MOST_LINES or not all(line.isprintable() and line for line in lines):
            return Refused(permanent=True, error="address")
        try:
            pdf, pages = _print_file(parcel, lines)
        except RenderBusy:
            return Refused(permanent=False, error="RenderBusy")
        except (RenderError, pikepdf.PdfError) as error:
            return Refused(permanent=True, error=type(error).__name__)
        if pages > MOST_PAGES:
            return Refused(permanent=True, error="too many pages")
        return _into_folder(settings.MAILBOX_SPOOL / FOLDER, parcel, pdf, pages)


def _into_folder(folder: Path, parcel: Parcel, pdf: bytes, pages: int) -> Handed | Refused:
    manifest = {
        "key": str(parcel.key),
        "file": f"{parcel.key}.pdf",
        "sha256": hashlib.sha256(pdf).hexdigest(),
        "bytes": len(pdf),
        "pages": pages,
        "sides": "duplex",
        "created": clock.local(parcel.at).isoformat(),
    }
    try:
        kept = spool.put(folder, str(parcel.key), {".pdf": pdf}, manifest)
    except OSError as error:
        return Refused(permanent=False, error=f"OSError {error.errno}")
    return Handed(reference=kept["file"], sha256=kept["sha256"])


def _print_file(parcel: Parcel, lines: list[str]) -> tuple[bytes, int]:
    """The address sheet and what it announces, and how many pages that is. Equal parcels give equal bytes."""
    with pikepdf.new() as whole:
        documents = [pikepdf.open(io.BytesIO(document.data)) for document in parcel.documents]
        sheets = 2 + sum(len(document.pages) for document in documents)
        with pikepdf.open(io.BytesIO(_sheet(parcel, lines, sheets))) as sheet:
            whole.pages.extend(sheet.pages)
            if len(whole.pages) % 2:
                whole.add_blank_page(page_size=A4)  # the decision begins on a leaf of its own
            for document in documents:
                whole.pages.extend(document.pages)
            target = io.BytesIO()
            whole.save(target, deterministic_id=True)
        for document in documents:
            document.close()
        return target.getvalue(), len(whole.pages)


def _sheet(parcel: Parcel, lines: list[str], pages: int) -> bytes:
    context: dict[str, Any] = {
        "sender": letters.city_sender(),
        "recipient": letters.Recipient(lines[0], tuple(lines[1:])),
        "contact": letters.Contact(name="", phone="115"),
        "date": clock.local(parcel.at).date(),
        "mark": data_matrix(f"{parcel.key};{pages}"),
        "count": len(parcel.documents),
    }
    return render_pdf("mailbox/address_sheet.html", context, title="Ihr Bescheid", created=parcel.at)


def data_matrix(content: str) -> SafeString:
    """A DataMatrix as inline SVG with a text alternative."""
    drawn = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.DataMatrix).to_svg(add_quiet_zones=True)
    found = _DRAWING.search(drawn)
    if found is None:
        raise RenderError("The barcode library draws in another form than expected.")
    title = "<title>Steuerzeichen für die Kuvertierung</title><desc>"
    return mark_safe(found.group().replace("<desc>", title, 1))  # noqa: S308 - a drawing of squares; content is in them
