"""Every public page in a real browser: accessible, in both schemes, on a phone, without a script."""

import pytest

from tests.browser.conftest import axe

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PAGES = [
    *("/", "/konto/login/", "/konto/signup/", "/demo/post/"),
    *("/datenschutz/", "/barriere-melden/?seite=/konto/login/"),
]
# Headings, paragraphs and lists only: the same rules of style as above.
TEXTS = [
    *("/kontakt/", "/impressum/", "/barrierefreiheit/", "/leicht/", "/gebaerdensprache/"),
    "/konto/password/reset/",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_barrier_that_axe_finds(visit, path):
    axe(visit(path))
    axe(visit(path, width=320, dark=True))
    visit(path, width=320, javascript=False)


@pytest.mark.parametrize("path", TEXTS)
def test_a_page_of_text_has_no_barrier_that_axe_finds(visit, path):
    axe(visit(path))
    visit(path, width=320, dark=True, javascript=False)


def test_the_style_page_has_no_barrier_in_any_state(visit):
    axe(visit("/style/"))
    axe(visit("/style/", dark=True, width=320))


@pytest.mark.parametrize("path", ["/gibt-es-nicht/"])
def test_a_missing_page_says_what_to_do(visit, path):
    page = visit(path, width=320, status=404)
    axe(page)
    assert page.get_by_role("heading", level=1).inner_text() == "Diese Seite gibt es nicht"


def test_the_account_pages_have_no_barrier_that_axe_finds(visit, alice):
    for path in (
        "/konto/uebersicht/",
        "/konto/profil/",
        "/konto/profil/name/",
        "/konto/email/",
        "/konto/password/change/",
    ):
        axe(visit(path, user=alice))
        visit(path, user=alice, width=320, javascript=False)
    axe(visit("/konto/uebersicht/", user=alice, width=320, dark=True))
