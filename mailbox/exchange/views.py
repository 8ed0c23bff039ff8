"""Rooms in the browser: for their owners, and for guests who have come in (guests.py)."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mailbox import texts
from mailbox.exchange import access, actions, downloads, queries, uploads
from mailbox.exchange.access import Visitor
from mailbox.exchange.arriving import RoomUploadHandler
from mailbox.exchange.forms import DropForm, ExtendForm, InvitationForm, RoomForm
from mailbox.exchange.models import Factor, Rights
from mailbox.exchange.vault import PURPOSE_LENGTH, Vault
from portal.accounts.access import citizen, signed_in

View = Callable[..., HttpResponseBase]


def _inside(view: View) -> View:
    """For those whom access.visitor() knows, while the room is open. Strangers may be owners who have to sign in."""

    @never_cache
    def entered(request: HttpRequest, public_id: uuid.UUID, **named: Any) -> HttpResponseBase:
        try:
            visitor = access.visitor(request, public_id)
        except Http404:
            if request.user.is_authenticated:
                raise
            return redirect_to_login(request.get_full_path())
        if not visitor.room.is_open:
            return render(request, "exchange/ended.html", {"visitor": visitor}, status=410)
        return view(request, visitor, **named)

    return entered


@never_cache
@signed_in
@require_safe
def rooms(request: HttpRequest) -> HttpResponse:
    return render(request, "exchange/rooms.html", {"headings": queries.headings(citizen(request))})


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    occasion = texts.one_line(request.GET.get("anlass", ""), PURPOSE_LENGTH)  # the number of a case that they come from
    form = RoomForm(request.POST or None, initial={"purpose": occasion})
    if request.method == "POST" and form.is_valid():
        try:
            room = actions.open_room(citizen(request), **form.cleaned_data)
        except actions.Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Der Raum ist eröffnet. Laden Sie jetzt Personen ein."))
            return redirect("exchange:room", room.public_id)
    return render(request, "exchange/new.html", {"form": form})


@_inside
@require_safe
def room(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _page(request, visitor, DropForm())


def _page(request: HttpRequest, visitor: Visitor, form: DropForm, status: int = 200) -> HttpResponse:
    files = queries.files(visitor)
    context = {
        "visitor": visitor,
        "purpose": Vault(visitor.room).purpose(),
        "files": files,
        "openable": sum(file.can_open for file in files),
        "waiting": any(file.scan == "waiting" for file in files),
        "begun": queries.begun(visitor) if visitor.may_drop else [],
        "guests": queries.guests(visitor.room) if visitor.is_owner else [],
        "used": queries.used(visitor.room),
        "form": form,
    }
    return render(request, "exchange/room.html", context, status=status)


@csrf_exempt  # the token is asked for below, once the right handler stands ready to take the body
@_inside
@require_POST
def drop(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    if not visitor.may_drop:
        raise Http404
    handler = RoomUploadHandler(request, visitor)
    request.upload_handlers = [handler]
    try:
        return _dropped(request, visitor, handler)
    finally:
        for upload in handler.arrived:  # left only where the form had no token
            uploads.terminate(upload)


@csrf_protect
def _dropped(request: HttpRequest, visitor: Visitor, handler: RoomUploadHandler) -> HttpResponseBase:
    request.FILES  # noqa: B018 - reads the body, if the search for the token has not
    if handler.arrived:
        return _kept(request, visitor, handler)
    form = DropForm({}, MultiValueDict())
    if handler.refused:
        form.errors.clear()
        form.add_error("datei", _("Die Datei ist zu groß, oder der Raum ist voll. Wählen Sie eine kleinere Datei."))
    return _page(request, visitor, form)


def _kept(request: HttpRequest, visitor: Visitor, handler: RoomUploadHandler) -> HttpResponse:
    while handler.arrived:
        uploads.finish(handler.arrived.pop())
    messages.success(request, _("Die Datei ist hochgeladen. Jetzt prüfen wir sie auf Viren."))
    return redirect("exchange:room", visitor.room.public_id)


@_inside
@require_safe
def download(request: HttpRequest, visitor: Visitor, number: int) -> HttpResponseBase:
    if not visitor.may_read:
        raise Http404
    return downloads.answer(request, access.file_for(visitor, number), visitor)


@_inside
@require_safe
def everything(request: HttpRequest, visitor: Visitor) -> HttpResponseBase:
    if not visitor.may_read:
        raise Http404
    return downloads.everything(visitor)


@_inside
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, visitor: Visitor, number: int) -> HttpResponse:
    """Owners delete everything, guests what they brought."""
    file = access.file_for(visitor, number)
    if not visitor.is_owner and file.upload.by != visitor.invitation:
        raise Http404
    if request.method == "POST":
        if actions.delete_file(file, visitor):
            messages.success(request, _("Die Datei ist gelöscht."))
        return redirect("exchange:room", visitor.room.public_id)
    name = Vault(visitor.room).about(file.upload).name
    return render(request, "exchange/delete.html", {"visitor": visitor, "file": file, "name": name})


@_inside
@require_POST
def give_up(request: HttpRequest, visitor: Visitor, upload: uuid.UUID) -> HttpResponse:
    try:
        uploads.terminate(access.upload_for(visitor, upload))
    except uploads.Busy:
        messages.error(request, _("Die Datei wird gerade hochgeladen. Versuchen Sie es in einer Minute noch einmal."))
    except uploads.Gone:
        pass  # what was asked for is so
    return redirect("exchange:room", visitor.room.public_id)


def _owners(view: View) -> View:
    """For the owner alone; a guest is not told that there is such a page."""

    @_inside
    def owned(request: HttpRequest, visitor: Visitor, **named: Any) -> HttpResponseBase:
        if not visitor.is_owner:
            raise Http404
        return view(request, visitor, **named)

    return owned


@_owners
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            actions.invite(
                visitor.room, asked["address"], rights=Rights(asked["rights"]), factor=Factor(asked["factor"])
            )
        except actions.Refused as refused:
            form.add_error("address", str(refused))
        else:
            messages.success(request, _("Die Einladung wird verschickt."))
            return redirect("exchange:room", visitor.room.public_id)
    return render(request, "exchange/invite.html", {"visitor": visitor, "form": form})


@_owners
@require_POST
def revoke(request: HttpRequest, visitor: Visitor, invitation: uuid.UUID) -> HttpResponse:
    if actions.revoke(access.invitation_of(visitor.room, invitation), by=citizen(request)):
        messages.success(request, _("Die Person kommt nicht mehr in den Raum."))
    return redirect("exchange:room", visitor.room.public_id)


@_owners
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = ExtendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.extend(visitor.room, days=form.cleaned_data["days"], by=citizen(request))
        messages.success(request, _("Das Ende ist verschoben."))
        return redirect("exchange:room", visitor.room.public_id)
    return render(request, "exchange/extend.html", {"visitor": visitor, "form": form})


@_owners
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    if request.method == "POST":
        actions.end(visitor.room, by=visitor.actor)
        messages.success(request, _("Der Raum ist beendet. Alle Dateien darin sind gelöscht."))
        return redirect("exchange:rooms")
    return render(request, "exchange/end.html", {"visitor": visitor})


@never_cache
@signed_in
@require_safe
def log(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """For the owner, also after the end."""
    found = access.owned(citizen(request), public_id)
    return render(request, "exchange/log.html", {"room": found, "entries": queries.log(found)})
