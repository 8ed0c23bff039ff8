"""Templates of letters: written by one, published by another, fixed for ever, used from then on."""

import io

import pypdf
import pytest
from django.db import IntegrityError, transaction

from forms_engine.cases import flow, issuing, letters
from forms_engine.cases.models import DecisionKind, LetterPreview, LetterTemplate, Paper
from forms_engine.cases.payloads import Outcome
from forms_engine.cases.tasks import draw_preview
from forms_engine.cases.wording import actions, letter_payload, previews, samples, texts
from forms_engine.definitions.models import Form
from forms_engine.definitions.queries import current_version
from portal.common import clock
from portal.documents import store
from portal.documents.render import check_pdf
from tests import make

pytestmark = pytest.mark.django_db
GRANTED = DecisionKind.GRANTED
SAID = {
    "heading": "Ihr Ausweis für {{ gebiet }}",
    "opening": "Sie erhalten den Ausweis Nr. {{ aktenzeichen }}.\n\n"
    "{% for f in antrag.fahrzeuge %}\n- {{ f.kennzeichen }}\n{% endfor %}",
    "plain": "Sie dürfen parken. Der Ausweis gilt bis {{ gueltig_bis }}.",
}


def published(theo, edda, said=None, kind=GRANTED) -> LetterTemplate:
    form = Form.objects.get(slug=make.FORM)
    draft = actions.save(form, kind, said or SAID, by=theo, seen=actions.stamp(actions.draft_of(form, kind)))
    return actions.publish(form, kind, current_version(make.FORM).definition, by=edda, seen=actions.stamp(draft))


def outcome(case, **more) -> Outcome:
    template = letter_payload.newest(case.submission.form_version.form, GRANTED)
    start = clock.today()
    held = {"valid_from": start, "valid_until": start.replace(year=start.year + 1), "area": "Gärtnerplatz"}
    return Outcome(GRANTED, template=template.pk if template else None, **held | more)


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.mark.slow
def test_the_letter_says_what_the_newest_published_template_says(paid_case, clara, theo, edda):
    template = published(theo, edda)
    decision = flow.decide(paid_case, by=clara, **vars(outcome(paid_case)))
    issuing.issue(decision.paper.id)
    paper = Paper.objects.select_related("stored").get(decision=decision)
    pdf = store.read(paper.stored)
    told = text_of(pdf)
    for words in ("Ihr Ausweis für Gärtnerplatz", "M-AB 1234", "In einfacher Sprache", "Sie dürfen parken."):
        assert words in told, words
    assert (decision.template, paper.payload()["template"]["number"]) == (template, 1)
    assert check_pdf(pdf) == []


@pytest.mark.slow
def test_who_decides_without_a_page_gets_the_newest_template_too(paid_case, clara, theo, edda):
    template = published(theo, edda)
    said = {key: value for key, value in vars(outcome(paid_case)).items() if key != "template"}
    assert flow.decide(paid_case, by=clara, **said).template == template


@pytest.mark.slow
def test_without_a_template_the_form_speaks(paid_case, clara):
    payload = flow.decide(paid_case, by=clara, **vars(outcome(paid_case))).paper.payload()
    assert payload["template"] is None and payload["text"] and "blocks" not in payload


@pytest.mark.slow
def test_a_new_version_changes_no_letter_that_was_ordered(paid_case, clara, theo, edda):
    published(theo, edda)
    paper = flow.decide(paid_case, by=clara, **vars(outcome(paid_case))).paper
    before = paper.payload()
    published(theo, edda, SAID | {"opening": "Ganz anders."})
    issuing.issue(paper.id)
    assert Paper.objects.get(pk=paper.pk).payload() == before
    assert before["blocks"]["opening"][0]["p"].startswith("Sie erhalten")


@pytest.mark.slow
def test_html_and_marks_in_answers_stay_text(paid_case, clara, theo, edda):
    published(theo, edda, SAID | {"closing": "{{ begruendung }}"})
    said = outcome(paid_case, explanation="<b>fett</b>\n- Punkt\n| a | b |")
    payload = flow.decide(paid_case, by=clara, **vars(said)).paper.payload()
    assert payload["blocks"]["closing"] == [{"p": "<b>fett</b>\n- Punkt\n| a | b |"}]
    paper = paid_case.papers.get(kind="decision")
    issuing.issue(paper.id)
    assert "<b>fett</b>" in text_of(store.read(Paper.objects.get(pk=paper.pk).stored))


@pytest.mark.slow
def test_the_preview_is_the_letter_byte_for_byte(paid_case, clara, theo, edda, monkeypatch):
    published(theo, edda)
    seen = letter_payload.of(paid_case, outcome(paid_case), clerk=clara.get_full_name())
    paper = flow.decide(paid_case, by=clara, **vars(outcome(paid_case))).paper
    assert paper.payload() == seen
    preview = previews.ask(seen, by=clara)
    LetterPreview.objects.update(asked_at=paper.ordered_at)
    monkeypatch.setattr(previews, "SAMPLE_CODE", paper.code)
    assert draw_preview(str(preview.pk))
    assert LetterPreview.objects.get().pdf() == letters.render(paper, paper.payload())


@pytest.mark.parametrize("kind", DecisionKind)
@pytest.mark.slow
def test_a_sample_of_every_kind_is_fit_for_the_archive(db, clara, kind):
    definition = make.permit().definition
    if kind not in texts.kinds(definition):
        assert kind == DecisionKind.CERTIFICATE
        return
    row = previews.ask(samples.payload(definition, kind, SAID, clerk="Clara"), by=clara)
    assert draw_preview(str(row.pk))
    pdf = LetterPreview.objects.get().pdf()
    assert check_pdf(pdf) == [] and "In einfacher Sprache" in text_of(pdf)


def test_nobody_publishes_the_own_text(db, theo):
    form = make.permit().form
    draft = actions.save(form, GRANTED, SAID, by=theo)
    with pytest.raises(actions.OwnText):
        actions.publish(form, GRANTED, current_version(form.slug).definition, by=theo, seen=actions.stamp(draft))
    assert LetterTemplate.objects.get().state == "draft"


def test_two_who_write_at_once_do_not_overwrite_each_other(db, theo, edda):
    form = make.permit().form
    actions.save(form, GRANTED, SAID, by=theo)
    with pytest.raises(actions.Overtaken):
        actions.save(form, GRANTED, SAID | {"heading": "x"}, by=edda, seen="")
    assert LetterTemplate.objects.get().author == theo


def test_a_text_that_the_form_has_outgrown_is_not_published(db, theo, edda):
    form = make.permit().form
    draft = actions.save(form, GRANTED, SAID | {"closing": "{{ antrag.gibt_es_nicht }}"}, by=theo)
    with pytest.raises(actions.Unfit):
        actions.publish(form, GRANTED, current_version(form.slug).definition, by=edda, seen=actions.stamp(draft))


def test_every_template_needs_its_decision_and_its_plain_page(db):
    found = texts.check(make.permit().definition, {"heading": "a\nb"})
    assert set(found) == {"heading", "opening", "plain"}


# --- around the application ---


@pytest.mark.parametrize("change", [{"texts": {}}, {"number": 7}, {"state": "draft"}, {"kind": "refused"}])
def test_the_database_refuses_to_change_a_published_template(db, theo, edda, change):
    make.permit()
    row = published(theo, edda)
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterTemplate.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterTemplate.objects.filter(pk=row.pk).delete()


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 1, "state": "published", "published_at": clock.now()},
        {"number": 2, "kind": "perhaps"},
        {"number": 0},
        {"number": 2, "state": "lost"},
        {"number": 2, "published_at": clock.now()},
    ],
)
def test_the_database_refuses_a_template_that_cannot_be(db, theo, wrong):
    form = make.permit().form
    if wrong.get("state") == "published":
        wrong = wrong | {"publisher": theo}  # by its own author
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterTemplate.objects.create(**{"form": form, "kind": "granted", "author": theo} | wrong)


def test_the_database_refuses_a_second_draft_and_the_same_number_twice(db, theo, edda):
    form = make.permit().form
    row = {"form": form, "kind": "granted", "author": theo}
    published(theo, edda)
    LetterTemplate.objects.create(number=2, **row)
    for number in (1, 3):
        with pytest.raises(IntegrityError), transaction.atomic():
            LetterTemplate.objects.create(number=number, **row)


def test_a_preview_goes_after_an_hour_and_is_drawn_at_most_three_times(db, clara):
    row = previews.ask(samples.payload(make.permit().definition, GRANTED, SAID, clerk="Clara"), by=clara)
    for _ in range(previews.MAX_ATTEMPTS):
        assert previews.take(row.pk)
    assert previews.take(row.pk) is None and LetterPreview.objects.get().state == "failed"
    with clock.frozen(clock.now() + previews.KEPT * 2):
        assert previews.sweep_previews() == 1
    assert not LetterPreview.objects.exists()
