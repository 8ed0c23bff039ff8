"""Nobody but Alice and the clerks reaches anything of her case: every address with an id in it is tried."""

import re
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from forms_engine.cases.models import Case, CaseEvent
from tests import make
from tests.architecture.test_access import ADDRESSES
from tests.forms_engine.submissions.walk import file
from tests.journeys.story import PASSWORD, Person, decide, desk, grant

pytestmark = pytest.mark.django_db
NO_SHELF = re.compile("/postfach/(archiv|ordner)/[^/]+/$")  # the id is that of a message: she has no folder, no archive
NOBODYS = UUID("00000000-0000-4000-8000-000000000000")


@pytest.fixture
def rich(citizen, clerk, paid) -> Case:
    return rich_of(paid, citizen.client, clerk)


def rich_of(case: Case, client: Client, clerk: Person) -> Case:
    """The paid case with everything a case can have: request, document, appointment, letters."""
    make.catalogue()
    base = f"/vorgaenge/{case.public_id}/"
    clerk.sends(desk(case, "nachfordern"), {"nachfordern-text": "Bitte die Rückseite."})
    assert client.post(f"{base}nachreichen/", {"unterlagen": file("rueckseite.pdf")}).status_code == 302
    times = re.findall(r'name="start" id="[^"]+" value="([^"]+)"', client.get(f"{base}termin/").content.decode())
    assert client.post(f"{base}termin/", {"start": times[0]}).status_code == 302
    decide(clerk, case, grant())
    make.work()
    return Case.objects.for_pages().get(pk=case.pk)


def alices(case: Case) -> list[str]:
    """Every address outside the clerks' rooms that names something of Alice's by its id."""
    draft = case.submission.draft
    own: dict[str, dict[str, object]] = {
        "submissions": {
            "draft": draft.public_id,
            "page": "person",
            "upload": draft.uploads.get().public_id,
            "arrival": NOBODYS,
        },
        "cases": {"draft": draft.public_id} | _of_case(case),
        "payments": {"public_id": case.receivable.public_id},
        "mailbox": {"public_id": case.papers.get(kind="decision").message.public_id, "position": 1},
        "appointments": {"public_id": case.appointment.public_id},
    }
    return _addresses(own)


def clerks(case: Case) -> list[str]:
    """Every address of the workplace, for this case."""
    return [reverse("workplace:queue"), *_addresses({"workplace": _of_case(case)})]


def _of_case(case: Case) -> dict[str, object]:
    nobodys = dict.fromkeys(("arrival", "run", "preview", "task", "date", "other", "proof"), NOBODYS)
    nobodys |= dict.fromkeys(("block", "message", "letter", "party"), NOBODYS)
    return {"case": case.public_id, "kind": "bescheid", "file": None, "position": 1, **nobodys}


def _addresses(own: dict[str, dict[str, object]]) -> list[str]:
    paths = []
    for name, pattern in ADDRESSES.items():
        asked = pattern.pattern.converters
        if name.partition(":")[0] in own and any(type(c).__name__ == "UUIDConverter" for c in asked.values()):
            held = own[name.partition(":")[0]] | _file_of(name, own)
            paths.append(reverse(name, kwargs={key: held[key] for key in asked}))
    return paths


def _file_of(name: str, own: dict[str, dict[str, object]]) -> dict[str, object]:
    """Files have ids of their own: what came with the application, and what came later."""
    if not name.endswith(("_file", "_document")) or "case" not in own[name.partition(":")[0]]:
        return {}
    case = Case.objects.get(public_id=own[name.partition(":")[0]]["case"])
    files = case.submission.files if name.endswith("submission_file") else case.documents
    return {"file": files.get().public_id}


def answers(client: Client, paths: list[str]) -> dict[str, tuple[int, int]]:
    """Address -> status for GET and for POST."""
    return {path: (client.get(path).status_code, client.post(path).status_code) for path in paths}


@pytest.mark.slow
def test_the_list_of_addresses_is_long_and_alice_sees_hers(citizen, rich):
    paths = alices(rich)
    assert len(paths) >= 25
    seen = {path: citizen.client.get(path).status_code for path in paths}
    # 302: what is over leads to where it went on; 405: only for POST. The sent draft keeps no file, the city's letter
    # is no answer of hers.
    gone = {path for path, status in seen.items() if status not in (200, 302, 405)}
    assert gone == {path for path in paths if "/datei/" in path or path.endswith("/gesendet/") or NO_SHELF.match(path)}


@pytest.mark.parametrize("who", ["bob", "clara", "otto"])
@pytest.mark.slow
def test_another_person_finds_nothing_of_alice(request, rich, who):
    client, before = Client(), CaseEvent.objects.count()
    client.force_login(request.getfixturevalue(who))
    told = {path: pair for path, pair in answers(client, alices(rich)).items() if not set(pair) <= {404, 405}}
    assert told == {}
    assert CaseEvent.objects.count() == before


@pytest.mark.slow
def test_a_stranger_is_sent_to_the_sign_in_page(rich):
    for path in alices(rich):
        answer = Client().get(path)
        # The return pages tell a stranger nothing but that a sign-in is needed (the browser may have lost its session).
        if "rueckkehr" in path or "abbruch" in path:
            assert "Melden Sie sich" in answer.content.decode() and rich.number not in answer.content.decode()
        else:
            assert answer.status_code == 405 or answer["Location"].startswith("/konto/login/"), path


@pytest.mark.parametrize("who", ["alice", "bob", "otto"])
@pytest.mark.slow
def test_the_workplace_does_not_exist_for_others(request, rich, who):
    client, before = Client(), CaseEvent.objects.count()
    client.force_login(request.getfixturevalue(who))
    paths = clerks(rich)
    assert len(paths) >= 10
    for path, statuses in answers(client, paths).items():
        assert set(statuses) <= {302, 404, 405}, path
        if 302 in statuses:
            assert client.get(path)["Location"].startswith("/verwaltung/login/")
    assert CaseEvent.objects.count() == before


@pytest.mark.slow
def test_a_clerk_does_not_see_the_operators_lists(clara, rich):
    client = Client()
    client.force_login(clara)
    lists = [name for name in ADDRESSES if name.endswith("_changelist")]
    assert len(lists) > 5
    seen = {name for name in lists if client.get(reverse(name)).status_code != 403}
    assert seen == set()
    assert client.get(f"/verwaltung/cases/case/{rich.pk}/change/").status_code == 403


@pytest.mark.slow
def test_a_clerk_finds_her_own_case_nowhere_in_the_workplace(clara, fake):
    own, client = make.paid(make.case(clara), fake), Client()
    client.force_login(clara)
    assert set(answers(client, [desk(own)]).values()) == {(404, 405)}
    assert client.get(f"/vorgaenge/{own.public_id}/").status_code == 200
    for view in ("team", "mine", "waiting", "done"):
        assert own.number not in client.get(f"/verwaltung/vorgaenge/?ansicht={view}").content.decode()
    assert "gibt es keinen Vorgang" in client.get(f"/verwaltung/vorgaenge/?suche={own.number}").content.decode()


def test_a_citizen_does_not_enter_through_the_door_of_the_administration(alice):
    answer = Client().post("/verwaltung/login/", {"username": alice.email, "password": PASSWORD})
    assert (answer.status_code, "Location" in answer.headers) == (200, False)


@pytest.mark.parametrize(("who", "works"), [("clara", True), ("theo", True), ("otto", False)])
def test_the_way_to_the_cases_stands_on_each_page_of_the_administration(request, who, works):
    client = Client()
    client.force_login(request.getfixturevalue(who))
    assert ('href="/verwaltung/vorgaenge/"' in client.get("/verwaltung/").content.decode()) == works
