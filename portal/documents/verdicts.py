"""What the check page says about a document: values in, German sentences out."""

import datetime as dt
from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise

from portal.common import clock, formats
from portal.documents.models import IssuedDocument
from portal.documents.seal import Verdict

HELP = _lazy("Fragen Sie im Zweifel unter der Behördennummer 115 nach.")


def _with_help(text: StrOrPromise) -> StrOrPromise:
    return format_lazy("{text} {help}", text=text, help=HELP)


@dataclass(frozen=True)
class Finding:
    """kind: success, info, warning or danger, as components/alert.html takes it."""

    kind: str
    title: StrOrPromise
    text: StrOrPromise


UNKNOWN_CODE = Finding(
    "danger",
    _lazy("Diesen Prüfcode kennen wir nicht"),
    _with_help(
        _lazy("Vergleichen Sie den Code noch einmal mit dem Dokument. Stimmt er, ist das Dokument nicht von uns.")
    ),
)
NO_SEAL = Finding(
    "danger",
    _lazy("Diese Datei trägt kein gültiges Siegel der Stadt"),
    _with_help(
        _lazy(
            "Sie wurde verändert oder stammt nicht von uns. Auch ein Scan oder ein neu gespeichertes PDF verliert das "
            "Siegel. Prüfen Sie dann den Prüfcode auf dem Dokument."
        )
    ),
)
SEAL_WITHOUT_ENTRY = Finding(
    "warning",
    _lazy("Das Siegel stimmt, aber wir kennen das Dokument nicht"),
    _with_help(_lazy("Die Datei ist unverändert. Sie steht aber nicht im Verzeichnis der ausgestellten Dokumente.")),
)


def of_document(document: IssuedDocument, today: dt.date) -> Finding:
    """Real it is, since it has a row; the question is whether it counts today."""
    if document.withdrawn_at:
        day = _day(clock.local(document.withdrawn_at).date())
        if document.replaced:
            return Finding(
                "danger",
                _("Dieses Dokument ist ersetzt"),
                _("Es ist echt, gilt aber nicht mehr. Die Stadt hat es am %(day)s durch ein neues ersetzt.")
                % {"day": day},
            )
        return Finding(
            "danger",
            _("Dieses Dokument gilt nicht mehr"),
            _("Es ist echt. Die Stadt hat es am %(day)s zurückgenommen.") % {"day": day},
        )
    if document.valid_from and today < document.valid_from:
        return Finding(
            "info",
            _("Dieses Dokument ist echt, gilt aber noch nicht"),
            _("Es gilt ab %(valid_from)s.") % {"valid_from": _day(document.valid_from)},
        )
    if document.valid_until and today > document.valid_until:
        return Finding(
            "warning",
            _("Dieses Dokument ist abgelaufen"),
            _("Es ist echt. Es galt bis %(valid_until)s.") % {"valid_until": _day(document.valid_until)},
        )
    if document.valid_until:
        return Finding(
            "success",
            _("Dieses Dokument ist echt und gültig"),
            _("Es gilt bis %(valid_until)s.") % {"valid_until": _day(document.valid_until)},
        )
    return Finding(
        "success", _("Dieses Dokument ist echt"), _("Die Stadt hat es ausgestellt und nicht zurückgenommen.")
    )


def of_file(verdict: Verdict) -> Finding:
    """For a file whose hash is in no row."""
    return SEAL_WITHOUT_ENTRY if verdict.valid else NO_SEAL


def _day(day: dt.date) -> str:
    return formats.in_words(day, "day")
