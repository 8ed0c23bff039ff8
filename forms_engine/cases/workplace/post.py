"""What clerks do with messages: open files that came with them, take one back, write with blocks, see who waits."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from forms_engine.cases import access, correspondence, downloads, replying, textblocks
from forms_engine.cases.forms import PlainForm
from forms_engine.cases.models import TextBlock
from forms_engine.cases.workplace.frame import clerks, page
from forms_engine.cases.workplace.views import look
from mailbox import access as mailbox
from portal.accounts.access import citizen
from portal.accounts.models import User
from portal.directory.teams import queries as teams
from portal.directory.teams.models import Team


@clerks
@require_GET
def message_file(request: HttpRequest, case: uuid.UUID, message: uuid.UUID, position: int) -> StreamingHttpResponse:
    return downloads.message_file(look(request, case, "case.file_read"), message, position)


@clerks
@require_POST
def withdraw(request: HttpRequest, case: uuid.UUID, message: uuid.UUID) -> HttpResponse:
    found = access.case_for_clerk(citizen(request), case)
    if correspondence.withdraw_message(found, mailbox.message_in_thread(found.thread, message), by=citizen(request)):
        messages.success(request, "Die Nachricht ist zurückgezogen. Die Person sieht nur noch, dass es sie gab.")
    else:
        messages.warning(request, "Diese Nachricht lässt sich nicht mehr zurückziehen.")
    return redirect("workplace:case", found.public_id)


@clerks
@require_GET
def answers(request: HttpRequest) -> HttpResponse:
    """Cases in which the citizen had the last word."""
    rows = replying.waiting(citizen(request), request.GET.get("nach", ""))
    more, rows = len(rows) > replying.PAGE, rows[: replying.PAGE]
    nach = str(rows[-1].pk) if more else ""
    return page(request, "workplace/answers.html", "Antworten", rows=rows, nach=nach)


@clerks
@require_POST
def no_answer(request: HttpRequest, case: uuid.UUID) -> HttpResponse:
    """The last word needs no answer, such as a thank-you."""
    found = access.case_for_clerk(citizen(request), case)
    correspondence.no_answer(found, by=citizen(request))
    messages.success(request, "Der Vorgang steht nicht mehr bei den Antworten.")
    return redirect("workplace:answers")


# --- blocks of text ---------------------------------------------------------------------------------------------------


class BlockForm(PlainForm):
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label="Team",
        empty_label=None,
        error_messages={"required": "Wählen Sie ein Team.", "invalid_choice": "Wählen Sie ein Team."},
    )
    title = forms.CharField(label="Titel", max_length=80, error_messages={"required": "Geben Sie einen Titel ein."})
    text = forms.CharField(
        label="Text",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Geben Sie den Text ein.", "max_length": "Kürzen Sie auf höchstens 5.000 Zeichen."},
    )

    def __init__(self, *args: Any, lead: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams.led_by(lead)  # type: ignore[attr-defined]  # as declared above

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if wrong := textblocks.unknown(text):
            raise forms.ValidationError(f"Den Platzhalter {wrong[0]} gibt es nicht. Wählen Sie einen aus der Liste.")
        return text

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and TextBlock.objects.filter(team=data["team"], title=data["title"]).exists():
            self.add_error("title", "Diesen Titel gibt es im Team schon. Wählen Sie einen anderen.")
        return data


@clerks
@require_http_methods(["GET", "HEAD", "POST"])
def blocks(request: HttpRequest) -> HttpResponse:
    """Blocks of the own teams; leads add and delete them."""
    clerk = citizen(request)
    leads, form = teams.led_by(clerk).exists(), BlockForm(request.POST or None, lead=clerk)
    if request.method == "POST":
        if not leads:
            raise Http404
        if form.is_valid():
            TextBlock.objects.create(**form.cleaned_data)
            messages.success(request, "Der Textbaustein ist gespeichert.")
            return redirect("workplace:blocks")
    context: dict[str, Any] = {"blocks": textblocks.of(clerk), "leads": leads, "form": form}
    context |= {"places": [(word, meaning) for word, (meaning, _) in textblocks.PLACES.items()]}
    own = {block.pk for block in textblocks.kept_by(clerk)}
    status = 422 if form.errors else 200
    return page(request, "workplace/blocks.html", "Textbausteine", status, own=own, **context)


@clerks
@require_POST
def remove_block(request: HttpRequest, block: uuid.UUID) -> HttpResponse:
    access.block_of_lead(citizen(request), block).delete()
    messages.success(request, "Der Textbaustein ist gelöscht.")
    return redirect("workplace:blocks")
