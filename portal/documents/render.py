"""HTML to PDF/A-3a and PDF/UA-1 in one file: same input, same bytes, in every process.

WeasyPrint writes one conformance level a file. Ours carries both: the tags, output intent and attachments of A-3a, plus
the PDF/UA identifier in the XMP metadata with the extension schema that PDF/A demands for it (ISO 19005-3, 6.6.2.3).

Threads and PDFs do not mix: a FontConfiguration shared by threads that render at once corrupts memory. One process
keeps one set of fonts and one parsed style sheet behind a lock. Forks and PDFs do not mix either: Pango (1.56 at the
latest) asks a thread of its own for fonts, which a forked child does not have, and waits for it for ever. So each
process makes its own set; worker processes call warm_up() once they are forked (ADR 0007).
"""

import contextlib
import datetime as dt
import functools
import gc
import io
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import page
import pydyf
import weasyprint
from django.conf import settings
from django.template.loader import render_to_string
from weasyprint.document import DocumentMetadata
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError

from portal.documents import fonts, glyphs
from portal.documents.own_files import OwnFilesOnly

STYLESHEET = settings.BASE_DIR / "templates" / "documents" / "letter.css"
PROFILES = {"PDF/A-3a": "3a", "PDF/UA-1": "ua1"}

# ISO 14289-1, 5 and ISO 19005-3, 6.6.2.3: the identifier, and the description of its schema.
_PDF_UA = b"""<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="" pdfuaid:part="1"/>\
<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"\
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"\
 rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""
_END_OF_RDF = b"</rdf:RDF>"
_END_OF_STREAM = b"\nendstream"

_one_at_a_time = threading.Lock()


class RenderError(Exception):
    """The document cannot be made: a file it refers to is not ours or not there. The message names it."""


class RenderBusy(RenderError):
    """Another thread of this process is rendering. Render in worker processes, not in threads."""


@dataclass(frozen=True)
class Attachment:
    """A file inside the PDF. `relationship` as in ISO 32000-2, 7.11.3: Source, Data, Alternative, Supplement."""

    name: str
    media_type: str
    data: bytes
    description: str
    relationship: str = "Data"


def render_pdf(
    template: str,
    context: Mapping[str, object],
    *,
    title: str,
    created: dt.datetime,
    attachments: Sequence[Attachment] = (),
    lang: str = "de",
) -> bytes:
    """One file that is PDF/A-3a and PDF/UA-1; equal arguments give equal bytes.

    The template also gets `title`, `lang` and `city`. `created` is aware and stands as creation and change date.
    Raises RenderBusy, RenderError and what the template raises.
    """
    if created.tzinfo is None:
        raise ValueError("render_pdf() needs an aware datetime")
    html = render_to_string(template, {"city": settings.CITY, **context, "title": title, "lang": lang})
    with _alone():
        return _write(fonts.printable(html), title, created.astimezone(dt.UTC), attachments, lang)


def warm_up() -> None:
    """Load fonts and styles and draw one page: saves the first letter 1 to 2 seconds. Never before a fork."""
    html = "<p>Grüße <b>aus der Stadt</b> Ḥ</p>"
    with _alone():
        _write(html, "Probe", dt.datetime(2000, 1, 1, tzinfo=dt.UTC), (), "de")
    gc.collect()
    gc.freeze()  # what is loaded now lives as long as the process: collections need not look at it


def check_pdf(pdf: bytes) -> list[str]:
    """What breaks PDF/A-3a or PDF/UA-1, one line a finding; empty when the file is fine. About 5 ms a page."""
    findings = []
    for name, profile in PROFILES.items():
        try:
            report = page.validate_pdf_bytes(pdf, profile=profile)
        except page.PageError as error:
            return [f"{name}: nicht lesbar ({type(error).__name__})"]
        findings += [f"{name}: {failure.rule_id} {failure.message}" for failure in report.failures]
        if not report.is_compliant and not report.failures:
            findings.append(f"{name}: nicht eingehalten")
    return findings


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    if not _one_at_a_time.acquire(blocking=False):
        raise RenderBusy("In diesem Prozess entsteht gerade schon ein PDF. PDFs gehören in Prozesse, nicht in Threads.")
    try:
        yield
    finally:
        _one_at_a_time.release()


class _Fonts(FontConfiguration):  # type: ignore[misc]  # weasyprint carries no types
    """A font configuration whose folder a forked child does not delete when it ends before its parent."""

    def __init__(self) -> None:
        super().__init__()
        self._process = os.getpid()

    def __del__(self) -> None:
        if self._process == os.getpid():
            super().__del__()


@dataclass(frozen=True)
class _House:
    fonts: _Fonts
    styles: weasyprint.CSS
    fetcher: OwnFilesOnly
    images: dict[str, Any]  # our own few pictures, parsed once


def _house() -> _House:
    """Fonts and styles of this very process: loading them costs as much as a letter."""
    return _house_of(os.getpid())


@functools.cache  # a forked child keeps its parent's, too: freeing it would wait for the parent's thread
def _house_of(process: int) -> _House:
    fetcher, font_config = OwnFilesOnly(), _Fonts()
    css = STYLESHEET.read_text(encoding="utf-8")
    return _House(font_config, weasyprint.CSS(string=css, font_config=font_config, url_fetcher=fetcher), fetcher, {})


def _data_with_clear_end(
    stream: pydyf.Stream, written: Callable[[pydyf.Stream], bytes] = pydyf.Stream.data.fget
) -> bytes:
    """The stream as pydyf writes it, with CR LF before `endstream` in place of LF.

    One stream in 256 ends in the byte CR by chance. CR and the LF after it then read as one line end, the stream as one
    byte shorter than it says, and the file breaks PDF/A (ISO 19005-3, 6.1.7.1).
    """
    return written(stream).removesuffix(_END_OF_STREAM) + b"\r" + _END_OF_STREAM


glyphs.install()
pydyf.Stream.data = property(_data_with_clear_end)  # also for the streams that PDF.write() makes after all our doors


class _BothStandards(DocumentMetadata):  # type: ignore[misc]  # weasyprint carries no types
    def generate_rdf_metadata(self, variant: str, version: int, conformance: str) -> bytes:
        rdf: bytes = super().generate_rdf_metadata(variant, version, conformance)
        if not rdf.endswith(_END_OF_RDF):
            raise RenderError("WeasyPrint writes its metadata in another form than expected.")
        return rdf.removesuffix(_END_OF_RDF) + _PDF_UA + _END_OF_RDF

    def include_in_pdf(self, pdf: pydyf.PDF, variant: str, version: int, conformance: str, compress: bool) -> None:
        # Plain metadata can be read by archives without a PDF library; one checker demands it.
        super().include_in_pdf(pdf, variant, version, conformance, compress=False)


class _EmbeddedFile(weasyprint.Attachment):  # type: ignore[misc]  # weasyprint carries no types
    """States the media type instead of guessing it from the machine's tables."""

    def __init__(self, attachment: Attachment, created: dt.datetime):
        super().__init__(
            file_obj=io.BytesIO(attachment.data),
            name=attachment.name,
            description=attachment.description,
            created=created,
            modified=created,
            relationship=attachment.relationship,
        )
        self.source = contextlib.nullcontext((io.BytesIO(attachment.data), None, None, attachment.media_type))


def _write(html: str, title: str, created: dt.datetime, attachments: Sequence[Attachment], lang: str) -> bytes:
    house = _house()
    try:
        # Links in letters lead to the portal; a picture there would be a network address and is refused.
        source = weasyprint.HTML(string=html, base_url=f"{settings.PUBLIC_URL}/", url_fetcher=house.fetcher)
        document = source.render(house.fonts, stylesheets=[house.styles], pdf_variant="pdf/a-3a", cache=house.images)
        moment = created.strftime("%Y-%m-%dT%H:%M:%SZ")
        document.metadata = _BothStandards(
            title=title, authors=[settings.CITY["name"]], created=moment, modified=moment, lang=lang
        )
        by_name = sorted(attachments, key=lambda attachment: attachment.name)  # a name tree is ordered
        pdf: bytes = document.write_pdf(
            pdf_variant="pdf/a-3a", attachments=[_EmbeddedFile(a, created) for a in by_name], finisher=_finish
        )
    except FatalURLFetchingError as error:
        raise RenderError(str(error.__cause__)) from None
    return pdf


def _finish(document: weasyprint.Document, pdf: pydyf.PDF) -> None:
    """What WeasyPrint leaves out: the scope of header cells (ISO 14289-1, 7.5); it also lists attachments twice."""
    for leaf in document.pages:
        for box in leaf._page_box.descendants(placeholders=True):
            if box.element_tag == "th" and hasattr(box, "mark"):
                row = box.element.get("scope") == "row"
                box.mark["A"]["Scope"] = "/Row" if row else "/Column"
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))
