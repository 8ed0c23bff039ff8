"""A running draft whose form got a newer version or is under maintenance."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from forms_engine.definitions import diff
from forms_engine.definitions import queries as definitions
from forms_engine.definitions.models import FormVersion
from forms_engine.submissions import actions
from forms_engine.submissions.doors import with_draft
from forms_engine.submissions.models import Draft
from forms_engine.submissions.states import DraftState, NotOpen

CHOSEN = "fassung"  # in the address of a draft: the newer version that the person has decided about


@never_cache
@require_POST
@with_draft
def move(request: HttpRequest, found: Draft) -> HttpResponse:
    """Go on with the newer version of the form. A second click finds it done."""
    to = definitions.newer_than(found.form_version)
    if to and found.state == DraftState.OPEN and not found.paused:
        try:
            actions.move(found, to, by=found.owner)
        except NotOpen:
            return redirect("submissions:draft", found.public_id)
        messages.success(request, _("Ihre Angaben sind übernommen. Wir zeigen Ihnen, was noch fehlt."))
    return redirect("submissions:draft", found.public_id)


def newer(request: HttpRequest, draft: Draft, newer: FormVersion) -> HttpResponse:
    """Asks whether to go on with the newer version, and says what is new in it."""
    old = draft.form_version.definition
    context = {"draft": draft, "newer": newer, "changes": [c for c in diff.changes(old, newer.definition) if c.weight]}
    return render(request, "submissions/newer.html", context)


def paused(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The form is under maintenance: until when, and that nothing is lost."""
    pause = definitions.pause_of(draft.form_version.form)
    response = render(request, "submissions/paused.html", {"draft": draft, "pause": pause}, status=503)
    response["Retry-After"] = "600"
    return response
