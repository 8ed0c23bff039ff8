"""Signing up and in, as people do it: with errors, on a phone, without a script, with the keyboard alone."""

import io
import re

import pytest
from allauth.account.models import EmailAddress
from PIL import Image, ImageChops

from portal.accounts.models import User
from tests.browser.conftest import OVERFLOW, Weight, axe, focused

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

# How many elements hide a part of their own text.
CUT_OFF = """[...document.querySelectorAll("main *, header *, footer *")].filter(e =>
  getComputedStyle(e).overflowY === "hidden" && e.clientHeight > 4 && e.scrollHeight > e.clientHeight + 4).length"""


@pytest.fixture
def alice_confirmed(alice):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    return alice


def sign_in(page, email="", password=""):
    page.get_by_label("E-Mail-Adresse").fill(email)
    page.get_by_label("Passwort", exact=True).fill(password)
    page.get_by_role("button", name="Anmelden", exact=True).click()


def test_f31_an_empty_sign_in_names_each_field_and_moves_the_focus_to_the_summary(visit):
    page = visit("/konto/login/", width=320, javascript=False)
    sign_in(page)
    visit.look(page)
    assert page.title() == "Fehler: Anmelden – Serviceportal München"
    focused(page, "fehler")
    links = page.locator("#fehler a")
    assert links.all_inner_texts() == ["Geben Sie Ihre E-Mail-Adresse ein", "Geben Sie Ihr Passwort ein"]
    links.first.click()
    assert page.evaluate("document.activeElement.name") == "login"


def test_f33_a_wrong_password_has_its_own_sentence_and_keeps_the_address(visit, alice_confirmed):
    page = visit("/konto/login/")
    sign_in(page, alice_confirmed.email, "falsch")
    sentence = "E-Mail-Adresse und Passwort passen nicht zusammen. Prüfen Sie beide Angaben"
    assert page.locator("#fehler a").all_inner_texts() == [sentence]
    assert page.locator("#id_password_error").inner_text().endswith(sentence)
    assert page.get_by_label("E-Mail-Adresse").input_value() == alice_confirmed.email
    axe(page)


def test_a_person_signs_in_and_out_without_a_script(visit, alice_confirmed):
    page = visit("/konto/login/?next=/konto/profil/", width=320, javascript=False)
    sign_in(page, alice_confirmed.email, "ein gutes Kennwort")
    assert page.get_by_role("heading", level=1).inner_text() == "Profil"
    page.get_by_role("banner").get_by_role("button", name="Abmelden").click()
    assert page.get_by_role("status").inner_text() == "Sie haben sich abgemeldet."


def test_the_demo_signs_in_with_one_click(visit, alice_confirmed):
    page = visit("/konto/login/", javascript=False)
    page.get_by_role("button", name="Als Alice anmelden").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Guten Tag, Alice Ammer"


def test_a_person_signs_up_with_the_code_from_the_demo_mail_without_a_script(visit, settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    page = visit("/konto/signup/?next=/konto/profil/", width=320, javascript=False)
    page.get_by_role("button", name="Konto anlegen").click()
    assert len(page.locator("#fehler a").all()) == 4
    for label, value in {
        "Vorname": "Łukasz",
        "Familienname": "Nguyễn-Þórsson",
        "E-Mail-Adresse": "Lukasz@stadt.invalid",
        "Passwort": "drei nasse Wörter",
    }.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Konto anlegen").click()
    visit.look(page)
    assert page.get_by_role("heading", level=1).inner_text() == "Sehen Sie in Ihr E-Mail-Postfach"
    page.get_by_role("main").get_by_role("link", name="Zum Demo-Postkorb").click()
    visit.look(page)
    code = re.search(r"lautet:\s+(\S+)", page.get_by_role("article").inner_text())[1]
    page.go_back()
    page.get_by_label("Code aus der E-Mail").fill("falsch")
    page.get_by_role("button", name="Adresse bestätigen").click()
    assert "Der Code stimmt nicht" in page.locator("#fehler").inner_text()
    page.get_by_label("Code aus der E-Mail").fill(code)
    page.get_by_role("button", name="Adresse bestätigen").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Profil"
    assert User.objects.get(email="lukasz@stadt.invalid").get_full_name() == "Łukasz Nguyễn-Þórsson"


def _picture(page, box) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot(clip=box, caret="initial"))).convert("L")


def test_each_stop_of_the_keyboard_can_be_seen(visit):
    page = visit("/konto/login/")
    stops = page.locator("a:visible, button:visible, input:visible").count()
    seen = []
    for _ in range(stops):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        focused.scroll_into_view_if_needed()
        box = focused.bounding_box()
        clip = {k: box[k] - 8 for k in ("x", "y")} | {k: box[k] + 16 for k in ("width", "height")}
        clip |= {"x": max(0, clip["x"]), "y": max(0, clip["y"])}
        with_focus = _picture(page, clip)
        handle = focused.element_handle()
        seen.append(handle.evaluate("e => e.name || e.innerText"))
        handle.evaluate("e => e.blur()")
        difference = ImageChops.difference(with_focus, _picture(page, clip))
        changed = sum(difference.histogram()[40:])
        handle.evaluate("e => e.focus({focusVisible: true})")
        assert changed > box["width"] + box["height"], f"{seen[-1]}: nur {changed} Punkte ändern sich"
    assert seen[0] == "Zum Inhalt springen"
    assert len(seen) == stops


def test_print_shows_the_content_and_no_navigation(visit, alice):
    page = visit("/konto/profil/", user=alice)
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    for hidden in (".p-nav", ".p-footer", ".p-skip", ".p-links", ".p-demo"):
        assert not page.locator(hidden).first.is_visible(), hidden


def test_symbols_stay_visible_in_forced_colours(visit):
    page = visit("/style/", forced_colors=True)
    # Painted, because the browser tells one colour in several notations.
    blank = page.evaluate("""() => {
      const pen = new OffscreenCanvas(1, 1).getContext("2d")
      const painted = element => {
        pen.fillStyle = getComputedStyle(element).backgroundColor
        pen.fillRect(0, 0, 1, 1)
        return pen.getImageData(0, 0, 1, 1).data.join()
      }
      const ground = painted(document.body)
      return [...document.querySelectorAll(".kern-icon")].filter(icon => painted(icon) === ground).length
    }""")
    assert blank == 0


def test_a_first_visit_weighs_at_most_200_kib(chromium, live_server):
    page = chromium.new_page()
    weight = Weight(page)
    page.goto(live_server.url, wait_until="networkidle")
    assert 50_000 < weight.total() <= 200 * 1024
    page.close()


def test_text_of_double_size_and_wide_spacing_still_fit(chromium, live_server):
    """WCAG 1.4.4 and 1.4.12. The settings are injected, which only a context without the CSP allows."""
    context = chromium.new_context(bypass_csp=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    for css in (
        "html{font-size:200%!important}",
        "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}",
    ):
        for path in ("/", "/leistungen/", "/konto/login/", "/style/"):
            page.goto(live_server.url + path)
            page.add_style_tag(content=css)
            assert page.evaluate(OVERFLOW) == "", path
            assert page.evaluate(CUT_OFF) == 0, path
    context.close()
