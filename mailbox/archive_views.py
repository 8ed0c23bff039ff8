"""What an owner takes along, and who looked: archives, the print of a thread, the log."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from mailbox import access, actions, exporting, keeping, log, queries
from mailbox.box_views import ids
from mailbox.models import Message
from portal.accounts import mandates
from portal.accounts.access import citizen, signed_in
from portal.accounts.identity import stepup
from portal.accounts.levels import TrustLevel
from portal.common import clock
from portal.documents import downloads


@never_cache
@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest) -> HttpResponseBase:
    """Order an archive of everything, or of the threads chosen in a list."""
    whose, by = mandates.whose(request)
    if request.method != "POST":
        return render(request, "mailbox/exports.html", {"exports": queries.exports(citizen(request))})
    chosen = ids(request)
    rows = exporting.contents(whose, by, Message.objects.of(whose, by).filter(public_id__in=chosen) if chosen else None)
    if response := stepup.demand_for(request, exporting.level_of(rows)):
        return response
    if not rows.exists():
        messages.info(request, _("Es gibt noch nichts zum Herunterladen. Öffnen Sie Ihre Nachrichten zuerst."))
        return redirect("mailbox:exports")
    try:
        exporting.ask(actions.open_mailbox(whose), rows, by=citizen(request))
    except exporting.TooMany:
        messages.error(request, _("Sie haben schon mehrere Archive bestellt. Laden Sie diese zuerst herunter."))
    else:
        messages.success(request, _("Wir stellen Ihr Archiv zusammen. Das dauert einige Minuten."))
    return redirect("mailbox:exports")


@never_cache
@signed_in
@require_safe
def export(request: HttpRequest, public_id: uuid.UUID) -> HttpResponseBase:
    found = access.export_of(citizen(request), public_id)
    if response := stepup.demand_for(request, TrustLevel(found.level)):
        return response
    if found.stored is None:
        raise Http404
    answer = downloads.attachment(found.stored, f"postfach-{clock.local(found.asked_at):%Y-%m-%d}.zip")
    if request.method == "GET":
        exporting.fetched(found, by=citizen(request))
    return answer


@never_cache
@signed_in
@require_safe
def thread(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """All opened messages of a thread below each other, to print. Unread ones stay closed."""
    user = citizen(request)
    found = access.message_for_reader(user, public_id)
    letters, closed = queries.opened_thread(user, found)
    if response := stepup.demand_for(request, TrustLevel(max([found.level, *(row.level for row in letters)]))):
        return response
    context = {"letters": [queries.letter(row) for row in letters], "closed": closed, "found": found}
    return render(request, "mailbox/thread.html", context)


@never_cache
@signed_in
@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """Only for oneself, and for those who keep an account without a sign-in."""
    whose, by = mandates.whose(request)
    if not keeping.keeps(whose, by):
        raise Http404
    before = request.GET.get("vor", "")
    return render(request, "mailbox/log.html", {"page": log.page(whose, before), "first": not before})
