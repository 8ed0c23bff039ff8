"""Released schemas of the federal editors, with their code lists: each becomes a form and comes out again."""

import datetime as dt
import functools
import hashlib
import time

import pytest

from forms_engine.definitions import schema as language
from forms_engine.definitions.evaluate import evaluate
from forms_engine.fim import genericode, reader, xsd
from forms_engine.fim.draft import draft
from forms_engine.fim.export import Source, export
from forms_engine.fim.latin import latin
from forms_engine.fim.own import Ids
from forms_engine.fim.report import Report
from forms_engine.fim.writer import write
from forms_engine.fim.xml import FimError
from tests.fimfiles import BROKEN, LISTS, SCHEMAS, XSD, needed

pytestmark = needed
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


@functools.cache
def read(path):
    raw = path.read_bytes()
    beside = [entry for entry in LISTS if entry.parent == path.parent or entry.parent.name == "genericode"]
    store = genericode.Store([genericode.read(entry.read_bytes(), entry.name) for entry in beside])
    return Source(reader.read(raw), hashlib.sha256(raw).hexdigest(), store)


@functools.cache
def drafted(path):
    source = read(path)
    return draft(source.message, source.store, source.sha256)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
@pytest.mark.sample(56)
def test_an_example_becomes_a_form_and_comes_out_as_it_went_in(path):
    source = read(path)
    first = drafted(path)
    form = language.load(first.source)
    assert evaluate(form, {}, today=NOW.date()).pages
    out = export(form, source, Ids("99"), Report())
    assert out == source.message.schema
    written = write(out, message_id="M1", now=NOW, report=Report())
    xsd.check(written, XSD)
    again = draft(reader.read(written), source.store, source.sha256)
    one, other = (
        "\n".join(line for line in found.source.splitlines() if "standard:" not in line) for found in (first, again)
    )
    assert latin(" ".join(one.split())) == latin(" ".join(other.split()))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_example_is_refused_with_line_and_sentence(path):
    with pytest.raises(FimError) as refused:
        reader.read(path.read_bytes())
    assert all(problem.line > 0 and problem.sentence.endswith(".") for problem in refused.value.problems)


def test_there_are_as_many_examples_as_there_should_be():
    assert (len(SCHEMAS), len(BROKEN)) == (51, 5)


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_code_list_is_read(path):
    values = genericode.read(path.read_bytes(), path.name).values()
    assert values and all(value.code and value.name for value in values)


@pytest.mark.slow
def test_most_rules_are_translated():
    counts = [drafted(path).report.counts for path in SCHEMAS]
    translated = sum(count["rule_places_translated"] for count in counts)
    assert translated / sum(count["rule_places"] for count in counts) > 0.78


def test_the_largest_file_is_read_in_seconds():
    path = max(SCHEMAS, key=lambda entry: entry.stat().st_size)
    raw = path.read_bytes()
    began = time.process_time()
    reader.read(raw)
    assert len(raw) > 3_500_000 and time.process_time() - began < 3
