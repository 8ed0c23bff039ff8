"""Every page in every language: the address decides, no other language slips in, the switch keeps the page."""

import io

import pytest
from django.core.management import call_command

from portal.common import languages
from tests.portal.home.test_pages import PUBLIC
from tests.portal.languages.words import only_in, said, words_of

DEMO_ONLY = ("/demo/", "/style/")


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    """The directory and the forms, once for all pages; nothing here changes them."""
    with django_db_blocker.unblock():
        call_command("directory_seed", stdout=io.StringIO())
        call_command("forms_publish", "--catalogue", stdout=io.StringIO())
        yield
        call_command("flush", interactive=False, verbosity=0)


def foreign(page: str, language: str) -> set[str]:
    other = "en" if language == "de" else "de"
    return words_of(said(page, language)) & only_in()[other]


@pytest.mark.parametrize("path", [path for path in PUBLIC if not path.startswith(DEMO_ONLY)])
@pytest.mark.parametrize("code", languages.PREFIXES)
def test_a_public_page_speaks_one_language(client, db, city, path, code):
    page = client.get(languages.localised(path, code)).content.decode()
    assert foreign(page, code.split("-")[0]) == set()
