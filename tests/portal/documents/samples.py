"""Documents with awkward but real content: long names, three vehicles, every kind of letter of DIN 91379."""

import datetime as dt
from collections.abc import Callable

from portal.documents import letters, render

CREATED = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
CODE = "K7QF-2MXH-94TB"
ATTACHMENTS = [render.Attachment("bescheid.json", "application/json", b'{"betrag": 3000}', "Die Angaben als Daten")]
LONG_NAME = "Prof. Dr. Friederike-Charlotte Gräfin von Größenwahn-Żółkiewska-Ḥusaynī"


def _letter(title: str) -> dict[str, object]:
    return {
        "title": title,
        "sender": letters.city_sender(),
        "recipient": letters.Recipient(LONG_NAME, ("c/o Öztürk", "Türkenstraße 123 a, Rückgebäude", "80799 München")),
        "date": dt.date(2026, 3, 2),
        "file_number": "KVR-2026-000042-7",
        "contact": letters.Contact("Clara Claußen", "089 233-00", "parklizenz.kvr@muenchen.invalid", "3.021"),
        "verification": letters.verification(CODE),
    }


def decision() -> tuple[str, dict[str, object]]:
    rows = [("Bewohnerparkausweis, 1 Jahr", "30,00 €"), ("Auslagen für die Zustellung", "0,00 €")]
    return "tests/decision.html", _letter("Ihr Bewohnerparkausweis im Parklizenzgebiet Schwabing-West") | {
        "rows": rows,
        "vehicles": ["M-ÄB 1234 E", "M-OX 7", "STA-WW 999"],
    }


def long_decision() -> tuple[str, dict[str, object]]:
    template, context = decision()
    return template, context | {"rows": [(f"Posten {n} der Donaudampfschifffahrt", f"{n},00 €") for n in range(90)]}


def three_pages() -> tuple[str, dict[str, object]]:
    template, context = decision()
    return template, context | {"rows": [(f"Posten {n} der Verwaltungsgebühr", f"{n},00 €") for n in range(30)]}


def summary() -> tuple[str, dict[str, object]]:
    person = [
        {"label": "Familienname", "value_text": "von Größenwahn-Żółkiewska-Ḥusaynī"},
        {"label": "Vornamen", "value_text": "Friederike-Charlotte Đặng Þóra"},
        {"label": "Geburtsdatum", "value_text": "29. Februar 1988"},
        {
            "label": "Wie lautet Ihre E-Mail-Adresse für Rückfragen zu diesem Antrag?",
            "value_text": "a" * 70 + "@b.invalid",
        },
    ]
    car = [
        {"label": "Kennzeichen", "value_text": "M-ÄB 1234 E"},
        {"label": "Wer ist Halter*in?", "value_text": "Eine andere Person"},
        {"label": "Begründung", "value_text": "Das Auto gehört meiner Mutter.\nSie fährt nicht mehr. " * 12},
        {"label": "Weitere Angaben", "value_text": ""},
    ]
    sections = [{"title": "Angaben zur Person", "rows": person}]
    sections += [{"title": f"Fahrzeug {n}", "rows": car} for n in (1, 2, 3)]
    return "documents/summary.html", _letter("Ihre Angaben: Bewohnerparkausweis") | {
        "submitted_at": CREATED,
        "sections": sections,
        "uploads": [{"name": "Zulassungsbescheinigung Teil I – Vorderseite.pdf", "sha256": "9f" * 32}],
    }


def receipt() -> tuple[str, dict[str, object]]:
    return "documents/receipt.html", _letter("Wir haben Ihren Antrag erhalten") | {
        "service": "Bewohnerparkausweis",
        "received_at": CREATED,
        "next_steps": [
            "Wir prüfen Ihren Antrag. Das dauert meist drei Arbeitstage.",
            "Fehlt etwas, schreiben wir Ihnen ins Postfach.",
            "Den Bescheid finden Sie in Ihrem Postfach.",
        ],
        "provisional": {
            "plates": ["M-ÄB 1234 E", "M-OX 7", "STA-WW 999"],
            "area": "Schwabing-West / Kurfürstenplatz",
            "area_number": "17",
            "valid_from": dt.date(2026, 3, 2),
            "valid_until": dt.date(2026, 3, 9),
        },
    }


ALL = {"decision": decision, "long_decision": long_decision, "summary": summary, "receipt": receipt}


def rendered(sample: Callable[[], tuple[str, dict[str, object]]]) -> bytes:
    template, context = sample()
    return render.render_pdf(template, context, title=str(context["title"]), created=CREATED, attachments=ATTACHMENTS)


def small() -> bytes:
    """The smallest PDF we make."""
    return render.render_pdf("tests/plain.html", {"lines": ["x"]}, title="Probe", created=CREATED)
