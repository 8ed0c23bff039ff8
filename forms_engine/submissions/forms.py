"""The form of one page with its uploads: what definitions builds, plus the file questions."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forms_engine.definitions.build import PageForm, Part
from forms_engine.definitions.evaluate import Document, Evaluation
from forms_engine.definitions.language import fields as f
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.submissions.models import Upload
from portal.common import sizes
from portal.documents import filetypes

_ENDINGS = {kind: f".{name.lower()}" for kind, name in filetypes.NAMES.items()} | {filetypes.JPEG: ".jpg,.jpeg"}


class UploadInput(forms.FileInput):
    allow_multiple_selected = True


class UploadField(forms.Field):
    """Files of one question: those already given are listed, more can be chosen. The answer is the list of their ids.

    The files of a request are judged and stored before the form is (intake.py); `refused` are its sentences.
    In a row of a repeating group the page itself carries the ids (`in_row`), so that they move with their row.
    """

    def __init__(
        self,
        item: f.FileField,
        document: Document | None,
        uploads: Sequence[Upload],
        required: bool,
        *,
        in_row: bool = False,
    ):
        self.item, self.uploads, self.in_row = item, uploads, in_row
        self.refused: list[str] = []
        self.needed = document.needed if document else 0
        self.full = len(uploads) >= item.max_files
        attrs: dict[str, str | bool] = {
            "accept": ",".join([*item.media_types, *(_ENDINGS[kind] for kind in item.media_types)])
        }
        if item.max_files > 1:
            attrs["multiple"] = True
        hint = str(item.hint or "")
        if "MB" not in hint:  # the author has not said it in own words
            hint = f"{hint} {_limits(item)}".strip()
        super().__init__(
            label=str(item.label),
            help_text=hint,
            required=required,
            widget=UploadInput(attrs=attrs),
            template_name="submissions/upload_field.html",
        )

    def clean(self, value: Any) -> list[str] | None:
        if self.refused:
            raise ValidationError(" ".join(self.refused), code="refused")
        if locked := [upload for upload in self.uploads if upload.stored.is_infected]:
            sentence = _("In „%(name)s“ ist Schadsoftware. Entfernen Sie die Datei und wählen Sie eine andere.")
            raise ValidationError(sentence % {"name": locked[0].name}, code="infected")
        if not self.uploads:
            if self.required:
                raise ValidationError(str(self.item.messages.empty or _("Wählen Sie eine Datei aus.")), code="required")
            return None
        if len(self.uploads) > self.item.max_files:
            sentence = _("Hier gehen höchstens %(max_files)s Dateien. Entfernen Sie zuerst eine.")
            raise ValidationError(sentence % {"max_files": self.item.max_files}, code="too_many")
        missing = self.needed - len(self.uploads)
        if missing > 0:
            sentence = ngettext(
                "Hier fehlt noch eine Datei. Wählen Sie sie aus.",
                "Hier fehlen noch %(count)s Dateien. Wählen Sie sie aus.",
                missing,
            )
            raise ValidationError(sentence % {"count": missing}, code="missing")
        return [str(upload.public_id) for upload in self.uploads]


class WizardForm(PageForm):
    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        uploads: Mapping[str, Sequence[Upload]],
        refused: Mapping[str, list[str]] | None = None,
        sources: Mapping[str, str] | None = None,
        locked: frozenset[str] = frozenset(),
        **kwargs: Any,
    ):
        super().__init__(data, **kwargs)
        self._tell_sources(sources or {}, locked)
        documents = {document.field: document for document in self.evaluation.documents}
        for item in self.page.questions:
            if isinstance(item, f.FileField) and item.name in self.evaluation.visible:
                required = item.name in self.evaluation.required
                field = UploadField(item, documents.get(item.name), uploads.get(item.name, ()), required)
                field.refused = (refused or {}).get(item.name, [])
                self.fields[item.name] = field
            if isinstance(item, f.RepeatingField) and item.name in self.evaluation.visible:
                self._add_row_files(item, uploads, refused or {})
        self.order_fields([name for item in self.page.questions for name in self._names(item)])
        # The label is the heading only where both say the same and nothing stands between (rule F03).
        asked = self.fields.get(self.heading_field or "")
        if asked and (asked.label != str(self.page.title) or self.page.text):
            self.heading_field = None

    def _tell_sources(self, sources: Mapping[str, str], locked: frozenset[str]) -> None:
        """Beside each answer that was known: where it comes from, and whether it can be changed here."""
        for name in self.fields.keys() & sources.keys():
            field = self.fields[name]
            field.help_text = f"{field.help_text} {sources[name]}".strip()
            if name in locked:
                field.widget.attrs["readonly"] = True
                for part in getattr(field.widget, "widgets", ()):
                    part.attrs["readonly"] = True

    def _add_row_files(
        self, item: f.RepeatingField, uploads: Mapping[str, Sequence[Upload]], refused: Mapping[str, list[str]]
    ) -> None:
        for number in range(self.rows_of(item)):
            state, given = self.row_state(item, number), self.evaluation.values.get(item.name) or ()
            for member in item.members:
                if not isinstance(member, f.FileField) or member.name not in state.visible:
                    continue
                name = f"{item.name}-{number}-{member.name}"
                stored = given[number].get(member.name, ()) if number < len(given) else ()
                wanted = posted_ids(self.data, name) if self.is_bound else list(stored)
                held = [upload for upload in uploads.get(member.name, ()) if str(upload.public_id) in wanted]
                field = UploadField(member, None, held, member.name in state.required, in_row=True)
                field.refused = refused.get(name, [])
                self.fields[name], self.initial[name] = field, [str(upload.public_id) for upload in held]

    def _names(self, item: f.Question) -> list[str]:
        if not isinstance(item, f.RepeatingField):
            return [item.name]
        rows = range(self.rows_of(item))
        return [f"{item.name}-rows", *(f"{item.name}-{row}-{member.name}" for row in rows for member in item.members)]

    def _part(self, item: f.AnyField) -> Part:
        return Part(item.name, field=self[item.name]) if isinstance(item, f.FileField) else super()._part(item)

    def full_clean(self) -> None:
        super().full_clean()
        if self.show_only:  # nothing is judged but what happened to the files of this very request
            for name, field in self.fields.items():
                if isinstance(field, UploadField) and field.refused:
                    self.add_error(name, ValidationError(" ".join(field.refused), code="refused"))

    @property
    def has_uploads(self) -> bool:
        return any(isinstance(field, UploadField) for field in self.fields.values())


def posted_ids(data: Mapping[str, Any], name: str) -> list[str]:
    """Ids of uploads that a posted row carries. Whose they are is judged where they are looked up."""
    found = data.getlist(name) if hasattr(data, "getlist") else data.get(name, ())
    return [str(entry) for entry in found]


def wizard_form(definition: FormDefinition, page_key: str, evaluation: Evaluation) -> Callable[..., WizardForm]:
    """What makes the form of one page as the answers stand. Raises KeyError for an unknown page."""
    page = definition.page(page_key)
    return functools.partial(WizardForm, definition=definition, page=page, evaluation=evaluation)


def limit_of(item: f.FileField) -> int:
    """The most bytes one file of this question may have."""
    return min(item.max_bytes, settings.UPLOAD_MAX_BYTES)


def _limits(item: f.FileField) -> str:
    kinds = filetypes.listed([filetypes.NAMES[kind] for kind in item.media_types])
    words = {"kinds": kinds, "size": sizes.text(limit_of(item)), "count": item.max_files}
    if item.max_files > 1:
        return _("%(kinds)s, höchstens %(size)s je Datei, höchstens %(count)s Dateien.") % words
    return _("%(kinds)s, höchstens %(size)s.") % words
