"""The style page shows every building block and says its name."""

import pathlib
import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

pytestmark = pytest.mark.django_db
TEMPLATES = settings.BASE_DIR / "templates"
BLOCKS = sorted(
    f"{folder}/{path.name}"
    for folder in ("components", "kern")
    for path in pathlib.Path(TEMPLATES, folder).glob("*.html")
)


@pytest.fixture
def page(client):
    return client.get("/style/")


def test_every_building_block_is_drawn(page):
    drawn = {template.name for template in page.templates}
    assert set(BLOCKS) - drawn == set()


def test_every_building_block_has_its_name_beside_it(page):
    text = page.content.decode()
    assert [name for name in BLOCKS if f"{name}</code>" not in text] == []


def test_it_exists_only_for_those_who_build(client, settings):
    settings.DEMO = settings.DEBUG = False
    assert client.get("/style/").status_code == 404


def test_every_file_that_a_template_names_exists():
    named = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r'{% static "([^"]+)" %}', path.read_text("utf-8"))
    }
    assert sorted(name for name in named if finders.find(name) is None) == []
