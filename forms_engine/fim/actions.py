"""Keep a draft with the files it was made from."""

import io
import zipfile
from typing import Any

from django.db import transaction

from forms_engine.definitions import actions as definitions
from forms_engine.definitions import schema
from forms_engine.fim.intake import Intake, read_files
from forms_engine.fim.models import FimSource
from portal.accounts.models import User


def save_draft(source: str, intake: Intake, report: dict[str, Any], *, by: User | None) -> FimSource:
    """The text as the next draft version of its form. Nothing is published. Raises schema.DefinitionError."""
    message = intake.source.message
    with transaction.atomic():
        note = f"Aus FIM {message.schema.ident}"[:200]
        version = definitions.write_draft(schema.load(source).form, source, by=by, note=note)
        return FimSource.objects.create(
            version=version,
            schema_id=message.schema.ident.id,
            schema_version=message.schema.ident.version,
            standard=message.standard,
            message_id=message.message_id[:200],
            sha256=intake.source.sha256,
            files=_zipped(intake.files),
            report=report,
            imported_by=by,
        )


def last_source(slug: str) -> FimSource | None:
    """The newest import into a form."""
    return FimSource.objects.filter(version__form__slug=slug).order_by("-version__number").first()


def opened(kept: FimSource) -> Intake:
    """The files of an import, read again. Raises FimError only if the stored bytes were damaged."""
    return read_files({f"{kept}.zip": bytes(kept.files)})


def _zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            plain = name.rsplit("/", 1)[-1]
            archive.writestr(plain if plain.lower().endswith(".xml") else f"{plain}.xml", data)
    return packed.getvalue()
