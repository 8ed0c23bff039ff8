"""The directory of services: search and lists, the page of a service, topics and life events, suggestions."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from appointments.queries import bookable
from forms_engine.definitions.queries import offered, published_slugs
from portal.common import limits
from portal.directory import access, empty_searches, queries, richtext
from portal.directory.masking import mask
from portal.directory.models import LifeEvent, Service, ServiceQuerySet, Topic
from portal.directory.search import Hit, search
from portal.home.shared_pages import for_everybody

PER_PAGE = 20
MOST_SUGGESTIONS = 7
SUGGESTIONS_PER_MINUTE = 120  # quick typing, and several people behind one address
LONGEST_SHOWN = 200  # of a search, in the field and in the heading


@require_safe
@for_everybody
def services(request: HttpRequest) -> HttpResponse:
    """Search with `suche`, list with `buchstabe`, both narrowed by `online`; without any: the ways to a service."""
    text, letter = asked(request, "suche"), asked(request, "buchstabe")[:1].upper()
    online = request.GET.get("online") == "1"
    forms = published_slugs()
    context = {"search": text[:LONGEST_SHOWN], "online": online, "forms": forms, "letter": letter}
    if text:
        hits = search(text, forms=forms if online else None).hits
        if not hits and not online:
            empty_searches.note(text)
        page = Paginator[Hit](hits, PER_PAGE).get_page(request.GET.get("seite"))
        response = render(request, "home/services_found.html", context | {"page": page, "query": _query(request)})
        if not hits or mask(text) != text:  # each search in vain is counted, and nothing personal is kept
            response.edition = None  # type: ignore[attr-defined]  # see shared_pages.for_everybody
        return response
    listed = Service.objects.public().online(forms) if online else Service.objects.public()
    context["letters"] = queries.letters(listed)
    if letter or online:
        listed = queries.under_letter(listed, letter) if letter else listed
        return _list(request, context, listed)
    return render(
        request,
        "home/services.html",
        context | {"topics": Topic.objects.filled(), "life_events": LifeEvent.objects.filled()},
    )


def _list(request: HttpRequest, context: dict[str, object], listed: ServiceQuerySet) -> HttpResponse:
    page = Paginator(listed, PER_PAGE * 2).get_page(request.GET.get("seite"))
    return render(request, "home/services_listed.html", context | {"page": page, "query": _query(request)})


def asked(request: HttpRequest, name: str) -> str:
    """What was typed on one line, without signs that nobody sees."""
    return richtext.line(request.GET.get(name, ""))


def _query(request: HttpRequest) -> str:
    kept = {name: asked(request, name)[:LONGEST_SHOWN] for name in ("suche", "buchstabe", "online")}
    return urlencode({name: value for name, value in kept.items() if value}) + "&"


@require_safe
@for_everybody
def service(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything to know before applying (rule F40)."""
    found = access.public_service(slug)
    still = found.retired_on is None
    context = {
        "service": found,
        "places": queries.places(found),
        "online": offered(found.form_slug) if still else None,
        "bookable": still and not found.form_slug and bool(bookable(found.offering_slug)),
        "session_minutes": settings.SESSION_COOKIE_AGE // 60,
    }
    return render(request, "home/service.html", context)


@require_safe
@for_everybody
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    return _collection(request, access.topic(slug), _("Thema"))


@require_safe
@for_everybody
def life_event(request: HttpRequest, slug: str) -> HttpResponse:
    return _collection(request, access.life_event(slug), _("Lebenslage"))


def _collection(request: HttpRequest, found: Topic | LifeEvent, kind: str) -> HttpResponse:
    page = Paginator(found.services.public(), PER_PAGE * 2).get_page(request.GET.get("seite"))
    context = {"collection": found, "kind": kind, "page": page, "forms": published_slugs()}
    return render(request, "home/collection.html", context)


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """[{"title": ..., "url": ...}] while somebody types; what is not found here is not noted.

    The browser keeps an answer for a minute: whoever deletes a letter again asks nobody.
    """
    if not limits.allow(request, "home.suggestions", per_minute=SUGGESTIONS_PER_MINUTE):
        return JsonResponse([], safe=False, status=429, headers={"Retry-After": "60"})
    hits = search(asked(request, "suche")[:LONGEST_SHOWN], limit=MOST_SUGGESTIONS).hits
    rows = [{"title": hit.service.title, "url": reverse("home:service", args=[hit.service.slug])} for hit in hits]
    return JsonResponse(rows, safe=False, headers={"Cache-Control": "private, max-age=60"})
