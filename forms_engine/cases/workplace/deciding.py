"""The clerk decides: the form, the letter as it will be, and the signature. Also for a further decision."""

import uuid
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from forms_engine.cases import access, decision_form, flow, payloads, queries, revising, rules
from forms_engine.cases.decision_form import DecisionForm, Wanted
from forms_engine.cases.models import Case, DecisionKind
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.states import REVISABLE, IllegalTransition
from forms_engine.cases.wording import letter_payload, previews, texts
from forms_engine.cases.wording.engine import TooLong
from forms_engine.cases.workplace.frame import clerks, page
from portal.accounts.access import citizen
from portal.accounts.models import User

TOO_LATE = "Der Vorgang hat sich inzwischen geändert. Ihre Aktion wurde nicht ausgeführt."
TOO_LONG = "Das Schreiben wird mit dieser Textvorlage zu lang. Bitten Sie die Teamleitung, die Vorlage zu kürzen."
NEW_TEXT = "Inzwischen gibt es eine neue Textvorlage. Prüfen Sie das Schreiben noch einmal."


class Way(Protocol):
    """How a decision is signed: as the first of a case, or as a further one."""

    def complete(self, case: Case, outcome: Outcome) -> Outcome: ...
    def sign(self, case: Case, outcome: Outcome, by: User) -> None: ...
    def propose(self, case: Case, outcome: Outcome, by: User) -> None: ...
    def address(self, case: Case) -> str: ...


class First:
    def complete(self, case: Case, outcome: Outcome) -> Outcome:
        return outcome

    def sign(self, case: Case, outcome: Outcome, by: User) -> None:
        flow.decide(case, by=by, **vars(outcome))

    def propose(self, case: Case, outcome: Outcome, by: User) -> None:
        flow.propose(case, outcome, by=by)

    def address(self, case: Case) -> str:
        return reverse("workplace:decide", args=[case.public_id])


@dataclass(frozen=True)
class Further:
    """`expected`: which revision the page was about."""

    expected: int

    def complete(self, case: Case, outcome: Outcome) -> Outcome:
        return revising.replaced_by(case, outcome)

    def sign(self, case: Case, outcome: Outcome, by: User) -> None:
        revising.revise(case, outcome, by=by, expected=self.expected)

    def propose(self, case: Case, outcome: Outcome, by: User) -> None:
        revising.propose(case, outcome, by=by, expected=self.expected)

    def address(self, case: Case) -> str:
        return reverse("workplace:revise", args=[case.public_id])


def form(case: Case, data: object = None) -> DecisionForm:
    """Raises Http404 for a case in which nothing is decided."""
    kinds = [kind for kind in texts.kinds(case.definition) if kind in (*decision_form.GRANTING, DecisionKind.REFUSED)]
    term = rules.term(case)
    initial: dict[str, object] = {"area": payloads.area(case)}
    if term:
        initial |= {"valid_from": term.start, "valid_until": term.end}
    if back := queries.sent_back(case):
        initial |= decision_form.typed_before(queries.outcome_of(case, back[0]))
    return DecisionForm(data, prefix="entscheiden", initial=initial, wanted=_wanted(case, kinds, rules.charge(case)))


def further_form(case: Case, data: object = None) -> DecisionForm:
    """For a case that is decided: everything that can still follow, with what stands filled in."""
    fee = case.definition.fee
    charge = rules.Charge(1, fee.frame.highest if fee.frame else 1_000_000) if fee else None
    standing, initial = queries.standing(case), dict[str, object]()
    if standing:
        initial = {"valid_from": standing.valid_from, "valid_until": standing.valid_until, "area": standing.area}
    wanted = _wanted(case, texts.kinds(case.definition), charge)
    return DecisionForm(data, prefix="entscheiden", initial=initial, wanted=wanted)


def _wanted(case: Case, kinds: list[DecisionKind], charge: rules.Charge | None) -> Wanted:
    words, area = rules.deciding(case), case.definition.meaning.area
    if words is None:
        raise Http404
    return Wanted(
        kinds=kinds,
        reasons=[(reason.key, str(reason.title)) for reason in words.refusal_reasons],
        areas=payloads.areas(case),
        area_label=str(area.label) if area else "",
        term=rules.term(case),
        charge=charge,
        explained=words.grant_explained,
        conditions=[str(part) for part in words.conditions],
    )


def preview(case: Case, outcome: Outcome, author: User) -> dict[str, Any]:
    """What the letter will say. Raises TooLong."""
    return letter_payload.of(case, outcome, clerk=author.get_full_name()) | {"term": outcome}


@clerks
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """A new version of a decision, its end, or a fee notice."""
    found = access.case_for_clerk(citizen(request), case)
    if found.status not in REVISABLE or queries.standing(found) is None:
        raise Http404
    number = queries.next_revision(found)
    if request.method != "POST":
        return _further_page(request, found, further_form(found), number)
    asked = request.POST.get("fassung", "")
    typed = further_form(found, request.POST)
    if not typed.is_valid():
        return _further_page(request, found, typed, number, 422)
    return look_or_sign(request, found, typed, Further(int(asked) if asked.isdecimal() and len(asked) < 6 else 0))


def _further_page(request: HttpRequest, case: Case, form: DecisionForm, number: int, status: int = 200) -> HttpResponse:
    context = {"case": case, "form": form, "number": number, "standing": queries.standing(case)}
    return page(request, "workplace/revise.html", "Weiterer Bescheid", status, **context)


def look_or_sign(request: HttpRequest, case: Case, form: DecisionForm, way: Way) -> HttpResponse:
    """The letter to look at; as PDF with „pdf“; signed with „bestaetigt“, if its text is still the one looked at."""
    clerk, case_page = citizen(request), redirect("workplace:case", case.public_id)
    typed = form.outcome()
    template = letter_payload.newest(case.submission.form_version.form, typed.kind)
    try:
        outcome = way.complete(case, replace(typed, template=template.pk if template else None))
        said = preview(case, outcome, clerk)
    except (IllegalTransition, TooLong) as error:
        messages.error(request, TOO_LONG if isinstance(error, TooLong) else TOO_LATE)
        return case_page
    if "pdf" in request.POST:
        asked = previews.ask({key: value for key, value in said.items() if key != "term"}, by=clerk)
        return redirect("workplace:preview", asked.public_id)
    both, seen = rules.four_eyes(case, outcome.fee_cents), str(outcome.template or "")
    if "bestaetigt" in request.POST and request.POST.get("vorlage", "") == seen:
        return _sign(request, case, outcome, way, both=both)
    if "bestaetigt" in request.POST:
        messages.warning(request, NEW_TEXT)
    title = f"{'Bescheinigung' if outcome.kind == DecisionKind.CERTIFICATE else 'Bescheid'} prüfen"
    context = {"case": case, "form": form, "preview": said, "two_clerks": both, "seen": seen}
    return page(request, "workplace/confirm.html", title, 200, address=way.address(case), way=way, **context)


def _sign(request: HttpRequest, case: Case, outcome: Outcome, way: Way, *, both: bool) -> HttpResponse:
    try:
        if both:
            way.propose(case, outcome, citizen(request))
        else:
            way.sign(case, outcome, citizen(request))
    except IllegalTransition:
        messages.error(request, TOO_LATE)
    else:
        waits = "Ihr Vorschlag wartet auf eine zweite Person aus dem Team."
        messages.success(request, waits if both else "Entschieden. Das Schreiben wird ausgestellt und zugestellt.")
    return redirect("workplace:case", case.public_id)
