"""Where a case stands, without an account: file number and status code. Status words and dates, no name, no letter.

A case that was sent without an account has no postbox: its answer is read here.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from forms_engine.cases import codes, queries
from forms_engine.cases.doors import with_case
from forms_engine.cases.forms import PlainForm
from forms_engine.cases.models import Case
from portal.accounts.access import citizen, signed_in
from portal.accounts.limits import TooMany
from portal.common import references


class StatusForm(PlainForm):
    number = forms.CharField(
        label=_("Aktenzeichen"),
        help_text=_("Zum Beispiel KVR-2026-000042-7"),
        max_length=60,
        error_messages={
            "required": _("Geben Sie das Aktenzeichen ein"),
            "max_length": _("Geben Sie das Aktenzeichen so ein, wie es auf der Antragsbestätigung steht"),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters", "size": 20}
        ),
    )
    code = forms.CharField(
        label=_("Statuscode"),
        help_text=_("Er steht in Ihrem Postfach und hat zwölf Zeichen, zum Beispiel K7QF-2MXH-94TB"),
        max_length=60,
        error_messages={
            "required": _("Geben Sie den Statuscode ein"),
            "max_length": _("Der Statuscode hat zwölf Zeichen. Geben Sie ihn ohne weitere Wörter ein"),
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters", "size": 20}
        ),
    )
    # One sentence for an unknown number, a wrong code, and a case that ended long ago.
    UNKNOWN = _(
        "Aktenzeichen und Statuscode passen nicht zusammen. Vergleichen Sie beide mit der Nachricht im Postfach"
    )

    def clean_number(self) -> str:
        number = references.canonical_file_number(self.cleaned_data["number"])
        if number is None:
            raise forms.ValidationError(
                _("Geben Sie das Aktenzeichen so ein, wie es auf der Antragsbestätigung steht"), code="no_number"
            )
        return number

    def clean_code(self) -> str:
        code = codes.canonical(self.cleaned_data["code"])
        if code is None:
            raise forms.ValidationError(_("Der Statuscode hat zwölf Zeichen. Prüfen Sie Ihre Eingabe"), code="no_code")
        return code


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """Answers a POST at once instead of redirecting: nothing was changed, and the code must not stand in an address."""
    form = StatusForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _answer(request, {"form": form}, 422 if form.is_bound else 200)
    asked: dict[str, Any] = form.cleaned_data
    try:
        case = codes.look_up(asked["number"], asked["code"], address=get_adapter().get_client_ip(request))
    except TooMany:
        response = render(request, "cases/status_pause.html", status=429)
        response["Retry-After"] = "300"
        return response
    if case is None:
        form.add_error("code", StatusForm.UNKNOWN)
        return _answer(request, {"form": form}, 422)
    shown = {
        "case": case,
        "timeline": queries.public_timeline(case),
        "turn_of_citizen": case.meaning.next_actor == "Sie",
    }
    # Whoever has no account has no other place to read it; with one it stands in the postbox, and not here.
    return _answer(request, shown | {"answer": "" if case.party else case.answer})


def _answer(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, "cases/status.html", context, status=status)
    if "case" in context:
        response["X-Robots-Tag"] = "noindex"
    return response


@signed_in
@require_POST
@with_case
def renew(request: HttpRequest, found: Case) -> HttpResponse:
    """A new code in place of the old one; the case page shows it once."""
    codes.renew(found, by=citizen(request))
    codes.hand_over(request, found)
    return redirect(f"{reverse('cases:case', args=[found.public_id])}#statuscode")
