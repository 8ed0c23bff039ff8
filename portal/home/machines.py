"""What machines ask of a site: robots.txt (RFC 9309), sitemap.xml (sitemaps.org), security.txt (RFC 9116)."""

import datetime as dt

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal import languages as offered
from portal.common import clock, languages
from portal.directory.models import LifeEvent, Service, Topic

SECURITY_VALID = dt.timedelta(days=180)  # RFC 9116, 2.5.5: less than a year
PRIVATE = ("/konto/", "/antrag/", "/vorgaenge/", "/postfach/", "/termine/", "/zahlung/", "/verwaltung/", "/demo/")
PAGES = (
    "start",
    "services",
    "assistant",
    "contact",
    "help",
    "imprint",
    "privacy",
    "accessibility",
    "sign_language",
    "barrier",
)


@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """A demonstration is not to be found by search engines."""
    closed = (
        ("/",)
        if settings.DEMO
        else [languages.localised(path, code) for code in languages.PREFIXES for path in PRIVATE]
    )
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    if not settings.DEMO:
        lines.append(f"Sitemap: {settings.PUBLIC_URL}{reverse('home:sitemap')}")
    return _text("\n".join(lines) + "\n")


@require_safe
@cache_control(public=True, max_age=3600)
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every public page in every language it has, each naming the others (hreflang)."""
    found = [(f"home:{name}", reverse(f"home:{name}")) for name in PAGES]
    found += [(name, reverse(name)) for name in ("cases:status", "opendata:catalogue")]
    slugs = Service.objects.public().values_list("slug", flat=True)
    found += [("home:service", reverse("home:service", args=[slug])) for slug in slugs]
    for name, model in (("home:topic", Topic), ("home:life_event", LifeEvent)):
        found += [(name, reverse(name, args=[row.slug])) for row in model.objects.filled()]
    pages = [[(link.code, link.address) for link in offered.links_of(path, name)] for name, path in found]
    return render(request, "home/sitemap.xml", {"pages": pages}, content_type="application/xml")


@require_safe
@cache_control(public=True, max_age=3600)
def security(request: HttpRequest) -> HttpResponse:
    expires = (clock.now() + SECURITY_VALID).replace(hour=0, minute=0, second=0, microsecond=0)
    here = settings.PUBLIC_URL + reverse("home:security")
    return _text(
        f"Contact: {settings.SECURITY_CONTACT}\n"
        f"Expires: {expires.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}\n"
        f"Preferred-Languages: de, en\nCanonical: {here}\n"
    )


def _text(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="text/plain; charset=utf-8")
