"""Who sees a case is decided by role, team, form and office: in every list, search, count, page and download."""

import itertools

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forms_engine.cases import access, flow, lists, queries
from forms_engine.cases.models import Case
from portal.accounts import operators, roles
from portal.accounts.models import Role, User
from portal.audit.models import AuditEntry
from portal.directory.models import Office
from portal.directory.teams.models import Team, TeamForm, TeamMember
from portal.documents import store
from portal.documents.models import Scan, StoredFile
from portal.documents.tasks import scan
from tests import make
from tests.conftest import _person, _team
from tests.journeys.test_foreign_eyes import NOBODYS, clerks

pytestmark = pytest.mark.django_db
KINDS = (None, *Role, "root")
SETUPS = st.tuples(
    st.sampled_from(KINDS),
    st.booleans(),  # member
    st.booleans(),  # the team handles the form
    st.booleans(),  # the team works
    st.sampled_from(["here", "elsewhere", None]),  # office of the case
)


@pytest.fixture
def elsewhere(db) -> Office:
    here = _team().office
    place = {"name": "Anderswo", "organisation": here.organisation, "street": "Weg 1", "postcode": "80331"}
    return Office.objects.create(slug="anderswo", **place)


@pytest.fixture
def full_case(paid_case, alice, clara) -> Case:
    """In review, with a file that was handed in later. The virus scan has passed what came with the application."""
    for waiting in StoredFile.objects.filter(scan=Scan.WAITING):
        scan(str(waiting.pk))
    flow.request_documents(paid_case, text="Bitte die Rückseite.", by=clara)
    stored = store.put(b"%PDF-1.7", media_type="application/pdf")
    flow.hand_in(paid_case, files=[(stored, "rueckseite.pdf")], text="", by=alice)
    return Case.objects.for_pages().get(pk=paid_case.pk)


def arrange(case: Case, person: User, elsewhere: Office, setup: tuple) -> bool:
    """Makes the setup true. Whether the person may see the case then."""
    kind, member, handles, works, office = setup
    team = _team()
    TeamMember.objects.all().delete()
    TeamForm.objects.all().delete()
    Team.objects.filter(pk=team.pk).update(is_active=works)
    if member:
        TeamMember.objects.create(team=team, user=person, leads=kind == Role.TEAM_LEAD)
    TeamForm.objects.create(team=team, slug="bewohnerparkausweis" if handles else "hundesteuer")
    Case.objects.filter(pk=case.pk).update(office={"here": team.office, "elsewhere": elsewhere, None: None}[office])
    for role in Role:
        roles.revoke(person, role, by=None)
    if kind in list(Role):
        roles.grant(person, kind, by=None)
    User.objects.filter(pk=person.pk).update(is_staff=True, is_superuser=kind == "root")
    return kind in (Role.CLERK, Role.TEAM_LEAD) and member and handles and works and office != "elsewhere"


def pages(case: Case) -> list[str]:
    """Every page of the workplace and the admin that names this case or something of it."""
    of = {"cases_case": case.pk, "cases_paper": case.papers.get().pk}
    verbs = ("change", "history", "delete")
    rows = [reverse(f"admin:{name}_{verb}", args=[pk]) for name, pk in of.items() for verb in verbs]
    return [*(path for path in clerks(case) if str(case.public_id) in path), *rows]


def lists_of(case: Case) -> list[str]:
    queue = reverse("workplace:queue")
    views = [f"{queue}?ansicht={view}" for view in ("team", "mine", "waiting", "done", "all")]
    admin = [f"{reverse(f'admin:cases_{name}_changelist')}?_facets=True" for name in ("case", "paper", "decision")]
    return [*views, f"{queue}?suche={case.number}", *admin, f"{reverse('admin:cases_case_changelist')}?q={case.number}"]


@pytest.fixture
def staff(db) -> User:
    roles.seed()
    return _person("Sina", "Stadler", staff=True)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(setup=SETUPS)
@pytest.mark.slow
def test_every_address_of_a_case_answers_by_role_team_form_and_office(full_case, staff, elsewhere, setup):
    may = arrange(full_case, staff, elsewhere, setup)
    client, is_operator = Client(), setup[0] in (Role.OPERATOR, "root")
    client.force_login(User.objects.get(pk=staff.pk))
    for path in pages(full_case):
        status = client.get(path).status_code
        if may or ("/cases/paper/" in path and is_operator):
            leads_on = "bescheid" in path or path.endswith("/delete/") or str(NOBODYS) in path
            assert status in (200, 405) or leads_on or (status == 302 and path.endswith("/naechster/")), path
        else:
            assert status in (403, 404, 405), path
    for path in lists_of(full_case):
        text = client.get(path).content.decode()
        shown = str(full_case.public_id) in text or f">{full_case.number}<" in text  # the search box repeats a number
        assert not shown or may or (is_operator and "/paper/" in path), path
    assert may == bool(lists.page(User.objects.get(pk=staff.pk), lists.Choice(text=full_case.number)))


def test_the_rule_itself_for_every_combination(paid_case, staff, elsewhere):
    for setup in itertools.product(KINDS, *[(False, True)] * 3, ("here", "elsewhere", None)):
        may = arrange(paid_case, staff, elsewhere, setup)
        assert access.desk(User.objects.get(pk=staff.pk)).exists() is may, setup


@pytest.mark.slow
def test_a_foreign_case_answers_no_post_and_stays_as_it_is(full_case, staff, elsewhere):
    arrange(full_case, staff, elsewhere, (Role.CLERK, True, True, True, "elsewhere"))
    client = Client()
    client.force_login(User.objects.get(pk=staff.pk))
    before = (full_case.events.count(), AuditEntry.objects.filter(action__startswith="case.").count())
    for path in clerks(full_case):
        assert client.post(path, {"schreiben-text": "x", "nachfordern-text": "x"}).status_code in (404, 405), path
    after = (full_case.events.count(), AuditEntry.objects.filter(action__startswith="case.").count())
    assert before == after


def test_a_new_case_belongs_to_the_one_office_that_handles_its_form(alice, clara):
    assert make.case(alice).office == _team().office


@pytest.mark.slow
def test_with_two_offices_the_first_to_take_it_decides(paid_case, clara, elsewhere):
    Case.objects.filter(pk=paid_case.pk).update(office=None)
    other = Team.objects.create(name="Ost", office=elsewhere)
    TeamForm.objects.create(team=other, slug="bewohnerparkausweis")
    assert make.case(_person("Nina", "Neu")).office is None
    assert flow.claim(Case.objects.get(pk=paid_case.pk), by=clara)
    assert Case.objects.get(pk=paid_case.pk).office == _team().office


def test_the_lead_gives_a_case_to_a_colleague_and_the_timeline_says_so(client, paid_case, clara, theo):
    client.force_login(theo)
    page = reverse("workplace:assign", args=[paid_case.public_id])
    assert client.post(page, {"zuteilen-to": str(clara.public_id)}).status_code == 302
    assert Case.objects.get(pk=paid_case.pk).assigned_to == clara
    assert "Von der Teamleitung zugeteilt" in [entry.title for entry in queries.desk_timeline(paid_case)]


@pytest.mark.slow
@pytest.mark.parametrize("to", ["alice", "otto"])
def test_nobody_outside_the_team_is_given_a_case(client, request, paid_case, theo, to):
    client.force_login(theo)
    page = reverse("workplace:assign", args=[paid_case.public_id])
    answer = client.post(page, {"zuteilen-to": str(request.getfixturevalue(to).public_id)})
    assert answer.status_code == 422
    assert Case.objects.get(pk=paid_case.pk).assigned_to is None


@pytest.mark.slow
def test_only_the_lead_gives_cases_away(client, paid_case, clara, theo):
    client.force_login(clara)
    page = reverse("workplace:assign", args=[paid_case.public_id])
    assert client.post(page, {"zuteilen-to": str(theo.public_id)}).status_code == 404
    assert "Zuteilen" not in client.get(reverse("workplace:case", args=[paid_case.public_id])).content.decode()


def test_a_lead_elsewhere_is_no_lead_here(paid_case, clara, theo):
    TeamMember.objects.filter(user=theo).update(leads=False)
    assert access.colleagues(theo, paid_case) == []


@pytest.mark.slow
@pytest.mark.parametrize("how", ["deactivated", "role", "team", "form"])
def test_open_cases_of_somebody_who_may_not_any_more_go_back_to_the_team(paid_case, clara, otto, how):
    flow.claim(paid_case, by=clara)
    match how:
        case "deactivated":
            operators.deactivate(clara, by=otto)
        case "role":
            roles.revoke(clara, Role.CLERK, by=otto)
        case "team":
            TeamMember.objects.filter(user=clara).delete()
            flow.off_duty(clara)
        case "form":
            TeamForm.objects.all().delete()
            flow.off_duty(clara)
    make.drain()
    assert Case.objects.get(pk=paid_case.pk).assigned_to is None
    assert paid_case.events.latest("id").kind == "released"


@pytest.mark.slow
def test_the_queue_costs_the_same_for_one_case_and_for_many(client, clara, fake, django_assert_max_num_queries):
    client.force_login(clara)
    counts = []
    for number in range(2):
        for extra in range(1 + 3 * number):
            make.paid(make.case(_person(f"Person{number}{extra}", "Muster")), fake)
        with django_assert_max_num_queries(17) as seen:
            client.get(reverse("workplace:queue"))
        counts.append(len(seen))
    assert counts[0] == counts[1]
