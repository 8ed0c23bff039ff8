"""The list of forms, a new form, a form from a file."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import RegexValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from forms_engine.definitions import access, actions, document, schema
from forms_engine.definitions.builder import reading, skeleton
from forms_engine.definitions.builder.frame import GET_POST, PlainForm, authors, page
from forms_engine.definitions.models import Form
from portal.accounts.access import citizen
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.directory.teams.models import Team, TeamForm

RESERVED = frozenset({"neu", "einlesen"})  # addresses beside the forms


def _line(label: str, help_text: str, empty: str, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, error_messages={"required": empty}, **more)


class TeamChoice(PlainForm):
    team = forms.ModelChoiceField(
        label="Team, das die Anträge bearbeitet",
        queryset=Team.objects.none(),
        empty_label=None,
        error_messages={"required": "Wählen Sie das Team aus.", "invalid_choice": "Wählen Sie ein Team aus der Liste."},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user = user
        cast(forms.ModelChoiceField[Team], self.fields["team"]).queryset = access.teams_for_new(user)

    def judge_slug(self, slug: str) -> None:
        """Raises ValidationError."""
        if not slug or slug in RESERVED:
            raise ValidationError("Geben Sie eine andere Kennung ein.")
        if Form.objects.filter(slug=slug).exists() or not access.may_take(self.user, slug):
            raise ValidationError(f"Die Kennung „{slug}“ ist schon vergeben. Geben Sie eine andere ein.")


class NewForm(TeamChoice):
    title = _line(
        "Titel des Formulars",
        "Was die Menschen tun wollen, zum Beispiel „Hund anmelden“",
        "Geben Sie den Titel ein.",
        max_length=200,
    )
    slug = forms.CharField(
        label="Kennung",
        help_text="Steht in der Adresse. Leer: aus dem Titel",
        required=False,
        max_length=60,
        validators=[
            RegexValidator(r"^[a-z][a-z0-9-]{1,59}$", "Nehmen Sie nur kleine Buchstaben, Ziffern und Bindestriche.")
        ],
    )
    department = _line(
        "Zuständige Stelle",
        "Zum Beispiel Kreisverwaltungsreferat, Bürgerbüro",
        "Geben Sie die zuständige Stelle ein.",
        max_length=200,
    )
    legal_basis = _line(
        "Rechtsgrundlage", "Zum Beispiel § 27 PAuswG", "Geben Sie die Rechtsgrundlage ein.", max_length=300
    )
    intro = _line("Worum geht es?", "Der erste Satz der Startseite", "Schreiben Sie, worum es geht.", max_length=500)
    purpose = _line(
        "Wozu brauchen Sie die Daten?",
        "Ein Satz für den Datenschutz",
        "Schreiben Sie, wozu Sie die Daten brauchen.",
        max_length=500,
    )
    retention = _line(
        "Wann löschen Sie die Daten?",
        "Zum Beispiel: Wir löschen Ihre Angaben nach drei Jahren.",
        "Schreiben Sie, wann Sie die Daten löschen.",
        max_length=500,
    )
    field_order = ["title", "slug", "team"]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "slug" in data and "title" in data:
            data["slug"] = data["slug"] or skeleton.slug_of(data["title"])
            try:
                self.judge_slug(data["slug"])
            except ValidationError as error:
                self.add_error("slug", error)
        return data


class FileForm(TeamChoice):
    file = forms.FileField(
        label="YAML-Datei",
        help_text="Höchstens 512 KB",
        error_messages={
            "required": "Wählen Sie eine Datei aus.",
            "empty": "Die Datei ist leer. Wählen Sie eine andere aus.",
        },
    )

    def clean_file(self) -> str:
        """The text of the file."""
        upload = cast(UploadedFile, self.cleaned_data["file"])
        if upload.size and upload.size > schema.MAX_BYTES:
            raise ValidationError("Die Datei muss kleiner als 512 KB sein.")
        try:
            text = bytes(upload.read()).decode("utf-8")
        except UnicodeDecodeError:
            raise ValidationError("Die Datei ist nicht in UTF-8 gespeichert. Speichern Sie sie neu.") from None
        try:
            self.judge_slug(schema.load(text).form)
        except schema.DefinitionError as error:
            raise ValidationError(
                [f"{path}: {sentence}" if path else sentence for path, sentence in error.problems[:20]]
            ) from None
        return text


@authors
@require_GET
def forms_list(request: HttpRequest) -> HttpResponse:
    return page(request, "forms", "Formulare", lines=reading.lines(access.forms_for(request.user)))


@authors
@GET_POST
def new(request: HttpRequest) -> HttpResponse:
    form = NewForm(request.POST or None, user=citizen(request))
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        team = data.pop("team")
        source = document.write(skeleton.new_form(**data | {"legal_basis": [data["legal_basis"]]}))
        _create(data["slug"], source, team, citizen(request))
        messages.success(request, "Das Formular ist angelegt. Fügen Sie nun Seiten und Fragen hinzu.")
        return redirect("builder:outline", data["slug"])
    return page(request, "new", "Neues Formular", form=form)


@authors
@GET_POST
def from_file(request: HttpRequest) -> HttpResponse:
    form = FileForm(request.POST or None, request.FILES or None, user=citizen(request))
    if request.method == "POST" and form.is_valid():
        source = form.cleaned_data["file"]
        slug = schema.load(source).form
        _create(slug, source, form.cleaned_data["team"], citizen(request))
        messages.success(request, "Das Formular ist als Entwurf eingelesen.")
        return redirect("builder:outline", slug)
    return page(request, "new", "Formular aus einer Datei", form=form, upload=True)


def _create(slug: str, source: str, team: Team, user: User) -> None:
    with transaction.atomic():
        actions.write_draft(slug, source, by=user)
        if not TeamForm.objects.filter(slug=slug).exists():
            TeamForm.objects.create(team=team, slug=slug)
            audit.record("team.form_added", f"team:{team.pk}", str(user.public_id), form=slug)
