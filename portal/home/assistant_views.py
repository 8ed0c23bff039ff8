"""The automatic answer and the way from it to a person."""

from urllib.parse import quote as percent

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from forms_engine.definitions.queries import published_slugs
from portal.directory import empty_searches
from portal.home import assistant as answers
from portal.home.assistant import Answer, Outcome

CONTACT_MAIL = "kontakt@stadt.invalid"


@require_safe
def assistant(request: HttpRequest) -> HttpResponse:
    """One field; the answer below. `leistung` chooses one of the services offered before."""
    answer = _answer(request.GET.get("frage", ""), request.GET.get("leistung", ""))
    if answer is not None and answer.outcome == Outcome.NOT_FOUND:
        empty_searches.note(answer.question)
    return render(request, "home/assistant.html", {"answer": answer})


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """To a person: by telephone, at a counter, or in writing. Question and answer go along only after consent.

    Nothing is stored here: the text is handed to the person's own mail program, or read out on the telephone.
    """
    source = request.POST if request.method == "POST" else request.GET
    answer = _answer(source.get("frage", ""), source.get("leistung", ""))
    consented = request.method == "POST" and source.get("mitgeben") == "1"
    text = answers.transcript(answer) if consented and answer else ""
    body = f"{text}\n\n{_('Das möchte ich dazu wissen:')}\n"
    mail = f"mailto:{CONTACT_MAIL}?subject={percent('Frage an die Stadt')}&body={percent(body.lstrip())}"
    context = {"answer": answer, "text": text, "mail": mail, "address": CONTACT_MAIL, "ready": request.method == "POST"}
    return render(request, "home/hand_over.html", context)


def _answer(question: str, slug: str) -> Answer | None:
    question = " ".join(question.replace("\0", " ").split())
    return answers.ask(question, slug=slug.replace("\0", "")[:80], forms=published_slugs()) if question else None
