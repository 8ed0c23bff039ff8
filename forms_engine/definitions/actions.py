"""Publish a definition: the only way to a new version."""

import hashlib
from pathlib import Path

from django.db import transaction

from forms_engine.definitions import schema, translate
from forms_engine.definitions.models import Form, FormVersion, VersionState
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock

CATALOGUE = Path(__file__).parent / "catalogue"


def publish(slug: str, source: str, *, by: User | None) -> FormVersion:
    """Make the text the current version of the form; the current version itself if the text is the same.

    Raises schema.DefinitionError. Two at once: the row lock on the form puts one after the other.
    """
    definition = schema.load(source)
    if definition.form != slug:
        raise schema.DefinitionError([("form", f"Die Datei gehört zum Formular „{definition.form}“, nicht „{slug}“.")])
    digest = hashlib.sha256(source.encode()).hexdigest()
    title = str(definition.title)
    others = [code for code in definition.languages if code != "de"]
    titles = {code: str(translate.in_language(definition, code).title) for code in others}
    with transaction.atomic():
        Form.objects.bulk_create([Form(slug=slug, title=title, titles=titles)], ignore_conflicts=True)
        form = Form.objects.select_for_update().get(slug=slug)
        newest = form.versions.order_by("-number").first()
        if newest and newest.sha256 == digest and newest.state == VersionState.PUBLISHED:
            return newest
        if (form.title, form.titles) != (title, titles):
            form.title, form.titles = title, titles
            form.save(update_fields=["title", "titles"])
        version = FormVersion.objects.create(
            form=form,
            number=newest.number + 1 if newest else 1,
            state=VersionState.PUBLISHED,
            source=source,
            sha256=digest,
            published_at=clock.now(),
            author=by,
        )
        actor = str(by.public_id) if by else "system:forms_publish"
        audit.record("form.published", f"form:{slug}", actor, number=version.number, sha256=digest)
    return version


def publish_catalogue(by: User | None = None) -> list[FormVersion]:
    """Publish every definition that ships with the product. Idempotent."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(CATALOGUE.glob("*.yaml"))]
    return [publish(schema.load(text).form, text, by=by) for text in texts]
