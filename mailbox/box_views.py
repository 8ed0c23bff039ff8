"""The postbox as a place: inbox, archive, own folders, search, many messages at once."""

import base64
import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from mailbox import access, keeping, queries, searching
from mailbox.letters import Opener
from mailbox.models import Folder
from portal.accounts import keys, mandates
from portal.accounts.access import citizen, signed_in
from portal.accounts.identity import stepup
from portal.accounts.models import User
from portal.common.crypto import CannotOpen

_SEARCHED, _PLACE = "mailbox_searched", "mailbox:searched"


@never_cache
@signed_in
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    where = queries.ARCHIVE if request.GET.get("ablage") == "1" else queries.INBOX
    return _place(request, where, archived=where == queries.ARCHIVE)


@never_cache
@signed_in
@require_safe
def folder(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    whose, _by = mandates.whose(request)
    found = access.folder_of(whose, public_id)
    return _place(request, queries.in_folder(found), folder=found)


def _place(request: HttpRequest, where: Q, *, archived: bool = False, folder: Folder | None = None) -> HttpResponse:
    whose, by = mandates.whose(request)
    context: dict[str, Any] = {
        "page": queries.inbox(whose, by=by, where=where, after=request.GET.get("ab", ""), threads=True),
        "archived": archived,
        "folder": folder,
        "folder_name": Opener().folder(folder) if folder else "",
        "folders": queries.folders(whose),
        "keeps": keeping.keeps(whose, by),
        "here": reverse("mailbox:folder", args=[folder.public_id]) if folder else reverse("mailbox:inbox"),
        "first": "ab" not in request.GET,
        "unread": queries.unread_count(whose, by),
    }
    return render(request, "mailbox/inbox.html", context)


@never_cache
@signed_in
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What the person wrote themselves, or somebody for them."""
    whose, by = mandates.whose(request)
    context = {
        "page": queries.sent(whose, by=by, after=request.GET.get("ab", "")),
        "folders": queries.folders(whose),
        "first": "ab" not in request.GET,
    }
    return render(request, "mailbox/sent.html", context)


@never_cache
@signed_in
@require_POST
def several(request: HttpRequest) -> HttpResponse:
    """What was chosen in a list, with the whole thread of each."""
    whose, by = mandates.whose(request)
    chosen = ids(request)
    if not chosen:
        messages.error(request, _("Wählen Sie mindestens eine Nachricht aus."))
        return redirect("mailbox:inbox")
    rows = keeping.threads_of(whose, by, chosen)
    what, target = request.POST.get("tun", ""), request.POST.get("ordner", "")
    if what == "ablegen":
        done = keeping.archive_threads(rows)
    elif what == "ungelesen":
        done = keeping.mark_unread(rows)
    elif what == "verschieben":
        done = keeping.move(rows, access.folder_of(whose, _uuid(target)) if target else None)
    else:
        raise Http404
    said = ngettext("%(count)s Nachricht geändert.", "%(count)s Nachrichten geändert.", done) % {"count": done}
    messages.success(request, said)
    return redirect("mailbox:inbox")


def ids(request: HttpRequest) -> list[uuid.UUID]:
    return [_uuid(text) for text in request.POST.getlist("nachricht")[:200]]


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def folders(request: HttpRequest) -> HttpResponse:
    """Own folders: list, add, delete."""
    whose, by = mandates.whose(request)
    if not keeping.keeps(whose, by):
        raise Http404
    if request.method == "POST":
        try:
            keeping.add_folder(whose, request.POST.get("name", ""))
        except keeping.FolderRefused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Der Ordner ist angelegt."))
        return redirect("mailbox:folders")
    return render(request, "mailbox/folders.html", {"folders": queries.folders(whose), "most": keeping.NAME_LENGTH})


@never_cache
@signed_in
@require_POST
def remove_folder(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    whose, by = mandates.whose(request)
    if not keeping.keeps(whose, by):
        raise Http404
    keeping.remove_folder(access.folder_of(whose, public_id))
    messages.success(request, _("Der Ordner ist gelöscht. Seine Nachrichten liegen wieder im Posteingang."))
    return redirect("mailbox:folders")


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """The words come in the body and wait sealed in the session: an address is written down in many places."""
    user = citizen(request)
    if request.method == "POST":
        text = request.POST.get("suche", "").strip()[: searching.LENGTH]
        request.session[_SEARCHED] = base64.b64encode(keys.envelope(user).seal(text.encode(), _PLACE)).decode()
        return redirect("mailbox:search")
    (whose, by), text = mandates.whose(request), _searched(request, user)
    found = searching.search(whose, by, text, level=stepup.shown(request), after=request.GET.get("ab", ""))
    return render(request, "mailbox/search.html", {"found": found, "text": text, "first": "ab" not in request.GET})


def _searched(request: HttpRequest, user: User) -> str:
    try:
        return keys.envelope(user).open(base64.b64decode(request.session.get(_SEARCHED, "")), _PLACE).decode()
    except CannotOpen:  # nothing searched yet, or by somebody else who sat here
        return ""
