"""What a form's rules do to a new case, exactly once (docs/adr/0034). The outbox calls, after sending and paying."""

import datetime as dt

from django.db import transaction
from django.utils.crypto import salted_hmac

from forms_engine.cases import casefile, events, flow, queries, rules
from forms_engine.cases.models import Case, DateKind, RuleRun
from forms_engine.cases.states import Status
from forms_engine.cases.wording.engine import TooLong
from forms_engine.definitions import automation
from forms_engine.definitions.language.form import Rule, RuleRoute
from forms_engine.submissions import queries as answers
from portal.accounts.models import User
from portal.common import clock
from portal.directory.models import Office
from portal.directory.teams.models import TeamForm

_MACHINE = "automatische-bearbeitung@stadt.invalid"
SAMPLE_TASK = "Stichprobe: Alle Prüfungen sind erfüllt. Bitte selbst entscheiden."
TOO_LONG_TASK = "Das Schreiben wird mit der Textvorlage zu lang. Bitte Vorlage kürzen und selbst entscheiden."


@transaction.atomic
def apply(case_id: int) -> bool:
    """Apply the rules of the case's version. False if that was done before, if it waits for its fee, or has ended."""
    Case.objects.select_for_update(of=("self",), no_key=True).only("pk").get(pk=case_id)
    case = Case.objects.for_pages().get(pk=case_id)
    waits = case.status == Status.AWAITING_PAYMENT or case.has_ended
    if waits or not case.definition.casework.rules or RuleRun.objects.filter(case=case).exists():
        return False
    ruling = automation.judge(case.definition, answers.evaluation(case.submission))
    granting = ruling.grant
    sampled = granting is not None and granting.grant is not None and _drawn(case, granting.grant.sample)
    RuleRun.objects.create(case=case, held=[rule.key for rule in ruling.held], sampled=sampled)
    if not ruling.held:
        return True
    events.note(case, "rules_applied", casefile.RULES, rules=", ".join(rule.key for rule in ruling.held), drawn=sampled)
    for rule in ruling.held:
        _do(case, rule)
    if sampled:
        casefile.add_task(case, title=SAMPLE_TASK, due_on=clock.today(), to=None, by=None)
    elif granting is not None and may_grant(case):
        try:
            with transaction.atomic():
                _grant(case, granting)
        except TooLong:
            casefile.add_task(case, title=TOO_LONG_TASK, due_on=clock.today(), to=None, by=None)
    return True


def _drawn(case: Case, per_cent: int) -> bool:
    """Whether this case is in the sample: the same answer whenever it is asked, and nobody can foresee it."""
    digest = salted_hmac("cases.rules.sample", str(case.public_id), algorithm="sha256").digest()
    return int.from_bytes(digest[:8]) % 100 < per_cent


def _do(case: Case, rule: Rule) -> None:
    today = clock.today()
    if rule.task:
        due = today + dt.timedelta(days=rule.task.days)
        casefile.add_task(case, title=rule.task.title, due_on=due, to=None, by=None)
    if rule.deadline:
        due = today + dt.timedelta(days=rule.deadline.days)
        casefile.set_date(case, kind=DateKind.INTERNAL, due_on=due, reason=rule.deadline.reason, by=None)
    if rule.route:
        _send_to(case, rule.route)


def office_of(slug: str, route: RuleRoute) -> Office | None:
    """Where a route leads: only to an office with a team at work that handles the form."""
    rows = TeamForm.objects.filter(slug=slug, team__is_active=True).select_related("team__office")
    rows = rows.filter(team__name=route.team) if route.team else rows.filter(team__office__slug=route.office)
    found = rows.order_by("team__name").first()
    return found.team.office if found else None


def _send_to(case: Case, route: RuleRoute) -> None:
    """Nobody would see the case at an office without such a team: then it stays, and the team is told."""
    office = office_of(case.form_slug, route)
    if office is None:
        title = f"Zuständigkeit prüfen: {route.team or route.office} bearbeitet dieses Formular nicht."
        casefile.add_task(case, title=title[:200], due_on=clock.today(), to=None, by=None)
    elif office.pk != case.office_id and Case.objects.filter(pk=case.pk, assigned_to=None).update(office=office):
        case.office = office
        events.note(case, "routed", casefile.RULES, office=office.slug)


def may_grant(case: Case) -> bool:
    """Whether a machine may sign: nobody works on it, one signature is enough, nothing is owed, files are clean."""
    files = all(file.stored.can_open for file in queries.files(case))
    free = case.status == Status.IN_REVIEW and case.assigned_to_id is None
    return free and files and not rules.four_eyes(case) and not case.fee_is_due and rules.charge(case) is None


def _grant(case: Case, rule: Rule) -> None:
    term, law = rules.term(case), rule.grant.legal_basis if rule.grant else ""
    said = "Diese Entscheidung wurde automatisch getroffen, weil alle Prüfungen erfüllt sind"
    flow.decide(
        case,
        kind=rules.positive(case),
        by=_machine(),
        valid_from=term.start if term else None,
        valid_until=term.end if term else None,
        explanation=f"{said} ({law})." if law else f"{said}.",
    )


def _machine() -> User:
    """Stands in the file and on the letter where otherwise a clerk stands. It can never sign in."""
    names = {"given_name": "Automatische", "family_name": "Bearbeitung", "is_active": False}
    found, new = User.objects.get_or_create(email=_MACHINE, defaults=names)
    if new:
        found.set_unusable_password()
        found.save(update_fields=["password"])
    return found
