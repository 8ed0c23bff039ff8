"""Pages of the wizard, files and deletion of a draft."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from forms_engine.definitions import queries as definitions
from forms_engine.submissions import access, actions, queries, stash, versions, visitors, wizard
from forms_engine.submissions.doors import lost, thanked, with_draft
from forms_engine.submissions.models import Draft
from forms_engine.submissions.states import DraftState, NotOpen
from portal.accounts import mandates
from portal.accounts.access import citizen
from portal.accounts.identity import stepup
from portal.common.crypto import KeyDestroyed
from portal.documents import downloads

OVERVIEW = "home:overview"
GET_POST = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@never_cache
@with_draft
def draft(request: HttpRequest, found: Draft) -> HttpResponse:
    """Where to go on: the first page that needs an answer, else the check page. Closed: what became of it."""
    if found.state != DraftState.OPEN:
        return _closed(request, found)
    if found.paused:
        return versions.paused(request, found)
    newer = definitions.newer_than(found.form_version)
    if newer and request.GET.get(versions.CHOSEN) != str(newer.number):
        return versions.newer(request, found, newer)
    page = queries.incomplete_page(found)
    return redirect("submissions:page", found.public_id, page) if page else redirect("cases:check", found.public_id)


@GET_POST
@never_cache
def page(request: HttpRequest, draft: UUID, page: str) -> HttpResponseBase:
    """One page of the wizard. Without a session nothing posted is lost: see stash.py."""
    found = visitors.draft(request, draft)
    if found is None and (response := thanked(request, draft)):
        return response
    if found is None and not request.user.is_authenticated:
        kept = stash.keep(request)
        return redirect(kept) if kept else lost(request, draft) or redirect_to_login(request.get_full_path())
    found = found or access.draft_for_owner(citizen(request), draft)
    if found.state != DraftState.OPEN:
        return redirect("submissions:draft", found.public_id)
    if response := stepup.demand_for(request, access.trust_needed(found.form_version)):
        return response
    if found.paused:
        if request.method == "POST" and page in {key.key for key in found.form_version.definition.pages}:
            actions.save_unsaved(found, page, stash.typed(request.POST), notice=True)
        return versions.paused(request, found)
    if mandates.in_use(request) is not None:
        found.unread = None  # the header counts the messages of whom they act for
    try:
        return wizard.respond(request, found, page)
    except (NotOpen, KeyDestroyed):  # closed by another window while this one was being answered
        return redirect("submissions:draft", found.public_id)


@GET_POST
@never_cache
@with_draft
def delete(request: HttpRequest, found: Draft) -> HttpResponse:
    """Ask first (rule F47), then delete answers and files."""
    if found.state != DraftState.OPEN:
        return redirect("submissions:draft", found.public_id)
    if request.method != "POST":
        back = reverse("submissions:draft", args=[found.public_id])
        return render(request, "submissions/delete.html", {"draft": found, "back": back})
    try:
        actions.discard(found, by=found.actor)
    except NotOpen:
        return redirect("submissions:draft", found.public_id)
    messages.success(request, _("Ihr Entwurf „%(title)s“ ist gelöscht.") % {"title": found.form_version.form.name})
    return redirect(OVERVIEW) if found.owner else redirect("submissions:start", found.form_version.form.slug)


@require_safe
@never_cache
@with_draft
def download(request: HttpRequest, found: Draft, upload: UUID) -> StreamingHttpResponse:
    """One of the person's own files, never shown inside the portal's origin."""
    file = access.upload_of(found, upload)
    return downloads.attachment(file.stored, file.name)


def _closed(request: HttpRequest, draft: Draft) -> HttpResponse:
    status = 200 if draft.state == DraftState.SENT else 410
    context = {"draft": draft, "sent": status == 200, "overview": reverse(OVERVIEW)}
    return render(request, "submissions/closed.html", context, status=status)
