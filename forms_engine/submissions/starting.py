"""The start page of a form, how a draft begins (in an account or a browser session), and a survey's last page."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from forms_engine.definitions import queries as definitions
from forms_engine.definitions.models import FormVersion
from forms_engine.submissions import actions, queries, visitors
from portal.accounts import mandates
from portal.accounts.access import citizen, signed_in
from portal.common import limits

VISITS_PER_MINUTE = 20  # drafts begun without an account: several people behind one address, but no flood


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def start(request: HttpRequest, form: str) -> HttpResponseBase:
    """What the form is about; everybody may read it, beginning needs an account (rule F40)."""
    try:
        version = definitions.current_version(form)
    except FormVersion.DoesNotExist:
        raise Http404 from None
    pause = definitions.pause_of(version.form)
    if request.method == "POST" and not pause:
        signed_out = version.definition.without_account and not request.user.is_authenticated
        nameless = signed_out or version.definition.is_survey
        return _begin_visit(request, version) if nameless else _begin(request, version)
    draft = None
    if request.user.is_authenticated and not version.definition.is_survey:
        mandate = mandates.in_use(request)
        draft = queries.open_draft(citizen(request), version.form, mandate.principal if mandate else None)
    context = {
        "definition": definitions.shown(version),
        "languages_of_page": version.definition.languages,
        "draft": draft,
        "without_account": version.definition.without_account,
        "pause": pause,
        "session_minutes": settings.SESSION_COOKIE_AGE // 60,
        "here": request.path,
    }
    return render(request, "submissions/start.html", context)


@signed_in
def _begin(request: HttpRequest, version: FormVersion) -> HttpResponse:
    mandate = mandates.in_use(request)
    try:
        draft = actions.start_draft(citizen(request), version, acting_for=mandate.principal if mandate else None)
    except actions.NotAllowed:
        messages.error(request, _("Ihre Vollmacht reicht nicht für Anträge. Wechseln Sie oben zu sich selbst."))
        return redirect("submissions:start", version.form.slug)
    return redirect("submissions:draft", draft.public_id)


def _begin_visit(request: HttpRequest, version: FormVersion) -> HttpResponse:
    if not limits.allow(request, "submissions.visit", per_minute=VISITS_PER_MINUTE):
        response = render(request, "submissions/too_many.html", {"form": version.form}, status=429)
        response["Retry-After"] = "60"
        return response
    draft = actions.start_visit(visitors.begin(request), version)
    if version.definition.is_survey:
        visitors.remember_survey(request, draft)
    return redirect("submissions:draft", draft.public_id)


@require_safe
def thanks(request: HttpRequest, form: str) -> HttpResponse:
    """After a survey: can be opened again, knows nobody."""
    version = definitions.last_online(form)
    if version is None or not version.definition.is_survey:
        raise Http404
    definition = definitions.shown(version)
    context = {"definition": definition, "languages_of_page": definition.languages}
    return render(request, "submissions/thanks.html", context)
