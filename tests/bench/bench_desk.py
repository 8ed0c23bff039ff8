"""The clerk's desk at 100,000 invented cases, or PORTAL_BENCH_CASES: each list and search, as a page.

*_p95_ms: server time of the page, client and server in one process; at most 100 is promised, at 1,000,000, too.
*_cpu_ms: the share of Python in it, which busy neighbours do not change.
*_statements: of one page; the same however many cases there are. seed_per_s: cases written in a second by cases_seed.
`wide` works on every form, `narrow` on one of them. The plan of the wide team queue is printed before the figures.
"""

import os
import statistics
import time

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from forms_engine.cases import lists, seeding
from forms_engine.cases.models import Case
from forms_engine.definitions import actions as definitions
from portal.accounts.models import Role, RoleAssignment, User
from portal.directory.models import Office, Organisation
from portal.directory.teams.models import Team, TeamForm, TeamMember
from portal.launcher.terminal import say

CASES = int(os.environ.get("PORTAL_BENCH_CASES", "100000"))
DRAWN = 60
VIEWS = ("team", "mine", "waiting", "done", "all", "approve")


def measure() -> dict[str, float]:
    definitions.publish_catalogue()
    wide, narrow = _clerks()
    begin = time.perf_counter()
    for _written in seeding.seed(CASES):
        pass
    figures: dict[str, float] = {"cases": CASES, "seed_per_s": CASES / (time.perf_counter() - begin)}
    mine = Case.objects.filter(status="in_review", form__slug="bewohnerparkausweis").order_by("pk")[:40]
    Case.objects.filter(pk__in=mine.values("pk")).update(assigned_to=wide)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    say("\n".join(_plan(wide)))
    for name, clerk in (("wide", wide), ("narrow", narrow)):
        client = Client(headers={"host": "127.0.0.1"})
        client.force_login(clerk, "django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["account_authentication_methods"] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
        session["account_authentication_methods_user"] = str(clerk.pk)
        session.save()
        for page, address in _pages(client, clerk).items():
            figures |= _drawn(client, f"{name}_{page}", address)
    return figures


def _clerks() -> tuple[User, User]:
    city, _ = Organisation.objects.get_or_create(short="KVR", defaults={"name": "Messung"})
    place = {"name": "Messung", "organisation": city, "street": "Marienplatz 8", "postcode": "80331"}
    office, _ = Office.objects.get_or_create(slug="messung-desk", defaults=place)
    slugs = [pattern.version.form.slug for pattern in seeding.patterns()]
    made = []
    for name, forms in (("breit", slugs), ("schmal", slugs[:1])):
        user, _ = User.objects.get_or_create(email=f"{name}@stadt.invalid", defaults={"is_staff": True})
        RoleAssignment.objects.get_or_create(user=user, role=Role.TEAM_LEAD)
        team, _ = Team.objects.get_or_create(name=f"Messung {name}", defaults={"office": office})
        for slug in forms:
            TeamForm.objects.get_or_create(team=team, slug=slug)
        TeamMember.objects.get_or_create(team=team, user=user, defaults={"leads": True})
        made.append(user)
    return made[0], made[1]


def _pages(client: Client, clerk: User) -> dict[str, str]:
    queue = reverse("workplace:queue")
    some = Case.objects.order_by("-pk").values_list("number", flat=True)[0]
    deep = Case.objects.filter(status="in_review").order_by("-due_on", "-pk")[100]
    pages = {view: f"{queue}?ansicht={view}" for view in VIEWS}
    pages["deep"] = f"{queue}?ansicht=team&nach={lists.cursor(deep, lists.Choice())}"
    pages["red"] = f"{queue}?ansicht=team&frist=rot"
    pages["number"] = f"{queue}?suche={some}"
    for name, words in (("common", "Müller"), ("rare", "Müller-33"), ("both", "Anna Bauer"), ("nobody", "Niemand")):
        pages[f"find_{name}"] = client.post(reverse("workplace:search"), {"suche": words}).url
    return pages


def _drawn(client: Client, name: str, address: str) -> dict[str, float]:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200, address
    statements, spent, begun = len(captured), [], time.process_time()
    for _ in range(DRAWN):
        begin = time.perf_counter()
        client.get(address)
        spent.append((time.perf_counter() - begin) * 1000)
    figures = {"p95_ms": statistics.quantiles(spent, n=20)[-1], "statements": statements}
    figures["cpu_ms"] = (time.process_time() - begun) * 1000 / DRAWN
    return {f"{name}_{figure}": value for figure, value in figures.items()}


def _plan(clerk: User) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        lists.page(clerk, lists.Choice())
    with connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, buffers) {captured[-2]['sql']}")
        return [line for (line,) in cursor.fetchall()]
