"""Ask for a link to go on, and go on with it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from forms_engine.submissions import access, links
from forms_engine.submissions.states import DraftState
from portal.accounts.access import citizen, signed_in
from portal.common.crypto import KeyDestroyed


@never_cache
@signed_in
@require_POST
def send_link(request: HttpRequest, draft: UUID) -> HttpResponse:
    found = access.draft_for_owner(citizen(request), draft)
    if found.state == DraftState.OPEN:
        try:
            links.order(found)
        except links.TooMany:
            messages.info(request, _("Wir haben Ihnen schon Links geschickt. Sehen Sie in Ihre E-Mails."))
        except KeyDestroyed:
            return redirect("submissions:draft", found.public_id)
        else:
            messages.success(request, _("Wir schicken Ihnen einen Link zum Weitermachen. Er gilt einmal, 7 Tage lang."))
    return redirect("submissions:draft", found.public_id)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def resume(request: HttpRequest, token: str) -> HttpResponse:
    """Only a button uses the link up: programs that look into mails do not press it."""
    link = links.find(token)
    if link is None:
        return render(request, "submissions/resume_void.html", status=404)
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    if link.draft.owner != citizen(request):
        raise Http404
    if request.method != "POST":
        return render(request, "submissions/resume.html", {"form": link.draft.form_version.form})
    links.use(link)
    return redirect("submissions:draft", link.draft.public_id)
