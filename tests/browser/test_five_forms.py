"""Five forms from their start page to the file number: with a mouse, on a dark phone without scripts, with keys only.

Two dogs and a direct debit, a family that pays for its registration, the rent of a household, a broken lamp reported
without an account, a stolen passport. Between them: rows, uploads, a fee, a place, three levels of trust.
"""

import datetime as dt
import re
from typing import Any

import pytest
from playwright.sync_api import expect

from forms_engine.cases.models import Case
from forms_engine.definitions import replay
from forms_engine.definitions.build import as_posted
from forms_engine.definitions.evaluate import Evaluation, evaluate
from forms_engine.definitions.language.form import FormDefinition
from forms_engine.submissions import queries
from forms_engine.submissions.forms import UploadField, wizard_form
from portal.accounts.levels import TrustLevel
from portal.common import clock
from tests.browser.reader import PHONE, WIDE, Reader, Typist, readers  # noqa: F401 - the last is a fixture
from tests.forms_engine.cases import catalogue

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CASES = {  # form -> which of its stored sets of answers
    "hundesteuer-anmeldung": 1,
    "wohnsitz-anmelden-familie": 1,
    "wohngeld-mietzuschuss": 0,
    "maengelmeldung": 0,
    "ausweisverlust": 1,
}
WAYS = {"wide": (Reader, WIDE), "phone-without-scripts-dark": (Reader, PHONE), "keyboard": (Typist, WIDE)}
QUICK = {("hundesteuer-anmeldung", "phone-without-scripts-dark")}
WALKS = [
    pytest.param(slug, way, id=f"{slug}-{way}", marks=() if (slug, way) in QUICK else pytest.mark.slow)
    for slug in CASES
    for way in WAYS
]
OWN = {"kontakt_email": "alma.brandl@example.org"}  # else the address of the account stands there, unasked
ROUNDS = 3  # of a page: without scripts each round may bring up another question
# Whether the head of each block stands above its first question.
HEADS = """() => [...document.querySelectorAll(".s-block")].every(block =>
  block.querySelector("legend").getBoundingClientRect().bottom <=
  block.querySelector(".s-part").getBoundingClientRect().top + 1)"""


@pytest.fixture(autouse=True)
def _house(settings, tmp_path, live_server):
    settings.FILE_STORE, settings.PUBLIC_URL = tmp_path / "files", live_server.url


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "way"), WALKS)
def test_a_form_is_filled_in_and_sent(readers, visit, alice, slug, way):  # noqa: F811 - the fixture
    definition = catalogue.publish(slug).definition
    judged, (kind, how) = as_of_today(definition, slug), WAYS[way]
    visit.level = TrustLevel.HIGH
    person = {} if definition.without_account else {"user": alice}
    reader = readers(f"/antrag/{slug}/", kind, **how, **person)
    reader.at(str(definition.title))
    reader.send()
    for page in judged.pages:
        answers_page(reader, page, typed(definition, page, judged))
    reader.at("Prüfen Sie Ihre Angaben")
    copies_the_word(reader)
    reader.send()
    number = reader.page.locator(".p-confirmation__number")
    expect(number).to_be_visible()  # without an account the device may compute a moment before it sends
    reader.at("erhalten")
    case = Case.objects.get()
    assert number.inner_text() == case.number
    held = queries.frozen(case.submission)
    files = {item.name for item in definition.file_fields}
    computed = {item.name for item in definition.computed_fields}
    assert {name: value for name, value in held.answers.items() if name not in files} == {
        name: value for name, value in judged.values.items() if name not in computed
    }
    assert {document.field: document.needed for document in judged.documents if document.required}.items() <= {
        name: len(value) for name, value in held.answers.items() if name in files
    }.items()
    assert held.fee_cents == judged.fee_cents


def copies_the_word(reader: Reader) -> None:
    """What is asked of those without an account whose browser runs no scripts."""
    word = reader.page.locator("label[for=id_wort]")
    if reader.twin and word.count():
        reader.fill({"wort": word.inner_text().rpartition(": ")[2].strip()})


def as_of_today(definition: FormDefinition, slug: str) -> Evaluation:
    """What follows from the stored answers, every day in them moved as if they had been written down today."""
    case = replay.load((replay.CASES / f"{slug}.yaml").read_text(encoding="utf-8")).cases[CASES[slug]]
    answers = OWN | moved(case.answers, clock.today() - case.today)
    return evaluate(definition, answers, today=clock.today())


def moved(raw: Any, by: dt.timedelta) -> Any:
    if isinstance(raw, dict):
        return {name: moved(value, by) for name, value in raw.items()}
    if isinstance(raw, list):
        return [moved(value, by) for value in raw]
    if isinstance(raw, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", raw):
        return (dt.date.fromisoformat(raw) + by).isoformat()
    return raw


def typed(definition: FormDefinition, page: str, judged: Evaluation) -> dict[str, Any]:
    """What a person puts into the fields of a page; to each question for files as many as it wants, at least one."""
    form = wizard_form(definition, page, judged)(uploads={})
    values: dict[str, Any] = {name: held[0] if len(held) == 1 else held for name, held in as_posted(form).lists()}
    files = {name: field for name, field in form.fields.items() if isinstance(field, UploadField)}
    return values | {name: [""] * max(field.needed, 1) for name, field in files.items()}


def answers_page(reader: Reader, page: str, values: dict[str, Any]) -> None:
    here = f"/{page}/"
    assert reader.page.url.endswith(here), f"{reader.page.url}, not {here}"
    reader.judge()
    assert reader.page.evaluate(HEADS), f"{reader.page.url}: a head beside its question"
    for _ in range(ROUNDS):
        reader.fill(values)
        reader.send()
        if not reader.page.url.endswith(here):
            return
        assert reader.page.locator("#fehler").count() == 0, reader.page.locator("#fehler").inner_text()
        reader.judge()
    raise AssertionError(f"{reader.page.url}: no way on")
