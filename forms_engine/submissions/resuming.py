"""Ask for a link to go on, and go on with it."""

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from forms_engine.submissions import links, visitors
from forms_engine.submissions.doors import with_draft
from forms_engine.submissions.models import Draft, ResumeLink
from forms_engine.submissions.states import DraftState
from portal.accounts.access import citizen
from portal.accounts.forms import mail_field
from portal.common import limits
from portal.common.crypto import KeyDestroyed

LINKS_PER_MINUTE = 5  # of one network address, to whatever mail addresses


class AddressForm(forms.Form):
    """Where the link goes that a person without an account asks for."""

    use_required_attribute = False

    mail = mail_field(_lazy("An diese Adresse schicken wir den Link. Danach vergessen wir sie."))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@with_draft
def send_link(request: HttpRequest, found: Draft) -> HttpResponse:
    """To the address of the account; without one the person says where to. A survey has nobody to be sent to."""
    back = redirect("submissions:draft", found.public_id)
    if found.form_version.definition.is_survey:
        raise Http404
    if found.state != DraftState.OPEN or (found.owner_id and request.method != "POST"):
        return back
    address = ""
    if not found.owner_id:
        form = AddressForm(request.POST if request.method == "POST" else None, label_suffix="")
        if not form.is_valid():
            context = {"form": form, "draft": found, "days": links.LIFETIME.days}
            return render(request, "submissions/mail_link.html", context, status=422 if form.is_bound else 200)
        if not limits.allow(request, "submissions.link", per_minute=LINKS_PER_MINUTE):
            return render(request, "429.html", status=429)
        address = form.cleaned_data["mail"]
    try:
        links.order(found, address)
    except links.TooMany:
        messages.info(request, _("Wir haben Ihnen schon Links geschickt. Sehen Sie in Ihre E-Mails."))
    except KeyDestroyed:
        return back
    else:
        messages.success(request, _("Wir schicken Ihnen einen Link zum Weitermachen. Er gilt einmal, 7 Tage lang."))
    return back


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """Only a button uses the link up: programs that look into mails do not press it."""
    link = links.find(token)
    if link is None:
        return render(request, "submissions/resume_void.html", status=404)
    if link.draft.owner_id and not request.user.is_authenticated:
        return redirect_to_login(request.path)
    if link.draft.owner_id and link.draft.owner != citizen(request):
        raise Http404
    if request.method != "POST":
        return render(request, "submissions/resume.html", {"form": link.draft.form_version.form})
    return _go_on(request, link)


def _go_on(request: HttpRequest, link: ResumeLink) -> HttpResponse:
    if link.draft.owner_id:
        links.use(link)
        return redirect("submissions:draft", link.draft.public_id)
    try:
        taken = links.take(link, visitors.begin(request))
    except links.AnotherOpen:
        context = {"form": link.draft.form_version.form, "another": True}
        return render(request, "submissions/resume.html", context, status=409)
    if not taken:
        return render(request, "submissions/resume_void.html", status=404)
    return redirect("submissions:draft", link.draft.public_id)
