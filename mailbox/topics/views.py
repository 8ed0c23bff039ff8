"""Newsletters in the browser, with an account or without. A GET shows, a POST acts: programs that look into mails open
every link, and nothing may come of it."""

from collections.abc import Callable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from mailbox.topics import access, actions, consent, feeds, forms, queries
from mailbox.topics.mails import Sheet
from mailbox.topics.models import Channel, Ended, Subscription, SubscriptionState
from portal.accounts.access import citizen, signed_in
from portal.common import limits, proof

SIGN_UPS_PER_MINUTE = 10
PER_PAGE = 30
GET_POST = require_http_methods(["GET", "HEAD", "POST"])
View = Callable[..., HttpResponseBase]


@never_cache
@GET_POST
def index(request: HttpRequest) -> HttpResponseBase:
    """What there is, and the form for an address. `thema`: ticked already."""
    offers = queries.offers()
    posted = request.POST if request.method == "POST" else None
    wished = [offer.topic.slug for offer in offers if offer.topic.slug == request.GET.get("thema")]
    form = forms.SignUpForm(posted, topics=[offer.topic for offer in offers], initial={"themen": wished})
    work = proof.ProofForm(request, f"newsletter:{form.once_key}", posted)
    if posted is not None and form.is_valid() and work.is_valid():
        if not limits.allow(request, "topics.sign_up", per_minute=SIGN_UPS_PER_MINUTE):
            return render(request, "429.html", status=429)
        wish = form.cleaned_data
        actions.sign_up(address=wish["mail"], topics=wish["themen"], once=form.once_key)
        return redirect("topics:asked")
    context = {"offers": offers, "form": form, "proof": work, "consent": consent.SHOWN}
    return render(request, "topics/index.html", context, status=422 if form.errors else work.status)


@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """The same page for every address, known or not."""
    return render(request, "topics/asked.html", {"days": actions.CONFIRM_WITHIN.days})


@require_safe
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    """The archive of a topic."""
    found = access.topic(slug)
    page = Paginator(queries.published(found), PER_PAGE).get_page(request.GET.get("seite"))
    return render(request, "topics/topic.html", {"topic": found, "page": page})


@require_safe
def issue(request: HttpRequest, slug: str, year: int, number: int) -> HttpResponse:
    return render(request, "topics/issue.html", {"sheet": Sheet.of(access.published(slug, year, number))})


@require_safe
def feed(request: HttpRequest, slug: str) -> HttpResponse:
    found = access.topic(slug)
    return HttpResponse(feeds.atom(found, queries.feed(found)), content_type="application/atom+xml; charset=utf-8")


def _by_link(view: View) -> View:
    """Pages that a secret in the address opens: kept nowhere, and a page instead of an error for an old link."""

    def opened(request: HttpRequest, token: str) -> HttpResponseBase:
        try:
            response = view(request, token)
        except Http404:
            response = render(request, "topics/void.html", status=404)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(GET_POST(opened))


@_by_link
def confirm(request: HttpRequest, token: str) -> HttpResponseBase:
    """A button, not the link itself."""
    wish = actions.of_ticket(token)
    if wish is None:
        raise Http404
    if request.method == "POST":
        reader = actions.confirm(wish)
        messages.success(request, _("Ihre Newsletter sind bestätigt."))
        return redirect("topics:choose", actions.token_of(reader))
    topics = [offer.topic for offer in queries.offers() if offer.topic.slug in wish.topics]
    return render(request, "topics/confirm.html", {"topics": topics, "done": wish.confirmed_at})


@_by_link
def choose(request: HttpRequest, token: str) -> HttpResponseBase:
    """All topics of one address."""
    reader = access.reader(token)
    if not reader.sealed_address:  # everything was ended: the address is gone, and a new one has to be proven
        return render(request, "topics/ended.html", {"topic": None})
    topics, held = queries.to_choose(reader), queries.running(reader)
    form = forms.ChoiceForm(
        request.POST if request.method == "POST" else None, topics=topics, initial={"themen": list(held)}
    )
    if request.method == "POST" and form.is_valid():
        wished = form.cleaned_data["themen"]
        actions.choose(reader, {slug: held.get(slug, Channel.MAIL) for slug in wished})
        messages.success(request, _("Ihre Auswahl ist gespeichert."))
        return redirect("topics:choose", token)
    context = {"form": form, "consent": consent.SHOWN}
    return render(request, "topics/choose.html", context, status=422 if form.errors else 200)


@csrf_exempt
@_by_link
def end(request: HttpRequest, token: str) -> HttpResponseBase:
    """One click (RFC 8058): any POST ends the subscription, with no cookie and no further question, and gets an empty
    answer. The button of the page says that a person is there and wants to see one.
    """
    found = access.subscription(token)
    if request.method == "POST":
        person = request.POST.get("seite") == "1"
        actions.end([found], Ended.ASKED if person else Ended.ONE_CLICK)
        return redirect("topics:end", token) if person else HttpResponse(b"", content_type="text/plain")
    template = "topics/end.html" if _runs(found) else "topics/ended.html"
    return render(request, template, {"topic": found.topic})


def _runs(subscription: Subscription) -> bool:
    return subscription.state == SubscriptionState.CONFIRMED


@never_cache
@signed_in
@GET_POST
def mine(request: HttpRequest) -> HttpResponseBase:
    """The topics of an account: its address is confirmed already, and it has a postbox."""
    user = citizen(request)
    reader = queries.reader_of(user)
    form = forms.AccountForm(
        request.POST if request.method == "POST" else None,
        topics=queries.to_choose(reader),
        has_mail=bool(user.mail_address),
        initial=dict(queries.running(reader)),
    )
    if request.method == "POST" and form.is_valid():
        actions.choose(actions.reader_of_account(user), form.wished)
        messages.success(request, _("Ihre Auswahl ist gespeichert."))
        return redirect("topics:mine")
    context = {"form": form, "address": user.mail_address, "consent": consent.SHOWN}
    return render(request, "topics/mine.html", context, status=422 if form.errors else 200)
