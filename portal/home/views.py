"""Start page, the citizen's account, legal pages, and what only the demonstration shows."""

import pathlib

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from portal.accounts import mandates, sign_ins
from portal.accounts import profile as profile_data
from portal.accounts.access import citizen, signed_in
from portal.accounts.forms import NameForm
from portal.common import languages, limits
from portal.directory.models import LifeEvent
from portal.home import actions, demo, queries, style, texts
from portal.home.forms import BarrierForm
from portal.home.shared_pages import for_everybody

BARRIER_MAIL = "barrierefreiheit@stadt.invalid"
REPORTS_PER_MINUTE = 5


@require_safe
@for_everybody
def start(request: HttpRequest) -> HttpResponse:
    template = "home/start_simple.html" if languages.current() == languages.SIMPLE else "home/start.html"
    return render(request, template, {"life_events": LifeEvent.objects.filled()})


@signed_in
def overview(request: HttpRequest) -> HttpResponseBase:
    user = citizen(request)
    context = {
        "overview": queries.overview(*mandates.whose(request)),
        "last_sign_in": sign_ins.previous(request, user),
        "in_use": mandates.in_use(request),
        "represents": mandates.acting_now(user),
    }
    return render(request, "home/overview.html", context)


@signed_in
def profile(request: HttpRequest) -> HttpResponseBase:
    return render(request, "home/profile.html", {"data": profile_data.of(citizen(request))})


@signed_in
def profile_name(request: HttpRequest) -> HttpResponseBase:
    if any(profile_data.proven(citizen(request), name) for name in ("given_name", "family_name")):
        raise Http404  # a proven name is changed at its source; the profile says so
    form = NameForm(request.POST or None, instance=citizen(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Ihr Name ist gespeichert."))
        return redirect("home:profile")
    # A refused form has written into its instance; the page names the person as stored.
    citizen(request).refresh_from_db(fields=["given_name", "family_name"])
    return render(request, "home/profile_name.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def barrier(request: HttpRequest) -> HttpResponseBase:
    """A report without an account. `seite`: path of the page that has the barrier."""
    if request.method == "POST":
        return _report(request, BarrierForm(request.POST))
    page = texts.own_path(request.GET.get("seite", ""))
    return _barrier_page(request, BarrierForm(initial={"page": page}), page)


def _report(request: HttpRequest, form: BarrierForm) -> HttpResponseBase:
    page = texts.own_path(request.POST.get("page", ""))
    if not form.is_valid():
        return _barrier_page(request, form, page, status=422)
    if not limits.allow(request, "home.barrier", per_minute=REPORTS_PER_MINUTE):
        return render(request, "429.html", status=429)
    wish = form.cleaned_data
    actions.report_barrier(page=wish["page"], text=wish["text"], contact=wish["contact"])
    return redirect("home:barrier_sent")


def _barrier_page(request: HttpRequest, form: BarrierForm, page: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "page": settings.PUBLIC_URL + page, "address": BARRIER_MAIL}
    return render(request, "home/barrier.html", context, status=status)


@require_GET
def legal(request: HttpRequest, template: str) -> HttpResponse:
    seconds = settings.SESSION_COOKIE_AGE
    return render(request, f"home/{template}.html", {"session_minutes": seconds // 60, "address": BARRIER_MAIL})


@require_GET
def easy_language(request: HttpRequest) -> HttpResponseBase:
    """The page of this name became a language of its own; links to it stay good."""
    return redirect(languages.localised(reverse("home:start"), languages.SIMPLE), permanent=True)


@require_GET
def demo_mail(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    mails = demo.demo_mails(pathlib.Path(settings.EMAIL_FILE_PATH))
    return render(request, "home/demo_mail.html", {"mails": mails})


def style_page(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build pages."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    return render(request, "home/style.html", style.context(reverse("home:style")))
