"""Every page of the builder answers, for every kind of question and every part of a form."""

import pytest
from django.urls import reverse

from forms_engine.definitions import actions, document, schema
from forms_engine.definitions.builder import operations as ops
from forms_engine.definitions.builder.props import SECTIONS, TYPES
from forms_engine.definitions.language.fields import AnyEntry
from portal.directory.teams.models import TeamForm
from tests.conftest import _team
from tests.forms_engine.definitions.builder.conftest import BASE

pytestmark = pytest.mark.django_db
CATALOGUE = sorted(path.stem for path in actions.CATALOGUE.glob("*.yaml"))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "bauen/",
        "bauen/neue-seite/",
        "bauen/neu/anfang/",
        "bauen/neu/gruppe.fahrzeuge/",
        "bauen/loeschen/?frage=wahl",
        "bauen/loeschen/?seite=mehr",
        "bauen/seite/mehr/",
        "bauen/bedingung/?ort=pages[1].visible",
        "bauen/bedingung/?ort=refusals[0].when",
        "bauen/texte/",
        "bauen/texte/?teil=wagen",
        "bauen/quelltext/",
        "bauen/verlauf/",
        "testfaelle/",
        "fassung/1.yaml",
        "schritt/einreichen/",
        "schritt/entwurf-loeschen/",
        "schritt/wartung/",
        "vorschau/",
        "vorschau/start/",
        "vorschau/seite/anfang/",
        "vorschau/seite/wagen/",
        "vorschau/seite/zu-viele/",
        "vorschau/pruefen/",
        *(f"bauen/teil/{key}/" for key in SECTIONS),
    ],
)
def test_each_page_answers(desk, path):
    assert desk.get(f"{BASE}/{path}").status_code == 200


@pytest.mark.parametrize("slug", CATALOGUE)
@pytest.mark.slow
def test_every_form_of_the_catalogue_can_be_opened(client, clara, slug):
    source = (actions.CATALOGUE / f"{slug}.yaml").read_text(encoding="utf-8")
    TeamForm.objects.get_or_create(team=_team(), slug=slug)
    actions.write_draft(slug, source, by=clara)
    client.force_login(clara)
    assert client.get(reverse("builder:outline", args=[slug])).status_code == 200
    data = document.read(source)
    names = [spot.ident for spot in ops.spots(data)]
    for name in names[:: max(1, len(names) // 6)]:
        assert client.get(reverse("builder:entry", args=[slug, name])).status_code == 200, name
    for key in [page["key"] for page in data["pages"]][:2]:
        assert client.get(reverse("preview:page", args=[slug, key])).status_code == 200, key
    assert schema.load(document.write(data)).model_dump() == schema.load(source).model_dump()


def test_every_kind_of_question_is_known_by_a_german_name():
    kinds = set()
    stack = [AnyEntry]
    while stack:
        part = stack.pop()
        if hasattr(part, "model_fields"):
            kinds.update(part.model_fields["type"].annotation.__args__)
        stack += getattr(part, "__args__", ())
    assert kinds == TYPES.keys()
