"""The postbox in the browser. Opening a message is a legal moment: only a real GET of its page by the owner counts."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from mailbox import access, actions, delivery_reports, queries
from mailbox.forms import ReplyForm
from mailbox.letters import Letter, Opener
from mailbox.models import Direction, Message
from portal.accounts.access import citizen, signed_in
from portal.accounts.identity import stepup
from portal.accounts.levels import TrustLevel
from portal.accounts.models import User
from portal.common.crypto import KeyDestroyed
from portal.documents import downloads, quota, receiving


@never_cache
@signed_in
@require_safe
def message(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    if "prefetch" in request.headers.get("Sec-Purpose", ""):
        return HttpResponse(status=503)  # a guess of the browser is not a person who reads
    user = citizen(request)
    found = access.message_for_reader(user, public_id)
    if response := stepup.demand_for(request, TrustLevel(found.level)):
        return response
    if request.method == "GET" and not actions.mark_read(found, by=user):
        found = access.message_for_reader(user, public_id)  # it may have been withdrawn meanwhile
    return _message_page(request, user, found, ReplyForm())


def _message_page(request: HttpRequest, user: User, found: Message, form: ReplyForm, status: int = 200) -> HttpResponse:
    letter: Letter = queries.letter(found)
    context = {
        "letter": letter,
        "conversation": queries.conversation(user, found),
        "form": form if letter.reply_allowed else None,
        "delivery": delivery_reports.shown(found),
        "whose": found.mailbox.user if found.mailbox.user_id != user.pk else None,
    }
    return render(request, "mailbox/message.html", context, status=status)


@never_cache
@signed_in
@require_POST
def reply(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    user = citizen(request)
    found = access.message_for_reader(user, public_id)
    if response := stepup.demand_for(request, TrustLevel(found.level)):
        return response
    form = ReplyForm(request.POST, request.FILES)
    files = receiving.accept(form, quota.dropped(request))
    if files is None:
        return _message_page(request, user, found, form, 422)
    text, once = form.cleaned_data["body"], form.cleaned_data["once"]
    try:
        answer = actions.reply(found, body=text, by=user, once=once, attachments=files)
    except actions.ReplyRefused as refused:
        receiving.discard(files)
        messages.error(request, str(refused))
        return redirect("mailbox:message", public_id)
    taken = set(answer.attachments.values_list("stored", flat=True))
    receiving.discard([(stored, name) for stored, name in files if stored.pk not in taken])  # a second click
    return redirect("mailbox:replied", answer.public_id)


@never_cache
@signed_in
@require_safe
def replied(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    user = citizen(request)
    found = access.message_for_reader(user, public_id)
    if found.direction != Direction.CITIZEN:
        raise Http404
    if response := stepup.demand_for(request, TrustLevel(found.level)):
        return response
    return render(request, "mailbox/replied.html", {"letter": queries.letter(found)})


@never_cache
@signed_in
@require_safe
def attachment(request: HttpRequest, public_id: uuid.UUID, position: int) -> HttpResponseBase:
    """The decrypted file as a download (RFC 6266), piece by piece: never shown inside our own origin."""
    user = citizen(request)
    found = access.attachment_for_reader(user, public_id, position)
    if demanded := stepup.demand_for(request, TrustLevel(found.message.level)):
        return demanded
    try:
        name = Opener().name(found)
    except KeyDestroyed:
        raise Http404 from None
    response = downloads.attachment(found.stored, name)
    if request.method == "GET":
        actions.note_download(found, by=user)
    return response


@never_cache
@signed_in
@require_POST
def archive(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _move(request, public_id, actions.archive, _("Die Nachricht liegt jetzt in der Ablage."), "mailbox:inbox")


@never_cache
@signed_in
@require_POST
def unarchive(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return _move(
        request,
        public_id,
        actions.unarchive,
        _("Die Nachricht liegt wieder im Posteingang."),
        "mailbox:message",
        public_id,
    )


def _move(
    request: HttpRequest, public_id: uuid.UUID, verb: Callable[..., bool], done: str, target: str, *args: uuid.UUID
) -> HttpResponse:
    user = citizen(request)
    if verb(access.message_for_reader(user, public_id), by=user):
        messages.success(request, done)
    return redirect(target, *args)
