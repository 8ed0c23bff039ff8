"""The only doors to the texts of letters: team leads for the forms of the teams they lead, editors for every form."""

import uuid

from django.db.models import QuerySet
from django.http import Http404

from forms_engine.cases import access
from forms_engine.cases.models import Case, DecisionKind, LetterPreview, LetterTemplate
from forms_engine.cases.wording import texts
from forms_engine.definitions import queries as definitions
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.definitions.models import Form
from portal.accounts.access import has_role
from portal.accounts.models import Role, User
from portal.common import clock
from portal.directory.teams import queries as teams
from portal.directory.teams.models import TeamForm


def forms_for(user: User) -> QuerySet[Form]:
    if has_role(user, Role.EDITOR):
        return Form.objects.all()
    if not has_role(user, Role.TEAM_LEAD):
        return Form.objects.none()
    return Form.objects.filter(slug__in=TeamForm.objects.filter(team__in=teams.led_by(user)).values("slug"))


def deciding_forms(user: User) -> list[tuple[Form, list[DecisionKind]]]:
    """Those in which something is decided, by title, with the kinds of decisions."""
    found = []
    for form in forms_for(user).order_by("title"):
        version = definitions.last_online(form.slug)
        if version and (kinds := texts.kinds(version.definition)):
            found.append((form, kinds))
    return found


def form_for(user: User, slug: str) -> tuple[Form, FormDefinition]:
    """A form in which something is decided, with its newest version. Raises Http404."""
    form = forms_for(user).filter(slug=slug).first()
    version = definitions.last_online(slug) if form else None
    if form is None or version is None or not texts.kinds(version.definition):
        raise Http404
    return form, version.definition


def kind_for(definition: FormDefinition, word: str) -> DecisionKind:
    """Raises Http404 for a kind that this form does not have."""
    if word not in texts.kinds(definition):
        raise Http404
    return DecisionKind(word)


def version_for(form: Form, kind: DecisionKind, number: int) -> LetterTemplate:
    """Raises Http404."""
    found = LetterTemplate.objects.filter(form=form, kind=kind, number=number).first()
    if found is None:
        raise Http404
    return found


def sample_case(user: User, form: Form, number: str) -> Case | None:
    """A case of the form by its file number, if the person may see it as a clerk."""
    rows = access.desk(user).for_pages().filter(submission__form_version__form=form)
    return rows.filter(number="".join(number.split()).upper()).first()


def preview_for(user: User, public_id: uuid.UUID) -> LetterPreview:
    """One's own preview. Raises Http404."""
    found = LetterPreview.objects.filter(asked_by=user, public_id=public_id, asked_at__lte=clock.now()).first()
    if found is None:
        raise Http404
    return found
