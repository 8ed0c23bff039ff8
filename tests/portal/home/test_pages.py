"""Every page of the house over HTTP: German, one heading, a title of its own, the strict policy."""

import html
import re

import pytest

from tests import sown

PUBLIC = [
    *("/leistungen/", "/leistungen/?suche=perso", "/leistungen/?suche=qqqq", "/leistungen/?buchstabe=B", "/auskunft/"),
    *("/leistungen/?online=1", "/themen/parken-und-verkehr/", "/lebenslagen/umzug/", "/auskunft/weitergeben/"),
    *("/", "/leistungen/bewohnerparkausweis/", "/kontakt/", "/impressum/", "/datenschutz/", "/barrierefreiheit/"),
    *("/leicht/", "/gebaerdensprache/", "/barriere-melden/", "/demo/post/", "/style/"),
    *("/hilfe/", "/kontakt/schreiben/", "/leistungen/meldebescheinigung/termin/"),
    *("/konto/login/", "/konto/signup/", "/konto/password/reset/", "/konto/password/reset/done/", "/konto/inactive/"),
    *("/konto/password/reset/key/1-falsch/", "/konto/password/reset/key/done/"),
]
SIGNED_IN = [
    *("/konto/uebersicht/", "/konto/profil/", "/konto/profil/name/", "/konto/email/", "/konto/password/change/"),
    *("/konto/logout/", "/konto/reauthenticate/"),
    *("/konto/sicherheit/", "/konto/sicherheit/ueberall-abmelden/", "/konto/2fa/", "/konto/2fa/webauthn/"),
    *("/konto/profil/adresse/", "/konto/profil/sprache-und-hinweise/", "/konto/daten/", "/konto/daten/zugriffe/"),
    *("/konto/vertretung/", "/konto/vertretung/neu/"),
]
ENGLISH = re.compile(
    r"\b(the|and|of|your|you|please|sign|log ?in|log ?out|password|address|required|submit|click|account|home|next)\b",
    re.I,
)


@pytest.fixture
def seeded(db) -> None:
    sown.directory()
    sown.forms()


def visible_text(page: str) -> str:
    return html.unescape(re.sub(r"<(script|style|title|code).*?</\1>|<[^>]+>", " ", page, flags=re.S))


def check(response):
    page = response.content.decode()
    assert re.search(r'<html lang="de(-simple)?">', page)
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert re.search(r"<title>[^<]{3,} – Service-?[Pp]ortal München</title>", page)
    assert re.findall(r"<script(?! type=\"module\" src=)", page) == []
    assert ENGLISH.findall(visible_text(page)) == []
    assert "style=" not in page and "onclick" not in page
    return page


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.sample(30)
def test_a_public_page_is_german_and_has_one_heading(client, seeded, path):
    response = client.get(path)
    assert response.status_code == 200
    check(response)


@pytest.mark.parametrize("path", SIGNED_IN)
def test_an_account_page_is_german_and_has_one_heading(client, alice, path):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    response = client.get(path)
    assert response.status_code == 200
    check(response)


@pytest.mark.parametrize("path", SIGNED_IN[:5])
def test_an_account_page_asks_strangers_to_sign_in_and_leads_back(client, db, path):
    assert client.get(path).url == f"/konto/login/?next={path}"


@pytest.mark.slow
def test_no_two_public_pages_share_a_title(client, seeded):
    paths = [path for path in PUBLIC if "reset" not in path]
    titles = [re.search("<title>(.*?)</title>", client.get(path).content.decode())[1] for path in paths]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("path", ["/", "/konto/login/", "/verwaltung/login/", "/gibt-es-nicht/"])
def test_every_answer_carries_the_strict_policy(client, db, path):
    policy = client.get(path).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy and "style-src 'self'" in policy
    assert "unsafe" not in policy and "http:" not in policy


def test_every_page_leads_to_what_the_law_asks_for(client, db):
    page = client.get("/konto/login/").content.decode()
    for path in ("/impressum/", "/datenschutz/", "/barrierefreiheit/", "/leichte-sprache/", "/gebaerdensprache/"):
        assert f'href="{path}"' in page
    assert 'href="/barriere-melden/?seite=/konto/login/"' in page
    assert page.index("Zum Inhalt springen") < page.index("<header")
    assert 'href="tel:115"' in page


def test_f40_the_service_page_says_what_to_know_before_applying(client, seeded):
    page = client.get("/leistungen/bewohnerparkausweis/").content.decode()
    text = visible_text(page)
    for fact in ("Wer das beantragen kann", "Voraussetzungen", "Unterlagen", "60 Minuten", "Implerstraße 11", "§ 45"):
        assert fact in text
    fees = re.findall(r"(\d+) €", page.split("<tbody>")[1].split("</tbody>")[0])
    assert fees == ["30", "60", "56", "102", "204", "30", "10"]
    assert 'href="/antrag/bewohnerparkausweis/"' in page


def test_the_navigation_names_where_the_person_is(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/konto/profil/").content.decode()
    assert re.findall(r'href="([^"]+)" aria-current="page"', page) == ["/konto/profil/"]
    assert len(re.findall("<li>", page.split('aria-label="Mein Konto"')[1].split("</nav>")[0])) == 6


def test_an_empty_overview_says_so_in_each_section(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/konto/uebersicht/").content.decode()
    headings = re.findall(r"<h2 id[^>]*>(.*?)</h2>", page)
    assert headings == [
        "Das ist zu tun",
        "Laufende Anträge",
        "Entwürfe",
        "Termine",
        "Nachrichten",
        "Zahlungen",
        "Dokumente und Bescheide",
        "Empfehlungen",
        "Hilfe und Kontakt",
        "Datenaustausch",
    ]
    assert page.count('class="p-empty"') == len(headings) - 2


@pytest.mark.parametrize("path", ["https://boese.example/", "//boese.example/", "/a%0Ab", "", "javascript:alert(1)"])
def test_a_foreign_address_is_never_taken_for_a_page_of_ours(client, db, settings, path):
    page = client.get(f"/barriere-melden/?seite={path}").content.decode()
    assert f'<span class="p-break">{settings.PUBLIC_URL}/</span>' in page
    assert "boese" not in page.split("</header>")[1].split("<footer")[0]


def test_a_person_changes_the_name(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post("/konto/profil/name/", {"given_name": " Zoë ", "family_name": "O’Brien-Þór"}, follow=True)
    assert "Ihr Name ist gespeichert." in response.content.decode()
    alice.refresh_from_db()
    assert alice.get_full_name() == "Zoë O’Brien-Þór"


def test_a_refused_name_changes_nothing_and_keeps_what_was_typed(client, alice):
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    page = client.post("/konto/profil/name/", {"given_name": "", "family_name": "B0b"}).content.decode()
    assert "<title>Fehler: Name ändern" in page
    assert "Geben Sie Ihren Vornamen ein" in page and 'value="B0b"' in page
    assert "Der Familienname darf keine Ziffern" in page
    assert '<span class="p-links__who">Alice Ammer</span>' in page
    alice.refresh_from_db()
    assert alice.get_full_name() == "Alice Ammer"
