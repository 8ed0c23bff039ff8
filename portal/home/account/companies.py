"""A company's account: found it, say who it is, invite members, give roles, leave, close."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from forms_engine.definitions import queries as definitions
from portal.accounts import access, mandates
from portal.accounts.access import citizen, signed_in
from portal.accounts.models import CompanyRole, Mandate, Scope
from portal.accounts.parties import companies
from portal.accounts.parties.forms import CompanyForm, MemberForm, RoleForm
from portal.home.account import farewell


@signed_in
def found(request: HttpRequest) -> HttpResponseBase:
    form = CompanyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = companies.found(citizen(request), form.cleaned_data["name"], form.facts())
        messages.success(request, gettext("Das Unternehmen ist angelegt. Sie sind Inhaber*in."))
        return redirect("account:company", made.account.public_id)
    return render(request, "home/account/company_form.html", {"form": form})


@signed_in
@require_GET
def company(request: HttpRequest, company: uuid.UUID) -> HttpResponseBase:
    found = access.company_of(citizen(request), company)
    rows = [(row, row.agent or mandates.address(row)) for row in companies.members(found.company)]
    return render(request, "home/account/company.html", {"company": found.company, "own": found.own, "members": rows})


@signed_in
def change(request: HttpRequest, company: uuid.UUID) -> HttpResponseBase:
    found = access.company_of(citizen(request), company, *companies.RUNS)
    facts = {name: getattr(found.company, name, found.company.account.family_name) for name in CompanyForm.words}
    form = CompanyForm(request.POST or None, initial=facts)
    if request.method == "POST" and form.is_valid():
        companies.change(found.company, form.cleaned_data["name"], form.facts(), by=citizen(request))
        messages.success(request, gettext("Die Angaben sind gespeichert."))
        return redirect("account:company", company)
    return render(request, "home/account/company_form.html", {"form": form, "company": found.company})


@signed_in
def invite(request: HttpRequest, company: uuid.UUID) -> HttpResponseBase:
    found = access.company_of(citizen(request), company, *companies.RUNS)
    owner = found.own.role == CompanyRole.OWNER
    form = MemberForm(request.POST or None, services=definitions.choices(), owner=owner)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        role = CompanyRole(asked.get("role", CompanyRole.MEMBER))
        scope, services, by = Scope(asked["scope"]), asked["services"], citizen(request)
        companies.invite(found.company, asked["address"], role, scope, services, by=by)
        messages.success(request, gettext("Die Einladung ist unterwegs. Sie gilt, sobald die Person annimmt."))
        return redirect("account:company", company)
    return render(request, "home/account/company_invite.html", {"form": form, "company": found.company})


def _member(request: HttpRequest, company: uuid.UUID, member: uuid.UUID) -> tuple[access.CompanyOf, Mandate]:
    """A member whom the person may change: themselves, or any if they run the company. Raises Http404."""
    found = access.company_of(citizen(request), company)
    row = companies.members(found.company).filter(public_id=member).first()
    if row is None or (row.pk != found.own.pk and found.own.role not in companies.RUNS):
        raise Http404
    return found, row


@signed_in
def role(request: HttpRequest, company: uuid.UUID, member: uuid.UUID) -> HttpResponseBase:
    found, row = _member(request, company, member)
    form = RoleForm(request.POST or None, initial={"role": row.role})
    if request.method == "POST" and form.is_valid():
        try:
            companies.give_role(row, CompanyRole(form.cleaned_data["role"]), by=citizen(request))
        except companies.Refused as refused:
            form.add_error("role", str(refused))
        else:
            messages.success(request, gettext("Die Rolle ist geändert."))
            return redirect("account:company", company)
    context = {"form": form, "company": found.company, "member": row, "name": row.agent or mandates.address(row)}
    return render(request, "home/account/company_role.html", context)


@signed_in
def end(request: HttpRequest, company: uuid.UUID, member: uuid.UUID) -> HttpResponseBase:
    """Leave, or send a member away (F47)."""
    found, row = _member(request, company, member)
    own = row.agent_id == citizen(request).pk
    if request.method != "POST":
        context = {"company": found.company, "own": own, "name": row.agent or mandates.address(row)}
        return render(request, "home/account/company_end.html", context)
    try:
        companies.end(row, by=citizen(request))
    except companies.Refused as refused:
        messages.error(request, str(refused))
        return redirect("account:company", company)
    messages.success(request, gettext("Die Mitgliedschaft ist beendet."))
    return redirect("account:mandates") if own else redirect("account:company", company)


@signed_in
def close(request: HttpRequest, company: uuid.UUID) -> HttpResponseBase:
    found = access.company_of(citizen(request), company, CompanyRole.OWNER)
    reasons = farewell.open_matters(found.company.account)
    if request.method == "POST":
        try:
            farewell.close_company(found.company, by=citizen(request))
        except farewell.Refused as refused:
            reasons = refused.reasons
        else:
            messages.success(request, gettext("Das Unternehmenskonto ist geschlossen."))
            return redirect("account:mandates")
    context = {"company": found.company, "reasons": reasons}
    return render(request, "home/account/company_close.html", context, status=409 if request.POST else 200)
