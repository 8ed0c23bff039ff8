"""Every kind of page that citizens see: its address, who looks, and in which state.

One line per page type. `{name}` stands for an id of the city that world.py builds. test_page_types.py compares the
table with the addresses of the house: a new one without a line fails.
"""

import dataclasses
from collections.abc import Callable, Mapping

from playwright.sync_api import Page


@dataclasses.dataclass(frozen=True)
class PageType:
    name: str  # also the name of its pictures
    path: str
    who: str = ""  # a session of the city; "" for a stranger
    status: int = 200
    act: "Act | None" = None  # what brings the page into its state
    wrong: bool = False  # shows what was wrong with a form
    disputed: bool = False  # marked in the title likewise: nothing was saved, because another window had been quicker
    language: str = "de"
    foreign: bool = False  # drawn by a stand-in of the demo, in a frame of its own

    def __str__(self) -> str:
        return self.name


EMPTY = """form => {
  for (const field of form.elements) {
    if (field.dataset.kept) field.value = field.dataset.kept
    else if (field.type === "radio" || field.type === "checkbox") field.checked = false
    else if (["text", "email", "tel", "password", "textarea"].includes(field.type)) field.value = ""
    else if (field.type === "select-one") field.selectedIndex = 0
  }
}"""


Names = Mapping[str, str]
Act = Callable[[Page, Names], None]


def press(button: str) -> Act:
    """Sends a form as it stands."""

    def act(page: Page, names: Names) -> None:
        with page.expect_navigation():
            page.locator("main, form").get_by_role("button", name=button).first.click()

    return act


def empty(button: str) -> Act:
    """Sends a form with nothing in it."""

    def act(page: Page, names: Names) -> None:
        target = page.get_by_role("main").get_by_role("button", name=button).first
        target.locator("xpath=ancestor::form").evaluate(EMPTY)
        with page.expect_navigation():
            target.click()

    return act


def fill(button: str, **values: str) -> Act:
    """Types, then sends."""

    def act(page: Page, names: Names) -> None:
        for field, value in values.items():
            page.locator(f'main [name="{field}"]').first.fill(value.format(**names))
        press(button)(page, names)

    return act


def other_window(page: Page, names: Names) -> None:
    """What another window saved meanwhile."""
    page.locator("[name=stand]").evaluate("field => { field.value = '0' }")
    page.locator("main form [type=radio]:not(:checked)").first.check()
    press("Speichern und weiter")(page, names)


P = PageType
PUBLIC = (
    P("start", "/"),
    P("leistungen", "/leistungen/"),
    P("leistungen-buchstabe", "/leistungen/?buchstabe=B"),
    P("suche-treffer", "/leistungen/?suche=anwohnerparken"),
    P("suche-nichts", "/leistungen/?suche=qqqq"),
    P("leistung", "/leistungen/bewohnerparkausweis/"),
    P("thema", "/themen/{topic}/"),
    P("lebenslage", "/lebenslagen/umzug/"),
    P("dienststelle", "/dienststellen/{office}/"),
    P("auskunft", "/auskunft/"),
    P("auskunft-antwort", "/auskunft/?frage=Was kostet der Bewohnerparkausweis?"),
    P("auskunft-nichts", "/auskunft/?frage=qqqq"),
    P("auskunft-weitergeben", "/auskunft/weitergeben/?frage=Wo"),
    P("kontakt", "/kontakt/"),
    P("frage", "/kontakt/schreiben/?frage=Was kostet der Bewohnerparkausweis?"),
    P("frage-fehler", "/kontakt/schreiben/", act=empty("Frage absenden"), wrong=True),
    P("frage-angemeldet", "/kontakt/schreiben/", who="alice"),
    P("frage-gesendet", "/kontakt/gesendet/{question}/"),
    P("frage-bestaetigen", "/kontakt/bestaetigen/{question_ticket}/"),
    P("frage-zu-spaet", "/kontakt/bestaetigen/falsch/", status=404),
    P("newsletter", "/newsletter/"),
    P("newsletter-fehler", "/newsletter/", act=empty("Newsletter abonnieren"), wrong=True),
    P("newsletter-angefragt", "/newsletter/angefragt/"),
    P("newsletter-bestaetigen", "/newsletter/bestaetigen/{news_ticket}/"),
    P("newsletter-auswahl", "/newsletter/auswahl/{news_reader}/"),
    P("newsletter-abbestellen", "/newsletter/abmelden/{news_subscription}/"),
    P("newsletter-abbestellt", "/newsletter/abmelden/{news_ended}/"),
    P("newsletter-zu-spaet", "/newsletter/abmelden/falsch/", status=404),
    P("newsletter-archiv", "/newsletter/rathausumschau/"),
    P("newsletter-archiv-leer", "/newsletter/stellen/"),
    P("newsletter-ausgabe", "/newsletter/rathausumschau/{news_year}/{news_number}/"),
    P("newsletter-konto", "/newsletter/meine/", who="alice"),
    P("hilfe", "/hilfe/"),
    P("hilfreich-danke", "/leistungen/bewohnerparkausweis/hilfreich/danke/?rueckmeldung={opinion}"),
    P("stand", "/stand/"),
    P("stand-fehler", "/stand/", act=empty("Stand ansehen"), wrong=True),
    P("stand-vorgang", "/stand/", act=fill("Stand ansehen", number="{number}", code="{status_code}")),
    P("termin-wo", "/leistungen/meldebescheinigung/termin/"),
    P("termin-nirgends", "/leistungen/bewohnerparkausweis/termin/"),
    P("termin-wann", "/leistungen/meldebescheinigung/termin/buergerbuero-pasing/", who="bob"),
    P(
        "termin-wann-fehler",
        "/leistungen/meldebescheinigung/termin/buergerbuero-pasing/",
        who="bob",
        act=empty("Termin buchen"),
        wrong=True,
    ),
    P("impressum", "/impressum/"),
    P("datenschutz", "/datenschutz/"),
    P("barrierefreiheit", "/barrierefreiheit/"),
    P("leichte-sprache", "/leichte-sprache/", language="de-simple"),
    P("gebaerdensprache", "/gebaerdensprache/"),
    P("barriere-melden", "/barriere-melden/?seite=/konto/login/"),
    P("barriere-melden-fehler", "/barriere-melden/", act=empty("Barriere melden"), wrong=True),
    P("barriere-gemeldet", "/barriere-melden/danke/"),
    P("pruefen", "/pruefen/"),
    P("pruefen-fehler", "/pruefen/", act=fill("Prüfcode prüfen", code="K7QF"), wrong=True),
    P("pruefen-datei-fehler", "/pruefen/", act=press("Datei prüfen"), wrong=True),
    P("pruefen-echt", "/pruefen/{code}/"),
    P("pruefen-unbekannt", "/pruefen/K7QF-2MXH-94TB/", status=404),
    P("offene-daten", "/daten/"),
    P("datensatz", "/daten/bewohnerparkausweise/"),
    P("antrag-start", "/antrag/bewohnerparkausweis/"),
    P("meldung-link", "/antrag/{report}/link/", who="somebody reporting"),
    P("meldung-link-fehler", "/antrag/{report}/link/", who="somebody reporting", act=empty("Link senden"), wrong=True),
    P("meldung-weiter", "/antrag/weiter/{report_link}/"),
    P("umfrage-start", "/antrag/umfrage-buergerbuero/"),
    P("umfrage-frage", "/antrag/{survey}/besuch/", who="somebody in a survey"),
    P("umfrage-pruefen", "/antrag/{survey}/pruefen/", who="somebody in a survey"),
    P("umfrage-danke", "/antrag/danke/umfrage-buergerbuero/"),
)
SIGNING_IN = (
    P("anmelden", "/konto/login/"),
    P("anmelden-fehler", "/konto/login/", act=empty("Anmelden"), wrong=True),
    P("anmelden-falsch", "/konto/login/", act=fill("Anmelden", login="a@b.invalid", password="falsch"), wrong=True),
    P("konto-anlegen", "/konto/signup/"),
    P("konto-anlegen-fehler", "/konto/signup/", act=empty("Konto anlegen"), wrong=True),
    P("adresse-bestaetigen", "/konto/confirm-email/", who="somebody new"),
    P(
        "adresse-bestaetigen-fehler",
        "/konto/confirm-email/",
        who="somebody new",
        act=empty("Adresse bestätigen"),
        wrong=True,
    ),
    P("passwort-vergessen", "/konto/password/reset/"),
    P("passwort-vergessen-fehler", "/konto/password/reset/", act=empty("Link schicken"), wrong=True),
    P("passwort-vergessen-gesendet", "/konto/password/reset/done/"),
    P("passwort-neu", "/konto/password/reset/key/{reset}/"),
    P("passwort-neu-fehler", "/konto/password/reset/key/{reset}/", act=empty("Passwort speichern"), wrong=True),
    P("passwort-neu-alter-link", "/konto/password/reset/key/1-alt/"),
    P("passwort-neu-fertig", "/konto/password/reset/key/done/"),
    P("konto-gesperrt", "/konto/inactive/"),
    P("zweiter-schritt", "/konto/2fa/authenticate/", who="erna, first step"),
    P("zweiter-schritt-fehler", "/konto/2fa/authenticate/", who="erna, first step", act=empty("Anmelden"), wrong=True),
    P("identitaet-nicht-geglaubt", "/konto/identitaet/abschluss/?abholung=x", status=400),
    P("identitaet-mehr-zeigen", "/konto/identitaet/nachweis/", who="bob, asked for more"),
    P("identitaet-abgemeldet", "/konto/identitaet/abgemeldet/?bei=bayernid"),
    P("identitaet-ohne-adresse", "/konto/identitaet/adresse/", who="hanna"),
    P("konten-zusammenlegen", "/konto/zusammenlegen/", who="bob, two accounts"),
    P("bayernid-personen", "/konto/login/", act=press("Mit BayernID anmelden"), foreign=True),
)
ACCOUNT = (
    P("uebersicht", "/konto/uebersicht/", who="alice"),
    P("uebersicht-leer", "/konto/uebersicht/", who="bob"),
    P("uebersicht-vertretung", "/konto/uebersicht/", who="alice acting for erna"),
    P("profil", "/konto/profil/", who="alice"),
    P("profil-leer", "/konto/profil/", who="bob"),
    P("profil-name", "/konto/profil/name/", who="bob"),
    P("profil-name-fehler", "/konto/profil/name/", who="bob", act=empty("speichern"), wrong=True),
    P("profil-adresse", "/konto/profil/adresse/", who="bob"),
    P("profil-wuensche", "/konto/profil/sprache-und-hinweise/", who="alice"),
    P("sicherheit", "/konto/sicherheit/", who="alice"),
    P("ueberall-abmelden", "/konto/sicherheit/ueberall-abmelden/", who="alice"),
    P("daten", "/konto/daten/", who="alice"),
    P("zugriffe", "/konto/daten/zugriffe/", who="alice"),
    P("zugriffe-leer", "/konto/daten/zugriffe/", who="bob"),
    P("konto-loeschen-nicht", "/konto/loeschen/", who="alice just proven"),
    P("konto-loeschen", "/konto/loeschen/", who="bob just proven"),
    P("konto-geloescht", "/konto/geloescht/"),
    P("vertretung", "/konto/vertretung/", who="alice"),
    P("vertretung-leer", "/konto/vertretung/", who="fritz"),
    P("vertretung-neu", "/konto/vertretung/neu/", who="alice"),
    P("vertretung-neu-fehler", "/konto/vertretung/neu/", who="alice", act=empty("Einladung schicken"), wrong=True),
    P("vertretung-annehmen", "/konto/vertretung/annehmen/{invitation}/", who="bob"),
    P("vertretung-beenden", "/konto/vertretung/{mandate}/beenden/", who="alice"),
    P("kind", "/konto/vertretung/kind/", who="alice"),
    P("kind-fehler", "/konto/vertretung/kind/", who="alice", act=empty("Kind eintragen"), wrong=True),
    P("unternehmen-neu", "/konto/unternehmen/neu/", who="alice"),
    P("unternehmen-neu-fehler", "/konto/unternehmen/neu/", who="alice", act=empty("Unternehmen anlegen"), wrong=True),
    P("unternehmen", "/konto/unternehmen/{company}/", who="alice"),
    P("unternehmen-aendern", "/konto/unternehmen/{company}/aendern/", who="alice"),
    P("unternehmen-einladen", "/konto/unternehmen/{company}/einladen/", who="alice"),
    P(
        "unternehmen-einladen-fehler",
        "/konto/unternehmen/{company}/einladen/",
        who="alice",
        act=empty("Einladung schicken"),
        wrong=True,
    ),
    P("unternehmen-schliessen", "/konto/unternehmen/{company}/schliessen/", who="alice"),
    P("unternehmen-rolle", "/konto/unternehmen/{company}/mitglied/{member}/rolle/", who="alice"),
    P("unternehmen-mitglied-beenden", "/konto/unternehmen/{company}/mitglied/{member}/beenden/", who="alice"),
    P("passwort-bestaetigen", "/konto/reauthenticate/", who="alice"),
    P("passwort-bestaetigen-fehler", "/konto/reauthenticate/", who="alice", act=empty("Bestätigen"), wrong=True),
    P("adresse-aendern", "/konto/email/", who="alice"),
    P("adresse-aendern-fehler", "/konto/email/", who="alice", act=empty("Code an die neue"), wrong=True),
    P("passwort-aendern", "/konto/password/change/", who="alice"),
    P("passwort-aendern-fehler", "/konto/password/change/", who="alice", act=empty("Passwort speichern"), wrong=True),
    P("passwort-festlegen", "/konto/password/set/", who="fritz"),
    P("passwort-festlegen-fehler", "/konto/password/set/", who="fritz", act=empty("Passwort speichern"), wrong=True),
    P("abmelden", "/konto/logout/", who="alice"),
    P("identitaeten", "/konto/identitaet/", who="alice"),
)
SECOND_FACTOR = (
    P("zweiter-nachweis-ohne", "/konto/2fa/", who="alice"),
    P("zweiter-nachweis", "/konto/2fa/", who="erna"),
    P("app-einrichten", "/konto/2fa/totp/activate/", who="alice just proven"),
    P(
        "app-einrichten-fehler",
        "/konto/2fa/totp/activate/",
        who="alice just proven",
        act=empty("App einrichten"),
        wrong=True,
    ),
    P("app-abschalten", "/konto/2fa/totp/deactivate/", who="erna"),
    P("ersatzcodes", "/konto/2fa/recovery-codes/", who="erna"),
    P("ersatzcodes-neu", "/konto/2fa/recovery-codes/generate/", who="erna"),
    P("passkeys", "/konto/2fa/webauthn/", who="erna"),
    P("passkey-anlegen", "/konto/2fa/webauthn/add/", who="erna"),
    P("passkey-umbenennen", "/konto/2fa/webauthn/keys/{passkey}/edit/", who="erna"),
    P(
        "passkey-umbenennen-fehler",
        "/konto/2fa/webauthn/keys/{passkey}/edit/",
        who="erna",
        act=empty("Name speichern"),
        wrong=True,
    ),
    P("passkey-entfernen", "/konto/2fa/webauthn/keys/{passkey}/remove/", who="erna"),
    P("code-bestaetigen", "/konto/2fa/reauthenticate/", who="erna"),
    P("code-bestaetigen-fehler", "/konto/2fa/reauthenticate/", who="erna", act=empty("Bestätigen"), wrong=True),
    P("passkey-bestaetigen", "/konto/2fa/webauthn/reauthenticate/", who="erna"),
)
_WIZARD = ("anliegen", "gebiet", "stellplatz", "person", "adresse", "fahrzeuge", "laufzeit", "erklaerung")
APPLYING = (
    P("antrag-start-angemeldet", "/antrag/bewohnerparkausweis/", who="alice"),
    *(
        P(f"antrag-{page}", f"/antrag/{{complete}}/{page}/", who="alice")
        for page in (*_WIZARD, "unterlagen", "kontakt")
    ),
    *(
        P(f"antrag-{page}-fehler", f"/antrag/{{complete}}/{page}/", who="alice", act=empty("und weiter"), wrong=True)
        for page in _WIZARD
    ),
    P("antrag-leer", "/antrag/{begun}/", who="fritz"),
    P("antrag-zwei-fenster", "/antrag/{complete}/anliegen/", who="alice", act=other_window, disputed=True),
    P("antrag-nicht-moeglich", "/antrag/{refused}/eigener-stellplatz/", who="erna"),
    P("antrag-pruefen", "/antrag/{complete}/pruefen/", who="alice"),
    P("antrag-loeschen", "/antrag/{complete}/loeschen/", who="alice"),
    P("antrag-schon-gesendet", "/antrag/{sent_draft}/", who="alice"),
    P("vorgaenge", "/vorgaenge/", who="alice"),
    P("vorgaenge-leer", "/vorgaenge/", who="bob"),
    P("vorgang-wartet", "/vorgaenge/{waiting}/", who="alice"),
    P("vorgang-nachforderung", "/vorgaenge/{asked}/", who="alice"),
    P(
        "vorgang-nachforderung-fehler",
        "/vorgaenge/{asked}/",
        who="alice",
        act=empty("Unterlagen absenden"),
        wrong=True,
    ),
    P("vorgang-bewilligt", "/vorgaenge/{granted}/", who="alice"),
    P("vorgang-zurueckgezogen", "/vorgaenge/{withdrawn}/", who="alice"),
    P("vorgang-eingang", "/vorgaenge/{waiting}/eingang/", who="alice"),
    P("vorgang-zurueckziehen", "/vorgaenge/{waiting}/zurueckziehen/", who="alice"),
    P("vorgang-termin", "/vorgaenge/{waiting}/termin/", who="alice"),
    P("vorgang-deckblatt", "/vorgaenge/{asked}/deckblatt/", who="alice"),
    P("vorgang-termin-fehler", "/vorgaenge/{waiting}/termin/", who="alice", act=empty("Termin buchen"), wrong=True),
)
AFTERWARDS = (
    P("zahlungen", "/zahlungen/", who="alice"),
    P("zahlungen-leer", "/zahlungen/", who="bob"),
    P("zahlung-offen", "/zahlung/{waiting_fee}/", who="alice"),
    P("zahlung-begonnen", "/zahlung/{fee_begun}/", who="alice"),
    P("zahlung-bezahlt", "/zahlung/{fee_paid}/", who="alice"),
    P("zahlung-entfallen", "/zahlung/{fee_dropped}/", who="alice"),
    P("zahlung-lastschrift", "/zahlung/{fee_debit}/rueckkehr/", who="alice"),
    P("zahlung-zurueck", "/zahlung/{fee_paid}/rueckkehr/", who="alice"),
    P("zahlung-zurueck-unbezahlt", "/zahlung/{waiting_fee}/rueckkehr/", who="alice"),
    P("zahlung-abbruch", "/zahlung/{fee_begun}/abbruch/", who="alice"),
    P("zahlung-abgemeldet", "/zahlung/{fee_paid}/rueckkehr/"),
    P("zahlung-beim-anbieter", "/zahlung/{fee_begun}/", who="alice", act=press("bezahlen"), foreign=True),
    P("termine", "/termine/", who="alice"),
    P("termine-leer", "/termine/", who="bob"),
    P("termin", "/termine/{booked}/", who="alice"),
    P("termin-abgesagt", "/termine/{cancelled}/", who="alice"),
    P("termin-verschieben", "/termine/{booked}/verschieben/", who="alice"),
    P(
        "termin-verschieben-fehler",
        "/termine/{booked}/verschieben/",
        who="alice",
        act=empty("Termin versch"),
        wrong=True,
    ),
    P("termin-absagen", "/termine/{booked}/absagen/", who="alice"),
    P("postfach", "/postfach/", who="alice"),
    P("postfach-leer", "/postfach/", who="bob"),
    P("postfach-ordner", "/postfach/ordner/", who="alice"),
    P("postfach-ein-ordner", "/postfach/ordner/{folder}/", who="alice"),
    P("postfach-gesendet", "/postfach/gesendet/", who="alice"),
    P("postfach-suche", "/postfach/suche/", who="alice"),
    P("postfach-archive", "/postfach/archiv/", who="alice"),
    P("postfach-zugriffe", "/postfach/zugriffe/", who="alice"),
    P("nachrichten-drucken", "/postfach/{letter}/drucken/", who="alice"),
    P("nachricht", "/postfach/{letter}/", who="alice"),
    P("nachricht-fehler", "/postfach/{letter}/", who="alice", act=empty("Antwort senden"), wrong=True),
    P("nachricht-abgelegt", "/postfach/{archived}/", who="alice"),
    P("austausch", "/austausch/", who="alice"),
    P("austausch-leer", "/austausch/", who="bob"),
    P("austausch-neu", "/austausch/neu/", who="alice"),
    P("austausch-neu-fehler", "/austausch/neu/", who="alice", act=empty("Raum eröffnen"), wrong=True),
    P("austausch-raum", "/austausch/{exchange_room}/", who="alice"),
    P("austausch-gast", "/austausch/{exchange_room}/", who="a guest"),
    P("austausch-einladen", "/austausch/{exchange_room}/einladen/", who="alice"),
    P(
        "austausch-einladen-fehler",
        "/austausch/{exchange_room}/einladen/",
        who="alice",
        act=empty("Einladung schicken"),
        wrong=True,
    ),
    P("austausch-datei-loeschen", "/austausch/{exchange_room}/datei/1/loeschen/", who="alice"),
    P("austausch-protokoll", "/austausch/{exchange_room}/protokoll/", who="alice"),
    P("austausch-verlaengern", "/austausch/{exchange_room}/verlaengern/", who="alice"),
    P("austausch-beenden", "/austausch/{exchange_room}/beenden/", who="alice"),
    P("austausch-beendet", "/austausch/{exchange_ended}/", who="alice", status=410),
    P("austausch-tuer", "/austausch/einladung/"),
    P("austausch-tuer-code", "/austausch/einladung/", who="a guest at the door"),
    P(
        "austausch-tuer-code-fehler",
        "/austausch/einladung/",
        who="a guest at the door",
        act=fill("Raum betreten", code="12"),
        wrong=True,
    ),
    P("austausch-tuer-konto", "/austausch/einladung/", who="bob invited"),
    P("nachricht-beantwortet", "/postfach/{reply}/gesendet/", who="alice"),
)
HOUSE = (
    P("terminal-einrichten", "/terminal/"),
    P("terminal-einrichten-fehler", "/terminal/", act=empty("Als Terminal einrichten"), wrong=True),
    P("terminal-start", "/", who="terminal"),
    P("terminal-uebersicht", "/konto/uebersicht/", who="alice at a terminal"),
    P("terminal-beendet", "/terminal/beendet/", who="terminal"),
    P("demo-post", "/demo/post/"),
    P("bausteine", "/style/"),
    P("fehler-400", "/probe/400/", status=400),
    P("fehler-403", "/probe/403/", status=403),
    P("fehler-404", "/gibt-es-nicht/", status=404),
    P("fehler-sitzung", "/probe/csrf/", status=403),
    P("fehler-429", "/probe/429/", status=429),
    P("fehler-500", "/probe/500/", status=500),
    P("fehler-datei", "/probe/datei/", status=503),
    P("fehler-wartung", "/probe/wartung/", status=503),
)
LANGUAGES = (
    P("start-englisch", "/en/", language="en"),
    P("leistung-englisch", "/en/leistungen/bewohnerparkausweis/", language="en"),
    P("anmelden-englisch-fehler", "/en/konto/login/", act=empty("Sign in"), wrong=True, language="en"),
    P("uebersicht-englisch", "/en/konto/uebersicht/", who="alice", language="en"),
    P("antrag-person-englisch", "/en/antrag/{complete}/person/", who="alice", language="en"),
    P("start-leicht", "/leicht/", language="de-simple"),
    P("antrag-start-leicht", "/leicht/antrag/bewohnerparkausweis/", language="de-simple"),
)
PAGE_TYPES = (*PUBLIC, *SIGNING_IN, *ACCOUNT, *SECOND_FACTOR, *APPLYING, *AFTERWARDS, *HOUSE, *LANGUAGES)

# Addresses of citizens that show no page of their own: files, answers for machines, doors that always lead on.
NO_PAGE = {
    *("ready", "intake_api", "home:suggestions", "home:robots", "home:security", "home:sitemap", "opendata:download"),
    *("identity:metadata", "identity:sign_in", "identity:answer", "identity:prove", "identity:link", "identity:unlink"),
    *("openid_connect_callback", "mfa_login_webauthn", "mfa_download_recovery_codes", "account_confirm_login_code"),
    *("account:merge_undo", "identity:second_step", "home:opinion", "cases:renew_code", "submissions:move"),
    *("account:end_one", "account:export", "account:consent", "account:act"),
    *("submissions:announce", "submissions:arrival"),
    *("cases:announce", "cases:arrival"),
    *("home:terminal_end", "home:terminal_stay", "submissions:download"),
    *("cases:paper", "cases:case_document", "cases:submission_file", "cases:hand_in"),
    *("payments:proof", "payments:start", "payments:webhook", "appointments:calendar_file"),
    "topics:feed",
    *("mailbox:attachment", "mailbox:reply", "mailbox:archive", "mailbox:unarchive"),
    *("tus:collection", "tus:upload", "exchange:drop", "exchange:give_up", "exchange:download", "exchange:everything"),
    *("exchange:revoke", "exchange:ask_code", "exchange:leave", "exchange:knock"),
    *("mailbox:several", "mailbox:remove_folder", "mailbox:export"),
}
