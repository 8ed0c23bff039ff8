"""The way through the pages of a draft: django-formtools drives it, the encrypted draft is its storage.

formtools keeps the order of the pages, knows the next and the previous one and judges all of them again at the end.
Its storage interface is answered from the draft (not the session), its steps are the pages that can be reached.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from formtools.wizard.storage.base import BaseStorage
from formtools.wizard.views import NamedUrlWizardView, WizardView

from forms_engine.definitions import present
from forms_engine.definitions.build import as_posted, with_row_change
from forms_engine.definitions.evaluate import evaluate
from forms_engine.submissions import actions, completeness, fetching, intake, prefill, queries, stash
from forms_engine.submissions.forms import WizardForm
from forms_engine.submissions.models import Draft, Upload
from portal.common import clock, languages

BACK_TO_CHECK = "pruefen"
FORM_ID = "antrag"  # of the form, for the language switch in the header


def respond(request: HttpRequest, draft: Draft, page_key: str) -> HttpResponseBase:
    """Answer a request for one page of an open draft of the signed-in person.

    Raises Http404 for a page the form does not have, states.NotOpen and crypto.KeyDestroyed if the draft was closed
    in the meantime.
    """
    definition = draft.form_version.definition
    pages = [page.key for page in definition.pages]
    if page_key not in pages and page_key not in [refusal.key for refusal in definition.refusals]:
        raise Http404
    request.draft = draft  # type: ignore[attr-defined]  # the only way through formtools to its storage
    # No page is called "/", the name formtools wants for a page of its own at the end.
    view = DraftWizard.as_view([(key, WizardForm) for key in pages], url_name="submissions:page", done_step_name="/")
    return view(request, step=page_key)  # type: ignore[no-any-return]  # formtools has no types


class DraftStorage(BaseStorage):  # type: ignore[misc]  # formtools has no types
    """formtools' storage, answered by one draft. What was saved is read back as a browser would post it."""

    def __init__(self, prefix: str, request: HttpRequest, file_storage: object = None):
        super().__init__(prefix, request, file_storage)
        self.init_data()
        self.draft: Draft = request.draft  # type: ignore[attr-defined]  # set by respond(); formtools hands on no more
        self.reload()

    def reload(self, uploads: Mapping[str, Sequence[Upload]] | None = None) -> None:
        """Judge the draft anew; `uploads` if no file can have come or gone since they were read."""
        self.contents = queries.contents(self.draft, uploads, shown=True)

    def get_step_data(self, step: str) -> MultiValueDict[str, str] | None:
        """None (for formtools: not sent yet) also while something typed there is not accepted."""
        if step not in self.contents.saved_pages or step in self.contents.unsaved:
            return None
        return as_posted(self.contents.form(step))

    def get_step_files(self, step: str) -> None:
        return None  # files are stored when they arrive (intake.py)

    def set_step_data(self, step: str, form: WizardForm) -> None:
        """Raises actions.Conflict and states.NotOpen."""
        stand, window = form.data.get("stand", ""), form.data.get("fenster", "")
        self.draft = actions.save_page(
            self.draft,
            step,
            form.answers(),
            expected_version=int(stand) if re.fullmatch(r"\d{1,9}", stand, re.ASCII) else 0,
            writer=window if re.fullmatch(r"[\w-]{1,32}", window, re.ASCII) else "",
        )
        self.reload(self.contents.uploads)

    def reset(self) -> None:
        """Sending closes the draft (actions.freeze); until then nothing is thrown away."""


class DraftWizard(NamedUrlWizardView):  # type: ignore[misc]  # formtools has no types
    storage_name = "forms_engine.submissions.wizard.DraftStorage"
    storage: DraftStorage

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.page_key: str = kwargs["step"]
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_form_list(self) -> dict[str, type[WizardForm]]:
        return {key: self.form_list[key] for key in self.storage.contents.evaluation.pages}

    def get_form(self, step: str | None = None, data: Any = None, files: Any = None, **kwargs: Any) -> WizardForm:
        return self.storage.contents.form(step or self.page_key, data, **kwargs)

    def get_step_url(self, step: str) -> str:
        return reverse("submissions:page", args=[self.storage.draft.public_id, step])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        contents, here = self.storage.contents, self.page_key
        if token := request.GET.get(stash.PARAMETER):
            stash.take(token, self.storage.draft, here)
            return redirect(self._here())
        reachable = contents.evaluation.pages
        before = reachable[: reachable.index(here)] if here in reachable else reachable
        missing = completeness.first_open_among(contents, before)
        if missing:
            return redirect(self.get_step_url(missing))
        if here == contents.evaluation.refusal:
            return self._not_eligible()
        if here not in reachable:
            return self._onward(completeness.first_open_page(contents))
        self.storage.current_step = here
        kept = contents.unsaved.get(here)
        if kept is None:
            known = prefill.offers(self.storage.draft, contents.definition, here)
            values = {name: entry.value for name, entry in known.items()}
            return self.render(self.get_form(initial=values, sources={n: entry.source for n, entry in known.items()}))
        data = _as_query(kept["values"])
        return self.render(self.get_form(data=data, show_only=True), kept=kept)

    def post(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        here = self.page_key
        if here not in self.get_form_list():
            messages.info(self.request, _("Diese Seite entfällt, weil sich andere Angaben geändert haben."))
            return redirect(self._resume())
        self.storage.current_step = here
        if self.request.POST.get("aktion") == "anpassen":
            return self._fragment(self.request.POST)
        posted, refused = intake.receive(self.request, self.storage.draft, self.storage.contents, here)
        removed = self._remove(posted)
        if removed or self.request.FILES:
            self.storage.reload(queries.present_uploads(self.storage.draft))
        if posted.get("aktion") in ("abrufen", "verwerfen"):
            return fetching.respond(self.request, self.storage.draft, self.storage.contents, here, self._here())
        changed = with_row_change(self.storage.contents.definition, here, posted)
        if changed is not None or removed or posted.get("aktion") == "hochladen" or "sprache" in posted:
            return self._stay(changed or posted, refused)
        form = self.get_form(data=posted, refused=refused)
        if posted.get("aktion") == "spaeter":
            return self._later(form, posted, refused)
        if fresh := self._not_yet_asked(form):
            return self.render(self.get_form(data=posted, refused=refused, show_only=True), fresh=fresh)
        if not form.is_valid():
            return self.render(form)
        try:
            self.storage.set_step_data(here, form)
        except actions.Conflict as conflict:
            return self.render(form, conflict=conflict)
        return self._next(form)

    def _fragment(self, posted: QueryDict) -> HttpResponse:
        """The questions of the page as they follow from what is typed so far. Nothing is saved or judged."""
        form = self.get_form(data=posted, show_only=True)
        return render(self.request, "submissions/questions.html", {"form": form, "page": form.page})

    def _not_yet_asked(self, form: WizardForm) -> list[str]:
        """Labels of questions that what was typed has brought up: without a script nobody has seen them yet."""
        seen = self.request.POST.get("gefragt")
        if seen is None or self.page_key not in form.definition.program.lively:
            return []
        before = set(seen.split())
        return [str(form.fields[name].label) for name in form.asked() if name not in before]

    def _next(self, form: WizardForm) -> HttpResponseBase:
        contents, here = self.storage.contents, self.page_key
        if not completeness.is_complete(contents, here):  # an answer has brought up another question on this page
            return redirect(self._here())
        if self.request.GET.get("zurueck") == BACK_TO_CHECK:
            return self._onward(completeness.first_open_page(contents))
        if here in contents.evaluation.pages[:-1]:
            return self.render_next_step(form)  # type: ignore[no-any-return]  # formtools has no types
        if contents.evaluation.refusal:
            return redirect(self.get_step_url(contents.evaluation.refusal))
        return self.render_done(form, step=here)

    def render_done(self, form: WizardForm, **kwargs: Any) -> HttpResponseBase:
        """All pages are judged again by formtools; the first that fails is shown. There is no page of its own."""
        response: HttpResponseBase = WizardView.render_done(self, form, **kwargs)
        return response

    def done(self, form_list: list[WizardForm], **kwargs: Any) -> HttpResponseBase:
        return self._onward(None)

    def _onward(self, page: str | None) -> HttpResponseBase:
        if page:
            return redirect(self.get_step_url(page))
        return redirect("cases:check", self.storage.draft.public_id)

    def _resume(self) -> str:
        return reverse("submissions:draft", args=[self.storage.draft.public_id])

    def _here(self) -> str:
        back = self.request.GET.get("zurueck") == BACK_TO_CHECK
        return self.get_step_url(self.page_key) + (f"?zurueck={BACK_TO_CHECK}" if back else "")

    def _remove(self, posted: QueryDict) -> bool:
        """Whether a button "Entfernen" was pressed. Its file goes, unless another row names it too."""
        wanted, at, row = (posted.get("entfernen") or "").partition("@")
        if at:
            posted.setlist(row, [key for key in posted.getlist(row) if key != wanted])
        still = any(wanted in entries for name, entries in posted.lists() if name != "entfernen")
        for group in self.storage.contents.uploads.values() if wanted and not still else ():
            for upload in group:
                if str(upload.public_id) == wanted:
                    actions.remove_upload(upload)
        return bool(wanted)

    def _stay(self, data: QueryDict, refused: intake.Sentences) -> HttpResponseBase:
        """A button that only changes rows, files or the language: what was typed is kept and shown again, unjudged."""
        if refused:
            return self.render(self.get_form(data=data, refused=refused, show_only=True))
        form = self.get_form(data=data)
        saved = self.storage.contents.evaluation.values
        untouched = (
            self.page_key in self.storage.contents.saved_pages
            and form.is_valid()
            and all(saved.get(name) == (value or None) for name, value in form.answers().items())
        )
        if not untouched:
            actions.save_unsaved(self.storage.draft, self.page_key, stash.typed(data), notice=False)
        wanted = data.get("sprache")
        return redirect(languages.localised(self._here(), wanted if wanted in languages.PREFIXES else None))

    def _later(self, form: WizardForm, posted: QueryDict, refused: intake.Sentences) -> HttpResponseBase:
        """Save and go on another day: complete or not, nothing typed is lost. Only a refused file is told first."""
        if form.is_valid():
            try:
                self.storage.set_step_data(self.page_key, form)
            except actions.Conflict as conflict:
                return self.render(form, conflict=conflict)
        else:
            actions.save_unsaved(self.storage.draft, self.page_key, stash.typed(posted), notice=True)
        if refused:
            return self.render(self.get_form(data=posted, refused=refused, show_only=True))
        if self.storage.draft.owner is None:  # nowhere to come back to: the button is not even shown
            return redirect(self._here())
        messages.success(self.request, _("Ihr Entwurf ist gespeichert."))
        return redirect("home:overview")

    def _not_eligible(self) -> HttpResponse:
        contents = self.storage.contents
        refusal = contents.definition.refusal(contents.evaluation.refusal or "")
        return render(
            self.request,
            "submissions/not_eligible.html",
            {
                "draft": self.storage.draft,
                "languages_of_page": contents.definition.languages,
                "definition": contents.definition,
                "refusal": refusal,
                "back": self.get_step_url(contents.evaluation.pages[-1]),
            },
        )

    def render(self, form: WizardForm, conflict: actions.Conflict | None = None, **kwargs: Any) -> HttpResponse:
        contents, here = self.storage.contents, self.page_key
        pages = [contents.definition.page(key) for key in self.get_form_list()]
        upcoming, previous = self.get_next_step(here), self.get_prev_step(here)
        context = {
            "form": form,
            "languages_of_page": contents.definition.languages,
            "switch_form": FORM_ID,
            "draft": self.storage.draft,
            "definition": contents.definition,
            "page": contents.definition.page(here),
            "lively": here in contents.definition.program.lively,
            "number": self.steps.index + 1,
            "total": len(pages) + 1,
            "next_title": contents.definition.page(upcoming).title if upcoming else _("Angaben prüfen und absenden"),
            "back": self._back(previous),
            "action": self._here(),
            "register": prefill.register_offer(self.storage.draft, contents.definition, here, contents.fetched),
            "session_minutes": settings.SESSION_COOKIE_AGE // 60,
            # A window keeps the count it started from until its person has seen what another one saved.
            "stand": conflict.version if conflict else form.data.get("stand") or self.storage.draft.version,
            "window": form.data.get("fenster") or clock.token(9),
            "differences": self._differences(form, conflict) if conflict else (),
            **kwargs,
        }
        if self.storage.draft.unread is not None:
            context["unread"] = self.storage.draft.unread
        return render(self.request, "submissions/page.html", context)

    def _back(self, previous: str | None) -> str:
        if self.request.GET.get("zurueck") == BACK_TO_CHECK:
            return reverse("cases:check", args=[self.storage.draft.public_id])
        if previous:
            return self.get_step_url(previous)
        return reverse("submissions:start", args=[self.storage.contents.definition.form])

    def _differences(self, form: WizardForm, conflict: actions.Conflict) -> list[tuple[str, str, str]]:
        """What another window saved and what was typed here: (question, there, here)."""
        there, here = self._shown(conflict.stored), self._shown(form.answers())
        nothing = str(present.NOTHING)
        return [
            (label, there.get(label, nothing), here.get(label, nothing))
            for label in dict.fromkeys([*here, *there])
            if here.get(label) != there.get(label)
        ]

    def _shown(self, answers: Mapping[str, Any]) -> dict[str, str]:
        """The page's questions and what the answers to them look like."""
        contents = self.storage.contents
        judged = evaluate(contents.definition, {**contents.answers, **answers}, today=clock.today())
        return {
            f"{section.title}: {row.label}" if section.group else row.label: row.value_text
            for section in present.rows(contents.definition, judged)
            if section.page_key == self.page_key
            for row in section.rows
        }


def _as_query(values: Mapping[str, list[str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, entries in values.items():
        data.setlist(name, entries)
    return data
