"""What the check page says about a document: values in, German sentences out."""

import datetime as dt
from dataclasses import dataclass

from django.utils.formats import date_format

from portal.common import clock
from portal.documents.models import IssuedDocument
from portal.documents.seal import Verdict

HELP = "Fragen Sie im Zweifel unter der Behördennummer 115 nach."


@dataclass(frozen=True)
class Finding:
    """kind: success, info, warning or danger, as components/alert.html takes it."""

    kind: str
    title: str
    text: str


UNKNOWN_CODE = Finding(
    "danger",
    "Diesen Prüfcode kennen wir nicht",
    f"Vergleichen Sie den Code noch einmal mit dem Dokument. Stimmt er, ist das Dokument nicht von uns. {HELP}",
)
NO_SEAL = Finding(
    "danger",
    "Diese Datei trägt kein gültiges Siegel der Stadt",
    "Sie wurde verändert oder stammt nicht von uns. Auch ein Scan oder ein neu gespeichertes PDF verliert das Siegel. "
    f"Prüfen Sie dann den Prüfcode auf dem Dokument. {HELP}",
)
SEAL_WITHOUT_ENTRY = Finding(
    "warning",
    "Das Siegel stimmt, aber wir kennen das Dokument nicht",
    f"Die Datei ist unverändert. Sie steht aber nicht im Verzeichnis der ausgestellten Dokumente. {HELP}",
)


def of_document(document: IssuedDocument, today: dt.date) -> Finding:
    """Real it is, since it has a row; the question is whether it counts today."""
    if document.withdrawn_at:
        day = _day(clock.local(document.withdrawn_at).date())
        return Finding(
            "danger", "Dieses Dokument gilt nicht mehr", f"Es ist echt. Die Stadt hat es am {day} zurückgenommen."
        )
    if document.valid_from and today < document.valid_from:
        return Finding(
            "info", "Dieses Dokument ist echt, gilt aber noch nicht", f"Es gilt ab {_day(document.valid_from)}."
        )
    if document.valid_until and today > document.valid_until:
        return Finding(
            "warning", "Dieses Dokument ist abgelaufen", f"Es ist echt. Es galt bis {_day(document.valid_until)}."
        )
    if document.valid_until:
        return Finding("success", "Dieses Dokument ist echt und gültig", f"Es gilt bis {_day(document.valid_until)}.")
    return Finding("success", "Dieses Dokument ist echt", "Die Stadt hat es ausgestellt und nicht zurückgenommen.")


def of_file(verdict: Verdict) -> Finding:
    """For a file whose hash is in no row."""
    return SEAL_WITHOUT_ENTRY if verdict.valid else NO_SEAL


def _day(day: dt.date) -> str:
    return date_format(day, "j. F Y")
