"""Newsletters in a real browser: somebody subscribes and leaves, two editors let an issue appear, the mail has no
barrier either."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from mailbox.topics import actions, catalogue, editing, sending
from mailbox.topics.mails import Links, Sheet
from mailbox.topics.models import Issue, Topic
from portal.accounts.models import Role
from tests.browser.conftest import axe
from tests.conftest import _person
from tests.mailbox.topics.conftest import appeared, sent, subscribed

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LOOKS = [(1280, False), (1280, True), (320, False)]


@pytest.fixture
def emil(db):
    return _person("Emil", "Eder", Role.EDITOR, staff=True)


@pytest.fixture
def topic(db) -> Topic:
    catalogue.seed()
    return Topic.objects.get(slug="rathausumschau")


@pytest.fixture
def issue(topic, edda, otto) -> Issue:
    return appeared(topic, edda, otto)


def path(link: str) -> str:
    return re.sub(r"^https?://[^/]+", "", link)


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=name, exact=True).first.click()


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_somebody_subscribes_confirms_chooses_and_leaves(visit, issue, settings, width, dark):
    settings.PROOF_BITS = 9
    page = visit("/newsletter/", width=width, dark=dark)
    axe(page)
    press(page, "Newsletter abonnieren")
    expect(page.get_by_role("link", name="Wählen Sie mindestens einen Newsletter aus")).to_be_visible()
    axe(page)
    page.get_by_label("Rathausumschau").check()
    page.get_by_label("Stellen bei der Stadt").check()
    page.get_by_label("E-Mail-Adresse").fill("jo@stadt.example")
    press(page, "Newsletter abonnieren")
    expect(page.get_by_role("heading", name="Bestätigen Sie Ihre E-Mail-Adresse")).to_be_visible()
    axe(page)
    actions.sweep_sign_ups()
    page = visit(re.search(r"(/newsletter/bestaetigen/\S+)", sent()[0].get_content())[1], width=width, dark=dark)
    axe(page)
    press(page, "Newsletter bestätigen")
    expect(page.get_by_label("Stellen bei der Stadt")).to_be_checked()
    axe(page)
    page.get_by_label("Stellen bei der Stadt").uncheck()
    press(page, "Auswahl speichern")
    expect(page.get_by_label("Stellen bei der Stadt")).not_to_be_checked()


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_reading_and_leaving(visit, issue, width, dark):
    token = actions.token_of(subscribed(issue.topic))
    for address in (
        "/newsletter/rathausumschau/",
        "/newsletter/stellen/",
        f"/newsletter/rathausumschau/{issue.year}/1/",
    ):
        axe(visit(address, width=width, dark=dark))
    page = visit(f"/newsletter/abmelden/{token}/", width=width, dark=dark)
    axe(page)
    press(page, "Abbestellen")
    expect(page.get_by_role("heading", name="„Rathausumschau“ ist abbestellt")).to_be_visible()
    axe(page)


def test_without_a_script_a_word_is_copied(visit, issue):
    page = visit("/newsletter/?thema=rathausumschau", javascript=False, width=320)
    page.get_by_label("E-Mail-Adresse").fill("jo@stadt.example")
    word = re.search(r"ab: (\w+)", page.locator("label[for=id_wort]").inner_text())[1]
    page.get_by_label("Schreiben Sie dieses Wort ab").fill(word)
    page.get_by_role("button", name="Newsletter abonnieren").click()
    expect(page.get_by_role("heading", name="Bestätigen Sie Ihre E-Mail-Adresse")).to_be_visible()


def test_an_account_has_its_newsletters_in_the_postbox(visit, issue, alice):
    page = visit("/newsletter/meine/", user=alice, width=320)
    axe(page)
    page.get_by_role("group", name="Rathausumschau").get_by_label("Ins Postfach").check()
    press(page, "Auswahl speichern")
    expect(page.get_by_role("group", name="Rathausumschau").get_by_label("Ins Postfach")).to_be_checked()


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_two_editors_let_an_issue_appear(visit, topic, edda, emil, width, dark):
    subscribed(topic)
    page = visit("/verwaltung/newsletter/", user=edda, width=width, dark=dark)
    axe(page)
    press(page, "Neue Ausgabe von Rathausumschau")
    axe(page)
    page.get_by_label("Titel").fill("Neues aus dem Rathaus")
    page.get_by_label("Erscheint am").fill("irgendwann")
    press(page, "Speichern und ansehen")
    axe(page)
    page.get_by_label("Text", exact=False).first.fill("## Termine\n\n* **Montag:** Der Stadtrat tagt.\n")
    page.get_by_label("Erscheint am").fill("")
    press(page, "Speichern und ansehen")
    expect(page.get_by_role("heading", name="Neues aus dem Rathaus")).to_be_visible()
    axe(page)
    press(page, "Probe an mich senden")
    assert [mail["To"] for mail in sent()] == [edda.email]
    press(page, "Zur Freigabe geben")
    expect(page.get_by_text("Eine zweite Person gibt sie frei")).to_be_visible()
    other = visit(path(page.url), user=emil, width=width, dark=dark)
    press(other, "Freigeben")
    axe(other)
    assert editing.sweep_issues() == 1 and sending.send_due() == {"sent": 1}
    other.reload()
    expect(other.get_by_text("E-Mails: versandt")).to_be_visible()
    axe(other)
    axe(visit("/verwaltung/newsletter/", user=edda, width=width, dark=dark))


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_the_mail_itself_has_no_barrier(chromium, issue, width, dark):
    html = Sheet.of(issue).parts(Links("https://stadt.example/a/", "https://stadt.example/b/", "x"))[1]
    page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html)
    if folder := os.environ.get("PORTAL_SHOTS"):
        page.screenshot(path=f"{folder}/mail-{width}-{dark}.png", full_page=True)
    axe(page)
    assert asked == [] and page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
