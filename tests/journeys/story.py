"""One person at the portal over HTTP: pages are asked for with GET, forms are sent as the page drew them."""

import datetime as dt
import html
import re
import urllib.parse
import urllib.request
from typing import Any

from django.test import Client

from forms_engine.cases.models import Case
from forms_engine.submissions.models import Draft
from portal.accounts import demo_factor
from portal.accounts.models import User
from portal.common import clock
from tests.forms_engine.submissions.walk import NEW, Walk, date

PASSWORD = "ein gutes Kennwort"


class Person:
    """Signed in through the sign-in page, with forgery protection switched on as in the product."""

    def __init__(self, user: User, door: str = "/konto/login/"):
        self.user, self.client = user, Client()
        name = "username" if door.startswith("/verwaltung/") else "login"
        if user.is_staff:
            demo_factor.set_up(user)
        answer = self.client.post(door, {name: user.email, "password": PASSWORD, "next": "/konto/profil/"})
        if user.is_staff:
            assert answer["Location"] == "/konto/2fa/authenticate/"
            code = re.search(r'name="code" value="(\d{6})"', self.sees("/konto/2fa/authenticate/"))[1]
            answer = self.client.post("/konto/2fa/authenticate/", {"code": code})
        assert (answer.status_code, answer["Location"]) == (302, "/konto/profil/")

    def sees(self, path: str, status: int = 200) -> str:
        """The page as text with its tags."""
        answer = self.client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        return html.unescape(answer.content.decode())

    def sends(self, path: str, data: dict[str, Any] | None = None, status: int = 302) -> str:
        """Where the answer leads to, or the page with what is wrong."""
        answer = self.client.post(path, data or {})
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        return answer["Location"] if status in (302, 303) else html.unescape(answer.content.decode())

    def gets_file(self, path: str) -> bytes:
        answer = self.client.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf"), path
        return b"".join(answer.streaming_content)


def soon() -> dt.date:
    return clock.today() + dt.timedelta(days=1)


def answers() -> dict[str, dict[str, Any]]:
    """What Alice answers on each page; the permit begins tomorrow."""
    start = soon()
    return NEW | {"laufzeit": {"laufzeit": "12", **date("beginn", start.day, start.month, start.year)}}


def apply(person: Person) -> Draft:
    """From the form's first page to the last answer."""
    assert "Jetzt beantragen" in person.sees("/antrag/bewohnerparkausweis/")
    begun = person.sends("/antrag/bewohnerparkausweis/")
    draft = Draft.objects.get(owner=person.user)
    assert begun == f"/antrag/{draft.public_id}/"
    assert Walk(person.client, draft).through(pages=answers()) == f"/antrag/{draft.public_id}/pruefen/"
    return draft


def send(person: Person, draft: Draft) -> Case:
    received = person.sends(f"/antrag/{draft.public_id}/pruefen/")
    case = Case.objects.get(submission__draft=draft)
    assert received == f"/vorgaenge/{case.public_id}/eingang/"
    return case


def pay(person: Person, case: Case) -> str:
    """On the provider's page, by real HTTP. The text of our return page."""
    base = f"/zahlung/{case.receivable.public_id}/"
    assert "Jetzt kostenpflichtig bezahlen" in person.sees(base)
    page = person.sends(f"{base}bezahlen/", status=303)
    assert "Zum Test bezahlen: 30,00" in _provider(page)
    back = _provider(page, {"wahl": "card"})
    assert urllib.parse.urlsplit(back).path == f"{base}rueckkehr/"
    return person.sees(back.removeprefix("http://testserver"))


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def _provider(url: str, form: dict[str, str] | None = None) -> str:
    """Its page, or where it sends the browser."""
    body = urllib.parse.urlencode(form).encode() if form else None
    try:
        with urllib.request.build_opener(_Stay).open(url, body, timeout=10) as answer:
            return html.unescape(answer.read().decode())
    except urllib.error.HTTPError as moved:
        assert moved.code == 303
        return moved.headers["Location"]


def row(page: str, label: str) -> str:
    """The value beside a label in a list of facts."""
    return re.sub(r"<[^>]+>|\s+", " ", re.search(rf"<dt>{label}</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.S)[1]).strip()


def fresh(case: Case) -> Case:
    return Case.objects.for_pages().get(pk=case.pk)


def desk(case: Case, verb: str = "") -> str:
    """The clerk's address of a case."""
    return f"/verwaltung/vorgaenge/{case.public_id}/" + (f"{verb}/" if verb else "")


GRANT = {"entscheiden-kind": "granted", "entscheiden-area": "Gärtnerplatz", "entscheiden-explanation": ""}
REFUSAL = {
    "entscheiden-kind": "refused",
    "entscheiden-reasons": ["nicht-gemeldet"],
    "entscheiden-explanation": "Die Meldebehörde kennt die Anschrift nicht.",
}


def grant() -> dict[str, str]:
    end = soon().replace(year=soon().year + 1)
    return GRANT | {
        "entscheiden-area": "Gärtnerplatz",
        "entscheiden-valid_from": f"{soon():%d.%m.%Y}",
        "entscheiden-valid_until": f"{end:%d.%m.%Y}",
    }


def decide(clerk: Person, case: Case, form: dict) -> str:
    """Preview, then sign off. The text of the preview."""
    preview = clerk.sends(desk(case, "entscheiden"), form, status=200)
    assert fresh(case).status != "decided"
    assert clerk.sends(desk(case, "entscheiden"), form | {"bestaetigt": "1"}) == desk(case)
    return preview
