"""How a page gets its draft: one of this browser session, or one of the signed-in person."""

import functools
import uuid
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from forms_engine.submissions import access, visitors
from forms_engine.submissions.models import Draft
from portal.accounts.access import citizen

P = ParamSpec("P")


def with_draft(
    view: Callable[Concatenate[HttpRequest, Draft, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """The view takes the draft in place of its id. Others sign in first; a foreign draft does not exist (404)."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, draft: uuid.UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        found = visitors.draft(request, draft)
        if found is None and (response := thanked(request, draft)):
            return response
        if found is None and not request.user.is_authenticated:
            return lost(request, draft) or redirect_to_login(request.get_full_path())
        return view(request, found or access.draft_for_owner(citizen(request), draft), *args, **kwargs)

    return guarded


def thanked(request: HttpRequest, draft: uuid.UUID) -> HttpResponse | None:
    """Where a survey leads that this session has sent, whichever of its pages is opened again. None for all else."""
    slug = visitors.sent_survey(request, draft)
    return redirect("submissions:thanks", slug) if slug else None


def lost(request: HttpRequest, draft: uuid.UUID) -> HttpResponse | None:
    """For somebody signed out: the session that held this draft is over. None if it was never held by a session."""
    found = Draft.objects.filter(owner=None, public_id=draft).select_related("form_version__form").first()
    if found is None:
        return None
    return render(request, "submissions/lost.html", {"form": found.form_version.form}, status=404)
