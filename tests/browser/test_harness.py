"""The watchman is watched: the harness notices what it promises to notice."""

import pytest

from tests.browser.conftest import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.browser.bad_urls")]


@pytest.mark.slow
def test_style_script_foreign_request_and_width_are_noticed(visit):
    visit("/")
    found, visit.problems = " ".join(visit.problems), Quiet()
    assert "violates the following Content Security Policy directive 'style-src" in found
    assert "violates the following Content Security Policy directive 'script-src" in found
    assert "fremde Anfrage: http://127.0.0.1:9/fremd.png" in found
    assert "zu breit" in found and "PRE." in found


def test_width_is_noticed_without_a_script_too(visit):
    visit("/", javascript=False)
    found, visit.problems = " ".join(visit.problems), Quiet()
    assert "zu breit" in found


def test_axe_reports_rule_and_element(visit):
    page = visit("/")
    visit.problems = Quiet()
    with pytest.raises(AssertionError, match=r'image-alt: .*<img src="http://127\.0\.0\.1:9/fremd\.png">'):
        axe(page)


class Quiet(list):
    """Takes what the closing check of the fixture finds again, and stays empty."""

    def append(self, problem):
        pass
