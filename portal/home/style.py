"""Samples for the style page: every component in every state."""

import datetime
from typing import Any, TypeVar

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.paginator import Paginator

from forms_engine.definitions.places import PlaceAnswer
from portal.common.dates import DateField
from portal.home import queries

ZONE = datetime.UTC
T = TypeVar("T")
# The custom properties of tokens.css, without their prefix "--p-".
TOKENS = (
    *("action", "action-strong", "accent", "text", "muted", "ground", "surface", "tint", "line", "line-strong"),
    *("danger", "success", "warning", "info", "footer"),
)


class SampleForm(forms.Form):
    """One field of each kind, with the house's texts."""

    use_required_attribute = False
    name = forms.CharField(
        label="Familienname",
        error_messages={"required": "Geben Sie Ihren Familiennamen ein"},
        widget=forms.TextInput(attrs={"autocomplete": "family-name", "spellcheck": "false"}),
    )
    postcode = forms.RegexField(
        r"^[0-9]{5}$",
        label="Postleitzahl",
        help_text="Fünf Ziffern, zum Beispiel 80337",
        error_messages={
            "required": "Geben Sie die Postleitzahl ein",
            "invalid": "Die Postleitzahl muss aus fünf Ziffern bestehen",
        },
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    born = DateField(
        label="Geburtsdatum", subject="Das Geburtsdatum", empty="Geben Sie Ihr Geburtsdatum ein", birth=True
    )
    owner = forms.ChoiceField(
        label="Wem gehört das Fahrzeug?",
        choices=[
            ("own", "Es gehört mir"),
            ("lent", "Ich nutze es dauerhaft"),
            ("shared", "Es gehört zu einem Carsharing"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Wählen Sie, wem das Fahrzeug gehört"},
    )
    place = PlaceAnswer(label="Wo ist der Schaden?", empty="Beschreiben Sie den Ort.")
    reach = forms.MultipleChoiceField(
        label="Wie dürfen wir Sie erreichen?",
        help_text="Wählen Sie alles, was passt.",
        choices=[("mail", "E-Mail"), ("phone", "Telefon"), ("post", "Brief")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    area = forms.ChoiceField(
        label="Parklizenzgebiet",
        choices=[("", "Wählen Sie ein Gebiet"), ("1", "Am Gärtnerplatz"), ("2", "Glockenbach"), ("3", "Westend")],
        error_messages={"required": "Wählen Sie Ihr Parklizenzgebiet"},
    )
    reason = forms.CharField(
        label="Begründung",
        help_text="Nur nötig, wenn das Fahrzeug länger als 6 Meter ist.",
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
    )
    paper = forms.FileField(
        label="Zulassungsbescheinigung Teil I",
        help_text="PDF, JPG oder PNG, höchstens 10 MB",
        error_messages={"required": "Wählen Sie eine Datei aus"},
    )
    correct = forms.BooleanField(
        label="Meine Angaben sind richtig und vollständig.",
        error_messages={"required": "Bestätigen Sie, dass Ihre Angaben richtig sind"},
    )

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["postcode"].width = 5  # type: ignore[attr-defined]  # read by kern/field.html
        self.fields["owner"].choice_hints = {  # type: ignore[attr-defined]  # read by kern/choices.html
            "lent": "Sie brauchen dann eine Bestätigung der Person, der es gehört."
        }


FILLED = {
    "name": "Łuczak-Şahin",
    "postcode": "80337",
    "born_0": "27",
    "born_1": "März",
    "born_2": "1984",
    "owner": "lent",
    "reach": ["mail", "post"],
    "area": "2",
    "reason": "Das Fahrzeug ist für einen Rollstuhl umgebaut.",
    "correct": "on",
}


def sample_overview(at: datetime.datetime, href: str) -> queries.Overview:
    day = at.date()
    number, title = "KVR-2026-000123-4", "Bewohnerparkausweis"
    turn = "Sie sind am Zug"
    return queries.Overview(
        tasks=_rows(
            queries.Task("Gebühr bezahlen", href, "Jetzt bezahlen", "Bewohnerparkausweis, 30,00 €", day),
            queries.Task("Fahrzeugschein nachreichen", href, "Unterlage hochladen"),
        ),
        cases=_rows(
            queries.CaseRow(title, number, at, turn, "warning", turn, href, expected_by=day),
            queries.CaseRow(title, "KVR-2025-000077-1", at, "Bewilligt", "success", "", href, "Bob Brenner"),
        ),
        drafts=_rows(queries.DraftRow(title, 2, 5, at, day, href, href, "Anna Ammer")),
        appointments=_rows(
            queries.AppointmentRow("Beratung", at, "Implerstraße 11", "B 214", "Ihr Ausweis", href, href, href, href)
        ),
        messages=_rows(
            queries.MessageRow("Ihr Bescheid ist da", "Stadt", at, True, href, href, "Zum Vorgang"),
            queries.MessageRow("Wir haben Ihren Antrag erhalten", "Stadt", at, False, href, "", ""),
        ),
        payments=_rows(
            queries.PaymentRow(f"{title}, 12 Monate", 3000, "Offen", "warning", href, day),
            queries.PaymentRow(f"{title}, 12 Monate", 3000, "Bezahlt", "success", href, None, href),
        ),
        papers=_rows(queries.PaperRow("Bescheid", title, "KVR-2025-000077-1", at, href, day)),
        tips=_rows(queries.Tip("Umzug", "Was Sie nach dem Umzug erledigen", href)),
    )


def _rows(*rows: T) -> queries.Rows[T]:
    return queries.Rows(rows, more=True)


def context(change_url: str) -> dict[str, Any]:
    """Everything the style page shows. `change_url`: where its "Ändern" links lead."""
    at = datetime.datetime(2026, 3, 3, 13, 5, tzinfo=ZONE)
    return {
        "empty_form": SampleForm(auto_id="leer_%s"),
        "wrong_form": SampleForm({"postcode": "8033", "born_0": "27"}, auto_id="falsch_%s"),
        "filled_form": SampleForm(FILLED, {"paper": SimpleUploadedFile("schein.pdf", b"%PDF")}, auto_id="voll_%s"),
        "overview": sample_overview(at, change_url),
        "proof": {"bits": 1, "puzzles": 1, "fresh": "", "wort": SampleForm(auto_id="probe_%s")["postcode"]},
        "scans": [{"is_waiting": True}, {"is_infected": True}],
        "kinds": [
            ("info", "Hinweis", "In Prüfung"),
            ("success", "Erledigt", "Bewilligt"),
            ("warning", "Achtung", "Sie sind am Zug"),
            ("danger", "Es gibt ein Problem", "Abgelehnt"),
        ],
        "steps": [
            {"title": "Antrag eingegangen", "state": "done", "at": at},
            {"title": "Gebühr bezahlt", "state": "done", "at": at + datetime.timedelta(minutes=4)},
            {
                "title": "In Prüfung",
                "state": "now",
                "at": None,
                "text": "Wir prüfen Ihre Angaben mit dem Melderegister.",
            },
            {"title": "Bescheid", "state": "planned", "at": datetime.date(2026, 3, 17), "text": ""},
        ],
        "rows": [
            {"label": "Name", "value_text": "Alice Ammer", "field": "name"},
            {"label": "Anschrift", "value_text": "Ruppertstraße 19\n80337 München", "field": "address"},
            {"label": "Begründung", "value_text": "", "field": "reason"},
        ],
        "plain_rows": [
            {"label": "Aktenzeichen", "value_text": "KVR-2026-000123-4"},
            {"label": "Eingegangen am", "value_text": "3. März 2026, 14:05 Uhr"},
        ],
        "sample_terminal": {"name": "Rathaus, Gerät 1", "idle_seconds": 120},
        "change_url": change_url,
        "tasks": [
            {"title": "Angaben zur Person", "href": change_url, "status": "Erledigt", "kind": ""},
            {
                "title": "Fahrzeuge",
                "href": change_url,
                "status": "Teilweise erledigt",
                "kind": "info",
                "hint": "Ein Fahrzeug fehlt noch.",
            },
            {"title": "Absenden", "href": "", "status": "Noch nicht möglich", "kind": ""},
        ],
        "page": Paginator(range(60), 20).page(2),
        "tokens": TOKENS,
    }
