"""A person going through the pages of a draft: what a browser would send, page by page."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from forms_engine.submissions import actions, queries
from forms_engine.submissions.models import Draft
from portal.documents import filetypes
from tests.forms_engine.submissions import samples

Posted = dict[str, Any]


def file(name: str = "schein.pdf", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, samples.pdf() if data is None else data)


def date(name: str, day: int, month: int, year: int) -> Posted:
    return {f"{name}_0": str(day), f"{name}_1": str(month), f"{name}_2": str(year)}


# A new permit for one own car: every page on the way, in order.
NEW = {
    "anliegen": {"anliegen": "neu"},
    "gebiet": {"lizenzgebiet": "gaertnerplatz"},
    "stellplatz": {"stellplatz": "nein"},
    "person": {"vorname": "Alice", "nachname": "Ammer", **date("geburtsdatum", 3, 4, 1985)},
    "adresse": {"strasse": "Fraunhoferstraße 12", "plz": "80469", "wohnsitzart": "haupt"},
    "fahrzeuge": {
        "fahrzeuge-rows": "1",
        "fahrzeuge-0-kennzeichen": "M-AB 1234",
        "fahrzeuge-0-halterschaft": "eigen",
        "fahrzeuge-0-laenge_cm": "430",
    },
    "laufzeit": {"laufzeit": "12", **date("beginn", 1, 12, 2026)},
    "unterlagen": {"zulassung": [file()]},
    "kontakt": {"email": "alice@example.org"},
    "erklaerung": {"erklaerung_ausweis": "on", "erklaerung_fahrzeug": "on", "erklaerung_wahrheit": "on"},
}


class Walk:
    def __init__(self, client: Client, draft: Draft):
        self.client, self.draft = client, draft

    def url(self, page: str) -> str:
        return reverse("submissions:page", args=[self.draft.public_id, page])

    def get(self, page: str, **kwargs: Any):
        return self.client.get(self.url(page), **kwargs)

    def window(self, page: str) -> Posted:
        """Open the page: the hidden values of this window."""
        return hidden(self.get(page).content.decode())

    def post(self, page: str, data: Posted, *, window: Posted | None = None, query: str = "", **extra: Any):
        """Send the page from a window opened now, or from one opened before."""
        window = self.window(page) if window is None else window
        for held in data.values():
            for one in held if isinstance(held, list) else [held]:
                if hasattr(one, "seek"):
                    one.seek(0)
        return self.client.post(self.url(page) + query, {**window, **data, **extra})

    def fill(self, upto: str | None = None, pages: dict[str, Posted] = NEW) -> None:
        """Save the pages before `upto`, or all, without a browser."""
        for page, data in pages.items():
            if page == upto:
                break
            contents = queries.contents(self.draft)
            for item in contents.definition.file_fields:
                for one in data.get(item.name, ()):
                    one.seek(0)
                    actions.add_upload(self.draft, item.name, one.name, one.file, media_type=filetypes.PDF, limit=6)
            form = queries.contents(self.draft).form(page, {k: v for k, v in data.items() if not isinstance(v, list)})
            assert form.is_valid(), (page, form.errors)
            self.draft = actions.save_page(self.draft, page, form.answers(), expected_version=self.draft.version)

    def through(self, upto: str | None = None, pages: dict[str, Posted] = NEW) -> str:
        """Fill in the pages before `upto`, or all. Returns where the last answer led to."""
        place = ""
        for page, data in pages.items():
            if page == upto:
                break
            response = self.post(page, data)
            assert response.status_code == 302, (page, errors(response))
            place = response["Location"]
        return place

    def fresh(self) -> Draft:
        return Draft.objects.get(pk=self.draft.pk)


def hidden(html: str) -> Posted:
    return dict(re.findall(r'<input type="hidden" name="(stand|fenster)" value="([^"]*)">', html))


def errors(response: Any) -> list[str]:
    """The sentences of the error summary."""
    html = response.content.decode()
    summary = re.search(r'id="fehler".*?</ul>', html, re.S)
    return re.findall(r'<a class="kern-link" href="#[^"]+">(.*?)</a>', summary[0]) if summary else []


# A lost permit, stolen, second home in Munich.
LOSS = {
    "anliegen": {"anliegen": "verlust"},
    "gebiet": {"lizenzgebiet": "isartor"},
    "person": NEW["person"],
    "adresse": {"strasse": "Tal 1", "plz": "80331", "wohnsitzart": "neben"},
    "hauptwohnsitz": {"hauptwohnsitz_muenchen": "nein"},
    "ausweis": {"ausweisnummer": "", "ausweis_gueltig_bis_0": "", "ausweis_gueltig_bis_1": ""},
    "verlust": {"verlustart": "gestohlen", **date("verlustdatum", 1, 11, 2026)},
    "unterlagen": {"diebstahlanzeige": [file("anzeige.pdf")]},
    "kontakt": {"email": ""},
    "erklaerung": {"erklaerung_wahrheit": "on"},
}
# Another car, too long, and only while the own one is repaired.
CHANGE = {
    "anliegen": {"anliegen": "umschreibung"},
    "gebiet": {"lizenzgebiet": "gaertnerplatz"},
    "person": NEW["person"],
    "adresse": NEW["adresse"],
    "ausweis": {"ausweisnummer": "P-1", **date("ausweis_gueltig_bis", 1, 3, 2027)},
    "fahrzeuge": {
        "fahrzeuge-rows": "1",
        "fahrzeuge-0-kennzeichen": "M-CD 77",
        "fahrzeuge-0-halterschaft": "ueberlassen",
        "fahrzeuge-0-laenge_cm": "650",
    },
    "haertefall": {"haertefall": "Umbau mit Rampe für einen Rollstuhl."},
    "umschreibung": {"kennzeichen_alt": "M-AB 1234", "ersatzfahrzeug": "ja"},
    "unterlagen": {
        "zulassung": [file()],
        "haltererklaerung": [file("halter.pdf")],
        "werkstattbestaetigung": [file("werkstatt.pdf")],
    },
    "kontakt": {"email": ""},
    "erklaerung": {"erklaerung_fahrzeug": "on", "erklaerung_wahrheit": "on"},
}
# The old town, with an own place that is being rebuilt.
REBUILT = {
    "anliegen": {"anliegen": "altstadt"},
    "stellplatz": {"stellplatz": "ja"},
    "umbau": {"stellplatz_umbau": "ja"},
    "umbau-dauer": date("umbau_bis", 1, 6, 2027),
    "person": NEW["person"],
    "adresse": NEW["adresse"],
    "fahrzeuge": {**NEW["fahrzeuge"], "fahrzeuge-0-antrieb": "ja", "fahrzeuge-0-halterschaft": "carsharing"},
    "laufzeit": {"laufzeit": "6", **date("beginn", 1, 12, 2026)},
    "unterlagen": {"carsharing_nachweis": [file()], "umbau_nachweis": [file("umbau.pdf")]},
    "kontakt": {"email": ""},
    "erklaerung": NEW["erklaerung"],
}
WALKS = {"neu": NEW, "verlust": LOSS, "umschreibung": CHANGE, "altstadt": REBUILT}
