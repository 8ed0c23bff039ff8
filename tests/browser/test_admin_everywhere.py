"""Every page of the admin and the workplace, with rows in it: no barrier, light and dark, and no word of English."""

import re

import pytest
from django.contrib import admin
from django.db.models import Field
from django.test import Client, RequestFactory
from django.urls import reverse

from forms_engine.cases.models import Case
from portal.accounts import roles
from portal.accounts.models import Role, User
from tests.browser.conftest import Visits, axe, violations
from tests.browser.filled import fill
from tests.payments.conftest import fake  # noqa: F401 - the payment provider

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
MODELS = sorted(model._meta.label_lower for model in admin.site._registry)
APPS = sorted({label.partition(".")[0] for label in MODELS})
# Words that stand on pages of Django's admin in English, and on none in German; parts of identifiers are no words.
ENGLISH = re.compile(
    r"(?<![\w.:/-])(the|and|of|for|with|please|change|changed|delete|deleted|add|added|history|save|saved|search|select|view|"
    r"site|actions?|results?|yes|unknown|empty|today|home|log|user|password|show|hide|counts|successfully|cannot|no)(?![\w:/]|\.\w)"
)
# A form's document holds its English texts, too.
WITHOUT_SOURCES = "document.querySelectorAll('pre').forEach(source => source.remove()), document.body.innerText"


def named(label: str):
    return next(model for model in admin.site._registry if model._meta.label_lower == label)


def own_name(field: Field) -> bool:
    """Whether somebody gave the field a German name: Django would make one of its English one."""
    return str(field.verbose_name) != field.name.replace("_", " ")


@pytest.mark.parametrize("label", MODELS)
def test_every_model_and_field_that_the_admin_shows_has_a_german_name(label):
    model = named(label)
    handler = admin.site._registry[model]
    request = RequestFactory().get("/")
    request.user = User(pk=-1, is_superuser=True, is_staff=True)
    shown = {
        *handler.get_list_display(request),
        *(n for _, o in handler.get_fieldsets(request) for n in _flat(o["fields"])),
    }
    fields = {field.name: field for field in model._meta.get_fields() if isinstance(field, Field)}
    nameless = [n for n in shown if n in fields and not own_name(fields[n]) and n not in {"id"}]
    assert nameless == []
    assert str(model._meta.verbose_name) != re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__).lower()


def _flat(names):
    return [part for name in names for part in (name if isinstance(name, tuple | list) else (name,))]


@pytest.mark.parametrize("label", MODELS)
def test_lists_are_kept_short_and_are_not_edited(label):
    handler = admin.site._registry[named(label)]
    assert (handler.list_per_page, tuple(handler.list_editable), handler.show_full_result_count) == (50, (), False)
    assert handler.show_facets != admin.ShowFacets.NEVER


@pytest.fixture
def root(db, settings, tmp_path, fake) -> User:  # noqa: F811 - the fixture
    """Somebody who may open every page there is, in a house where every list has a row."""
    settings.FILE_STORE = tmp_path / "files"
    user = User.objects.create_superuser(
        "wurzel@stadt.invalid", "ein gutes Kennwort", given_name="Ria", family_name="R"
    )
    roles.seed()
    for role in Role:
        roles.grant(user, role, by=None)
    fill(user, fake)
    return User.objects.get(pk=user.pk)


def pages(label: str) -> list[str]:
    model = named(label)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    row = model._default_manager.order_by("pk").first()
    found = [reverse(f"{name}_changelist"), f"{reverse(f'{name}_changelist')}?_facets=True", reverse(f"{name}_add")]
    if row is not None:
        found += [reverse(f"{name}_{verb}", args=[row.pk]) for verb in ("change", "history", "delete")]
    return found


def judged(visit: Visits, user: User, path: str) -> list[str]:
    """What axe finds light and dark, and words of English; nothing for pages that nobody may open."""
    client = Client()
    client.force_login(user)
    if client.get(path).status_code == 403:
        return []
    page, found = visit(path, user=user), []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{path} {scheme}: {violation}" for violation in violations(page)]
    page.emulate_media(color_scheme="light")
    text = page.evaluate(WITHOUT_SOURCES)
    found += [f"{path}: {word}" for word in sorted(set(ENGLISH.findall(text.lower())))]
    return found


def test_every_list_has_a_row(root):
    assert [label for label in MODELS if not named(label)._default_manager.exists()] == []


@pytest.mark.parametrize("app", APPS)
def test_the_admin_has_no_barrier_and_no_english_anywhere(visit, root, app):
    paths = ["/verwaltung/", reverse("admin:app_list", args=[app])]
    paths += [path for label in MODELS if label.startswith(f"{app}.") for path in pages(label)]
    found = [line for path in paths for line in judged(visit, root, path)]
    assert found == [], "\n".join(found)


def test_the_workplace_has_no_barrier_and_fits_a_phone(visit, root):
    case, queue = Case.objects.order_by("pk").first(), reverse("workplace:queue")
    for path in (queue, f"{queue}?ansicht=all", reverse("workplace:case", args=[case.public_id])):
        assert judged(visit, root, path) == []
        axe(visit(path, user=root, width=320))
        axe(visit(path, user=root, width=320, dark=True))
