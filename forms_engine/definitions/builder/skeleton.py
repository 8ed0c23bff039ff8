"""What a new form begins with: complete enough to be tried out, everything in it can be changed. Pure."""

import re
from collections.abc import Sequence
from typing import Any

SPELLED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def slug_of(title: str, most: int = 60) -> str:
    """ "Verlust des Ausweises" -> "verlust-des-ausweises"; "" if no letter begins it."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower().translate(SPELLED)).strip("-")
    return re.sub(r"^[^a-z]+", "", plain)[:most].strip("-")


def new_form(
    *, slug: str, title: str, department: str, legal_basis: Sequence[str], intro: str, purpose: str, retention: str
) -> dict[str, Any]:
    """Data of a form that schema.load() takes: who applies, and a declaration."""
    return {
        "language": 1,
        "form": slug,
        "title": title,
        "service": slug,
        "department": department,
        "legal_basis": list(legal_basis),
        "start": {
            "intro": [intro],
            "minutes": 5,
            "processing_time": "Wir melden uns, sobald wir Ihre Angaben geprüft haben.",
            "trust_level": "basic",
            "trust_reason": "Ein Konto mit Passwort genügt.",
        },
        "privacy": {
            "purpose": purpose,
            "legal_basis": f"Art. 6 Abs. 1 Buchst. e DSGVO in Verbindung mit {legal_basis[0]}",
            "recipients": [department],
            "retention": retention,
        },
        "submission": {
            "button": "Antrag absenden",
            "button_with_fee": "Antrag kostenpflichtig absenden",
            "next_steps": ["Wir prüfen Ihre Angaben. Die Antwort finden Sie in Ihrem Postfach."],
        },
        "meaning": {"name": ["person_vorname", "person_nachname"]},
        "pages": [
            {
                "key": "person",
                "title": "Wer sind Sie?",
                "summary_title": "Person",
                "fields": [{"type": "person", "name": "person", "label": "Person"}],
            },
            {
                "key": "erklaerung",
                "title": "Bestätigen Sie Ihre Angaben",
                "summary_title": "Erklärung",
                "fields": [
                    {
                        "name": "erklaerung_wahrheit",
                        "type": "declaration",
                        "label": "Richtige Angaben",
                        "statement": "Meine Angaben sind richtig und vollständig.",
                        "messages": {"empty": "Bestätigen Sie, dass Ihre Angaben richtig und vollständig sind."},
                    }
                ],
            },
        ],
    }
