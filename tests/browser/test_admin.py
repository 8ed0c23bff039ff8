"""The admin in the colours of the house: the same rules, because clerks need them too."""

import pytest

from portal.accounts.models import User
from tests.browser.conftest import axe, focused

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def root(db):
    return User.objects.create_superuser("wurzel@stadt.invalid", "ein gutes Kennwort", given_name="Ria")


@pytest.mark.slow
def test_the_admin_has_no_barrier_that_axe_finds_light_or_dark(visit, root):
    axe(visit("/verwaltung/login/"))
    for dark in (False, True):
        page = visit("/verwaltung/", user=root, dark=dark)
        assert page.title() == "Übersicht – Verwaltung München"
        axe(page)
        axe(visit("/verwaltung/password_change/", user=root, dark=dark))


@pytest.mark.slow
@pytest.mark.urls("tests.browser.workplace_urls")
def test_a_page_of_the_workplace_has_no_barrier_that_axe_finds(visit, root):
    axe(visit("/verwaltung/probe/", user=root))
    axe(visit("/verwaltung/probe/?fehler", user=root, dark=True))
    page = visit("/verwaltung/probe/?fehler", user=root, width=320)
    assert page.title() == "Fehler: KVR-2026-000123-4 – Verwaltung München"
    focused(page, "fehler")
    axe(page)
