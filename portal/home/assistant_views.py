"""The automatic answer and the way from it to a person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forms_engine.definitions.queries import published_slugs
from portal.directory import empty_searches, queries
from portal.directory.models import Service
from portal.home import assistant as answers
from portal.home.assistant import Answer, Outcome

MOST_PLACES = 3


@require_safe
def assistant(request: HttpRequest) -> HttpResponse:
    """One field; the answer below. `leistung` chooses one of the services offered before."""
    answer = _answer(request.GET.get("frage", ""), request.GET.get("leistung", ""))
    if answer is not None and answer.outcome == Outcome.NOT_FOUND:
        empty_searches.note(answer.question)
    return render(request, "home/assistant.html", {"answer": answer})


@require_safe
def hand_over(request: HttpRequest) -> HttpResponse:
    """To a person: by telephone, at a counter, or in writing. Nothing is stored or handed on here."""
    answer = _answer(request.GET.get("frage", ""), request.GET.get("leistung", ""))
    context = {"answer": answer, "places": _by_phone(answer.quote.service) if answer and answer.quote else []}
    return render(request, "home/hand_over.html", context)


def _by_phone(service: Service) -> list[queries.Place]:
    """One place for each telephone number: many offices share one."""
    found: dict[str, queries.Place] = {}
    for place in queries.places(service):
        if place.office.phone:
            found.setdefault(place.office.phone, place)
    return list(found.values())[:MOST_PLACES]


def _answer(question: str, slug: str) -> Answer | None:
    question = " ".join(question.replace("\0", " ").split())
    return answers.ask(question, slug=slug.replace("\0", "")[:80], forms=published_slugs()) if question else None
