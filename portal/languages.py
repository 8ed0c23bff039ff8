"""Which language a request is answered in, and in which languages a page exists (docs/languages.md)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import LocalePrefixPattern, URLResolver
from django.utils import translation

from portal.common import languages

NAMES = {languages.GERMAN: "Deutsch", languages.ENGLISH: "English", languages.SIMPLE: "Leichte Sprache"}
# Leichte Sprache is written for these; everywhere else it falls back to German and says so.
IN_SIMPLE = frozenset(
    {
        "home:start",
        "home:services",
        "home:service",
        "home:topic",
        "home:life_event",
        "submissions:start",
        "submissions:page",
        "submissions:delete",
        "submissions:thanks",
        "cases:check",
        "cases:received",
    }
)
# What machines call has one address.
FOR_MACHINES = frozenset(
    {
        "home:robots",
        "home:security",
        "home:sitemap",
        "identity:answer",
        "identity:metadata",
        "opendata:download",
        "payments:webhook",
        "topics:feed",
    }
)


class AddressPrefix(LocalePrefixPattern):
    """Django's language prefix with words of our own ("leicht/" for Leichte Sprache); German has none."""

    def __init__(self) -> None:
        super().__init__(prefix_default_language=False)

    @property
    def language_prefix(self) -> str:
        return languages.PREFIXES[languages.current()]


def in_every_language(*patterns: Any) -> URLResolver:
    return URLResolver(AddressPrefix(), list(patterns))


class AddressLanguage:
    """The address alone decides: no cookie, no guess, so that pages can be shared, found and cached."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = languages.of_path(request.path_info)
        with translation.override(code):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response

    def process_view(self, request: HttpRequest, *view: object) -> None:
        match = request.resolver_match
        if match and match.view_name in FOR_MACHINES and languages.current() != languages.GERMAN:
            raise Http404


@dataclass(frozen=True)
class Link:
    code: str
    name: str
    href: str  # keeps the page and its query
    address: str  # in full, without the query: for <link rel="alternate">
    is_current: bool


@dataclass(frozen=True)
class PageLanguages:
    """`wanted`: language of the address; `page`: of the page; `content`: of its main part if it differs, else ""."""

    wanted: str
    page: str
    content: str
    links: Sequence[Link]

    @property
    def is_fallback(self) -> bool:
        """Whether the page should be in another language than it is."""
        return self.wanted != (self.content or self.page)


def of_page(request: HttpRequest | None, declared: Sequence[str] | None = None) -> PageLanguages:
    """`declared`: the languages of the page's content if they are not those of the view. Without a request (an error
    page that needs nothing) no links."""
    code = languages.current()
    match = request.resolver_match if request else None
    written = _written(match.view_name if match else "")
    offered = written if declared is None else [each for each in written if each in declared]
    links = [_link(request.path, request.get_full_path(), each) for each in offered] if request else []
    if code in offered:
        return PageLanguages(code, code, "", links)
    # The frame of every page is written in English, so only the content is marked as German there.
    if code == languages.ENGLISH:
        return PageLanguages(code, code, languages.GERMAN, links)
    return PageLanguages(code, languages.GERMAN, "", links)


def links_of(path: str, view_name: str) -> list[Link]:
    """The addresses of a page given by its German path."""
    return [_link(path, path, code) for code in _written(view_name)]


def _link(path: str, full_path: str, code: str) -> Link:
    return Link(
        code,
        NAMES[code],
        languages.localised(full_path, code),
        settings.PUBLIC_URL + languages.localised(path, code),
        code == languages.current(),
    )


def _written(view_name: str) -> Sequence[str]:
    return (*languages.PREFIXES,) if view_name in IN_SIMPLE else (languages.GERMAN, languages.ENGLISH)
