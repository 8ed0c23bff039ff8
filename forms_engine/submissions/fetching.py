"""The two buttons beside questions that a register can answer: ask it, and put its answers away again."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from forms_engine.definitions.build import as_posted
from forms_engine.definitions.fields import shown
from forms_engine.submissions import actions, prefill, registers, stash
from forms_engine.submissions.completeness import Contents
from forms_engine.submissions.models import Draft


def respond(request: HttpRequest, draft: Draft, contents: Contents, page: str, here: str) -> HttpResponse:
    """Do what the button says; what was typed is kept. Raises states.NotOpen."""
    questions = prefill.asked_of_registers(contents.definition, page)
    typed = stash.typed(request.POST)
    offer = prefill.register_offer(draft, contents.definition, page, contents.fetched)
    register = registers.get(offer.key) if offer else None
    person = draft.owner
    if offer is None or register is None or person is None:
        return redirect(here)
    names = [question.name for question in questions]
    if request.POST.get("aktion") == "verwerfen":
        actions.drop_fetched(draft, page, names, typed)
        return redirect(here)
    actions.ask_register(person, offer.key, names)
    try:
        said = prefill.fetch(register, offer.key, person, questions)
    except registers.Unavailable:
        actions.save_unsaved(draft, page, typed, notice=False)
        messages.warning(request, _("Das Register antwortet gerade nicht. Füllen Sie die Felder bitte selbst aus."))
        return redirect(here)
    if not said:
        messages.info(request, _("Das Register kennt diese Angaben nicht. Füllen Sie die Felder bitte selbst aus."))
    blank = contents.form(page, initial={q.name: shown(q, said[q.name]["value"]) for q in questions if q.name in said})
    answers = as_posted(blank)
    for name in said:
        for key in [key for key in answers if re.fullmatch(rf"{name}(_\d+)?", key)]:
            typed[key] = answers.getlist(key)
    actions.keep_fetched(draft, page, said, typed)
    return redirect(here)
