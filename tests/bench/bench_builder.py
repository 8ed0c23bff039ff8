"""The builder with 300 questions: server time of each action, in a process that knows the form and in a fresh one."""

import time
from collections.abc import Callable

from django.test import Client

from forms_engine.definitions import actions, document, queries, schema
from forms_engine.definitions.builder import reading
from forms_engine.definitions.models import Form
from portal.accounts.models import Role, RoleAssignment, User

PAGES, EACH, ROUNDS = 30, 10, 3
BASE = "/verwaltung/formulare/gross"


def source() -> str:
    """30 pages of 10 questions, most of them with a condition."""
    data = document.read((actions.CATALOGUE / "ausweisverlust.yaml").read_text(encoding="utf-8"))
    for key in ("refusals", "leika", "meaning", "decision"):
        data.pop(key)
    data |= {"form": "gross", "title": "Großes Formular", "pages": [page(number) for number in range(PAGES)]}
    return document.write(data)


def page(number: int) -> document.Data:
    rule = {"visible": f"f_{number - 1}_1 == 'x'"} if number else {}
    return {
        "key": f"seite-{number}",
        "title": f"Seite {number}",
        **rule,
        "fields": [question(number, n) for n in range(EACH)],
    }


def question(number: int, n: int) -> document.Data:
    said = {"label": f"Frage {number} {n}", "hint": "Ein Hinweis dazu", "messages": {"empty": "Geben Sie etwas ein."}}
    rule = {"visible": f"f_{number}_0 == 'ja'"} if n else {}
    return {"name": f"f_{number}_{n}", "type": "text", **said, "max_length": 100, "width": 30, **rule}


def forget() -> None:
    """As in a process that has not seen the form."""
    for cached in (schema.load, schema.as_json, reading.findings_of):
        cached.cache_clear()


def stand() -> str:
    found = queries.in_work(Form.objects.get(slug="gross"))
    assert found is not None
    return found.sha256


def post(client: Client, path: str, **data: str) -> None:
    answer = client.post(f"{BASE}/{path}", {"stand": stand(), **data})
    assert answer.status_code == 302, (path, answer.status_code)


def get(client: Client, path: str) -> None:
    assert client.get(f"{BASE}/{path}").status_code == 200, path


def measure() -> dict[str, float]:
    user = User.objects.create_user("bau@stadt.invalid", given_name="Bea", family_name="Bau", is_staff=True)
    RoleAssignment.objects.create(user=user, role=Role.EDITOR)
    actions.write_draft("gross", source(), by=user)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    new = {"kind": "text", "label": "Neu", "empty": "Geben Sie etwas ein.", "needed": "on"}
    changed = {"label": "Geändert", "name": "f_3_3", "required": "immer", "messages-empty": "Geben Sie etwas ein."}
    steps: dict[str, Callable[[], None]] = {
        "outline": lambda: get(client, "bauen/?offen=seite-3"),
        "question": lambda: get(client, "bauen/frage/f_3_3/"),
        "save": lambda: post(client, "bauen/frage/f_3_3/", **changed | {"label": f"Geändert {time.time()}"}),
        "add": lambda: post(client, "bauen/neu/seite-3/", **new),
        "move": lambda: post(client, "bauen/", tun="hoch:f_3_7"),
        "copy": lambda: post(client, "bauen/", tun="kopieren:f_3_7"),
        "undo": lambda: post(client, "bauen/rueckgaengig/"),
        "preview": lambda: get(client, "vorschau/seite/seite-3/"),
    }
    return {f"{name}_{how}_ms": value for name, step in steps.items() for how, value in _timed(step).items()}


def _timed(step: Callable[[], None]) -> dict[str, float]:
    """Milliseconds: the best of some rounds in a warm process, and one in a fresh one."""
    step()
    rounds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        step()
        rounds.append(time.perf_counter() - begin)
    forget()
    begin = time.perf_counter()
    step()
    return {"warm": 1000 * min(rounds), "fresh": 1000 * (time.perf_counter() - begin)}
