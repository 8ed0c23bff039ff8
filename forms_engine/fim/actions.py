"""Keep a draft with the files it was made from."""

import hashlib
import io
import zipfile
from typing import Any

from django.db import transaction

from forms_engine.definitions import schema
from forms_engine.definitions.models import Form, FormVersion
from forms_engine.definitions.states import VersionState
from forms_engine.fim.intake import Intake, read_files
from forms_engine.fim.models import FimSource
from portal.accounts.models import User
from portal.audit import actions as audit


def save_draft(source: str, intake: Intake, report: dict[str, Any], *, by: User | None) -> FimSource:
    """The text as the next draft version of its form. Nothing is published. Raises schema.DefinitionError."""
    definition = schema.load(source)
    message = intake.source.message
    digest = hashlib.sha256(source.encode()).hexdigest()
    title = str(definition.title)[:200]
    with transaction.atomic():
        Form.objects.bulk_create([Form(slug=definition.form, title=title)], ignore_conflicts=True)
        form = Form.objects.select_for_update().get(slug=definition.form)
        newest = form.versions.order_by("-number").first()
        version = FormVersion.objects.create(
            form=form,
            number=newest.number + 1 if newest else 1,
            state=VersionState.DRAFT,
            source=source,
            sha256=digest,
            author=by,
        )
        kept = FimSource.objects.create(
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
        actor = str(by.public_id) if by else "system:fim_import"
        audit.record("form.fim_imported", f"form:{form.slug}", actor, number=version.number, schema=str(kept))
    return kept


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
