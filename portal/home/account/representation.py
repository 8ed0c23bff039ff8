"""Acting for somebody: invite, accept, end, and the switch of this session."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_POST

from forms_engine.definitions import queries as definitions
from portal.accounts import access, mandates
from portal.accounts.access import citizen, signed_in
from portal.accounts.forms import EMAIL, Dressed, Words
from portal.accounts.models import CompanyRole, MandateKind, Scope
from portal.accounts.parties import companies, wards
from portal.accounts.parties.forms import ChildForm
from portal.audit import actions as audit


class InviteForm(Dressed):
    address = forms.EmailField(error_messages={"max_length": _lazy("Die Adresse darf höchstens 254 Zeichen lang sein")})
    scope = forms.ChoiceField(choices=[(s.value, s.label) for s in Scope], widget=forms.RadioSelect)
    services = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    takes_post = forms.BooleanField(required=False, initial=True)
    ends = forms.DateField(required=False, widget=forms.DateInput(attrs={"inputmode": "numeric"}))
    words = {
        "address": Words(
            _lazy("E-Mail-Adresse der Person, die Sie vertreten soll"),
            _lazy("Geben Sie die E-Mail-Adresse der Person ein"),
            EMAIL.wrong,
            attrs={"type": "email", "autocomplete": "off", "spellcheck": "false"},
        ),
        "services": Words(
            _lazy("Nur für diese Leistungen"),
            "",
            hint=_lazy("Ohne Auswahl gilt die Vertretung für alle Leistungen, die man in Vertretung beantragen kann."),
        ),
        "takes_post": Words(_lazy("Bescheide und Nachrichten zu diesen Anträgen gehen auch an die Person"), ""),
        "scope": Words(_lazy("Was darf die Person für Sie tun?"), _lazy("Wählen Sie, was die Person tun darf")),
        "ends": Words(
            _lazy("Letzter Tag"),
            "",
            _lazy("Geben Sie den letzten Tag wie 31.12.2027 ein"),
            hint=_lazy("Zum Beispiel 31.12.2027. Ohne Angabe gilt die Vertretung, bis Sie sie beenden."),
            width=10,
            attrs={"autocomplete": "off"},
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["services"].choices = definitions.choices()  # type: ignore[attr-defined]  # MultipleChoiceField


@signed_in
@require_GET
def mandates_page(request: HttpRequest) -> HttpResponseBase:
    user = citizen(request)
    rows = list(mandates.of(user))
    given = [(row, row.agent or mandates.address(row)) for row in rows if row.principal_id == user.pk]
    held = [row for row in rows if row.agent_id == user.pk and row.kind != MandateKind.COMPANY]
    context = {
        "given": given,
        "held": held,
        "companies": companies.of(user),
        "usable": {row.pk for row in mandates.acting_now(user)},
        "titles": dict(definitions.choices()),
    }
    return render(request, "home/account/mandates.html", context)


@signed_in
def invite(request: HttpRequest) -> HttpResponseBase:
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked, user = form.cleaned_data, citizen(request)
        try:
            with transaction.atomic():
                made = mandates.invite(
                    user,
                    asked["address"],
                    mandates.Terms(
                        MandateKind.PROXY, Scope(asked["scope"]), asked["services"], takes_post=asked["takes_post"]
                    ),
                    ends=asked["ends"],
                )
                audit.record("mandate.offered", str(made), str(user.public_id), scope=made.scope, kind=made.kind)
        except mandates.Impossible as error:
            form.add_error("ends" if "Ende" in str(error) else "address", str(error))
        else:
            messages.success(request, _("Die Einladung ist unterwegs. Sie gilt, sobald die Person annimmt."))
            return redirect("account:mandates")
    return render(request, "home/account/invite.html", {"form": form})


@signed_in
def add_child(request: HttpRequest) -> HttpResponseBase:
    """A child without an account, by the parent's word. Clerks see that it is no more than that."""
    form = ChildForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        wards.declare_child(citizen(request), told["given_name"], told["family_name"], told["birth_date"])
        messages.success(request, _("Das Kind ist eingetragen. Sie können jetzt für das Kind handeln."))
        return redirect("account:mandates")
    return render(request, "home/account/child.html", {"form": form})


@signed_in
def accept(request: HttpRequest, signed: str) -> HttpResponseBase:
    found = mandates.invitation(citizen(request), signed)
    if found is None:
        raise Http404
    if request.method != "POST":
        titles = dict(definitions.choices())
        services = [titles.get(slug, slug) for slug in found.services]
        return render(request, "home/account/accept.html", {"mandate": found, "services": services})
    with transaction.atomic():
        accepted = request.POST.get("antwort") == "ja"
        done = mandates.accept(found, by=citizen(request)) if accepted else mandates.revoke(found, by=citizen(request))
        if done:
            verb = "accepted" if accepted else "declined"
            audit.record(f"mandate.{verb}", str(found), str(citizen(request).public_id))
    messages.success(request, _("Sie haben die Vertretung angenommen.") if accepted else _("Sie haben abgelehnt."))
    return redirect("account:mandates")


@signed_in
def revoke(request: HttpRequest, mandate: uuid.UUID) -> HttpResponseBase:
    found = access.mandate_of(citizen(request), mandate)
    if found.role != CompanyRole.NONE:  # members of a company leave by its own page, which keeps an owner
        return redirect("account:company", found.principal.public_id)
    if request.method != "POST":
        return render(request, "home/account/revoke.html", {"mandate": found})
    with transaction.atomic():
        if mandates.revoke(found, by=citizen(request)):
            audit.record("mandate.revoked", str(found), str(citizen(request).public_id))
    messages.success(request, _("Die Vertretung ist beendet."))
    return redirect("account:mandates")


@signed_in
@require_POST
def act(request: HttpRequest) -> HttpResponseBase:
    """The switch: `vertretung` is the public id of a mandate held, or empty for oneself."""
    chosen = request.POST.get("vertretung", "")
    if not chosen:
        mandates.switch(request, None)
        return redirect("home:overview")
    usable = {str(row.public_id): row for row in mandates.acting_now(citizen(request))}
    if chosen not in usable:
        raise Http404
    mandates.switch(request, usable[chosen])
    return redirect("home:overview")
