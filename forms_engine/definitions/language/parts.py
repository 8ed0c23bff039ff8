"""The parts that blocks are made of (fields.KnownBlock), as an author would write them. Plain data."""

from collections.abc import Mapping
from typing import Any


def _t(de: str, en: str) -> dict[str, str]:
    return {"de": de, "en": en}


def _line(label: tuple[str, str], empty: tuple[str, str], **more: Any) -> dict[str, Any]:
    return {"type": "text", "label": _t(*label), "messages": {"empty": _t(*empty)}, "width": 30, **more}


PARTS: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "person": {
        "doktorgrad": _line(("Doktorgrad", "Doctorate"), ("Geben Sie den Doktorgrad ein.", "Enter the doctorate."))
        | {"width": 10, "max_length": 20, "autocomplete": "honorific-prefix"},
        "vorname": _line(("Vorname", "First name"), ("Geben Sie den Vornamen ein.", "Enter the first name."))
        | {"check": "name", "max_length": 120, "autocomplete": "given-name"},
        "nachname": _line(("Familienname", "Last name"), ("Geben Sie den Familiennamen ein.", "Enter the last name."))
        | {"check": "name", "max_length": 120, "autocomplete": "family-name"},
        "geburtsname": _line(("Geburtsname", "Name at birth"), ("Geben Sie den Geburtsnamen ein.", "Enter the name."))
        | {"check": "name", "max_length": 120},
        "geburtsdatum": {
            "type": "date",
            "label": _t("Geburtsdatum", "Date of birth"),
            "subject": _t("Das Geburtsdatum", "The date of birth"),
            "hint": _t("Zum Beispiel 27 3 1985", "For example 27 3 1985"),
            "checks": [{"check": "geburtsdatum"}],
            "messages": {"empty": _t("Geben Sie das Geburtsdatum ein.", "Enter the date of birth.")},
        },
        "geburtsort": _line(("Geburtsort", "Place of birth"), ("Geben Sie den Geburtsort ein.", "Enter the place."))
        | {"max_length": 120},
        "staatsangehoerigkeit": _line(
            ("Staatsangehörigkeit", "Nationality"),
            ("Geben Sie die Staatsangehörigkeit ein.", "Enter the nationality."),
            hint=_t("Zum Beispiel deutsch. Mehrere trennen Sie mit einem Komma.", "Separate several with a comma."),
            max_length=200,
        ),
    },
    "address": {
        "strasse": _line(
            ("Straße und Hausnummer", "Street and number"),
            ("Geben Sie die Straße und die Hausnummer ein.", "Enter the street and the number."),
            check="strasse_hausnummer",
            max_length=120,
            autocomplete="street-address",
        ),
        "zusatz": _line(
            ("Zusatz zur Adresse", "Second line of the address"),
            ("Geben Sie den Zusatz ein.", "Enter the second line."),
            hint=_t("Zum Beispiel „bei Familie Beispiel“ oder „3. Stock“", "For example the floor"),
            max_length=80,
        ),
        "plz": _line(
            ("Postleitzahl", "Postcode"),
            ("Geben Sie die Postleitzahl ein.", "Enter the postcode."),
            check="plz_de",
            max_length=10,
            width=5,
            numeric=True,
            autocomplete="postal-code",
        ),
        "ort": _line(
            ("Ort", "Town"),
            ("Geben Sie den Ort ein.", "Enter the town."),
            max_length=80,
            autocomplete="address-level2",
        ),
        "land": _line(
            ("Land", "Country"),
            ("Geben Sie das Land ein.", "Enter the country."),
            max_length=80,
            autocomplete="country-name",
        ),
    },
    "company": {
        "firma": _line(
            ("Name des Unternehmens", "Name of the company"),
            ("Geben Sie den Namen des Unternehmens ein.", "Enter the name of the company."),
            hint=_t("So, wie er im Register oder in der Gewerbeanmeldung steht.", "As it stands in the register."),
            max_length=200,
            autocomplete="organization",
        ),
        "rechtsform": {
            "type": "choice",
            "widget": "select",
            "label": _t("Rechtsform", "Legal form"),
            "messages": {"empty": _t("Wählen Sie die Rechtsform aus.", "Choose the legal form.")},
            "choices": [
                {"value": "einzel", "label": _t("Einzelunternehmen", "Sole trader")},
                {"value": "ek", "label": _t("Eingetragene Kauffrau oder eingetragener Kaufmann", "Registered trader")},
                {"value": "gbr", "label": _t("Gesellschaft bürgerlichen Rechts (GbR)", "Civil partnership (GbR)")},
                {"value": "ohg", "label": _t("Offene Handelsgesellschaft (OHG)", "General partnership (OHG)")},
                {"value": "kg", "label": _t("Kommanditgesellschaft (KG)", "Limited partnership (KG)")},
                {"value": "gmbhcokg", "label": _t("GmbH & Co. KG", "GmbH & Co. KG")},
                {"value": "gmbh", "label": _t("Gesellschaft mit beschränkter Haftung (GmbH)", "Company (GmbH)")},
                {"value": "ug", "label": _t("Unternehmergesellschaft (UG)", "Company (UG)")},
                {"value": "ag", "label": _t("Aktiengesellschaft (AG)", "Public company (AG)")},
                {"value": "eg", "label": _t("Eingetragene Genossenschaft (eG)", "Cooperative (eG)")},
                {"value": "ev", "label": _t("Eingetragener Verein (e. V.)", "Association (e. V.)")},
                {"value": "andere", "label": _t("Andere Rechtsform", "Another legal form")},
            ],
        },
        "registergericht": _line(
            ("Registergericht", "Court of the register"),
            ("Geben Sie das Registergericht ein.", "Enter the court."),
            hint=_t("Zum Beispiel Amtsgericht München", "For example Amtsgericht München"),
            max_length=120,
        ),
        "registernummer": _line(
            ("Registernummer", "Register number"),
            ("Geben Sie die Registernummer ein.", "Enter the register number."),
            hint=_t("Zum Beispiel HRB 12345", "For example HRB 12345"),
            check="registernummer",
            width=20,
        ),
        "ust_id": _line(
            ("Umsatzsteuer-ID", "VAT number"),
            ("Geben Sie die Umsatzsteuer-ID ein.", "Enter the VAT number."),
            check="ust_id",
            width=20,
        ),
    },
    "contact": {
        "email": {
            "type": "email",
            "label": _t("E-Mail-Adresse", "E-mail address"),
            "autocomplete": "email",
            "messages": {"empty": _t("Geben Sie eine E-Mail-Adresse ein.", "Enter an e-mail address.")},
        },
        "telefon": {
            "type": "phone",
            "label": _t("Telefonnummer", "Telephone number"),
            "autocomplete": "tel",
            "messages": {"empty": _t("Geben Sie eine Telefonnummer ein.", "Enter a telephone number.")},
        },
    },
}
USUAL = {
    "person": ("vorname", "nachname", "geburtsdatum"),
    "address": ("strasse", "plz", "ort"),
    "company": ("firma", "rechtsform"),
    "contact": ("email", "telefon"),
}
OPTIONAL = frozenset({"doktorgrad", "geburtsname", "zusatz", "ust_id", "registergericht", "registernummer", "telefon"})
