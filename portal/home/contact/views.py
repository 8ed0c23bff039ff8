"""Writing to the city: ask, confirm the address, see that it has arrived."""

import uuid

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from forms_engine.definitions.queries import published_slugs
from portal.accounts.models import User
from portal.common import limits
from portal.directory.models import Service
from portal.home import assistant as answers
from portal.home.contact import actions
from portal.home.contact.forms import QuestionForm
from portal.home.models import Question
from portal.home.shared_pages import for_everybody

QUESTIONS_PER_MINUTE = 5


@require_safe
@for_everybody
def index(request: HttpRequest) -> HttpResponse:
    """All ways to a person."""
    return render(request, "home/contact/index.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest) -> HttpResponseBase:
    """`leistung`: the service it is about; `frage`: what the automatic answer was asked, given along only if wished."""
    source = request.POST if request.method == "POST" else request.GET
    asked, slug = _plain(source.get("frage", ""))[:500], _plain(source.get("leistung", ""))[:80]
    service = Service.objects.with_page().select_related("organisation").filter(slug=slug).first()
    transcript = answers.transcript(answers.ask(asked, slug=slug, forms=published_slugs())) if asked else ""
    user = request.user if isinstance(request.user, User) else None
    form = QuestionForm(
        request.POST if request.method == "POST" else None,
        initial={"frage": asked, "leistung": slug},
        signed_in=user is not None,
        transcript=bool(transcript),
    )
    if request.method == "POST" and form.is_valid():
        return _ask(request, form, user, service, transcript)
    context = {"form": form, "service": service, "transcript": transcript}
    return render(request, "home/contact/write.html", context, status=422 if form.is_bound else 200)


def _ask(
    request: HttpRequest, form: QuestionForm, user: User | None, service: Service | None, transcript: str
) -> HttpResponseBase:
    if not limits.allow(request, "home.question", per_minute=QUESTIONS_PER_MINUTE):
        return render(request, "429.html", status=429)
    wish = form.cleaned_data
    text = f"{wish['text']}\n\n---\n{transcript}" if wish.get("with_transcript") else wish["text"]
    question = actions.ask(text=text, once=wish["once"], mail=wish.get("mail", ""), user=user, service=service)
    return redirect("home:contact_sent", question.public_id)


def _plain(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())


@never_cache
@require_safe
def sent(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Tells the number and what happens next, nothing of what was written: whoever has the address may see it."""
    question = Question.objects.filter(public_id=public_id, disposed_at=None).first()
    if question is None:
        raise Http404
    return render(request, "home/contact/sent.html", {"question": question})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, ticket: str) -> HttpResponseBase:
    """A button, not the link itself: programs that look into mails open links, too."""
    question = actions.of_ticket(ticket)
    if question is None:
        return render(request, "home/contact/too_late.html", status=404)
    if request.method == "POST" or question.confirmed_at:
        actions.confirm(question)
        return redirect("home:contact_sent", question.public_id)
    return render(request, "home/contact/confirm.html", {"question": question})
