"""Cases are found by words of names and answers; who has the database alone reads none of them."""

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from forms_engine.cases import lists, search
from forms_engine.cases.models import Case, SearchToken
from forms_engine.submissions.models import Submission
from tests import make


def found(clerk, text):
    return [row.case.number for row in lists.page(clerk, lists.Choice(text=text))]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        *(("Müller", query) for query in ("Müller", "mueller", "MÜLLER", "muller", "Mu\u0308ller")),
        *(("Mueller", query) for query in ("Müller", "mueller", "MÜLLER")),
        ("Strauß", "strauss"),
        ("Đurić", "đuric"),
    ],
)
def test_umlauts_and_accents_are_found_however_they_are_written(name, query):
    stored = search.tokens_of([name])
    assert {search.token(word) for word in search.folded(query)[0]} & stored


@given(st.text(max_size=40))
def test_any_text_finds_itself(text):
    stored = search.tokens_of([text])
    assert all({search.token(word) for word in way} & stored for way in search.folded(text))


def test_a_day_is_found_as_people_write_it():
    assert search.folded("geboren 3.4.1985")[1] == search.folded("1985-04-03")[0]


def test_a_word_is_kept_under_a_key(settings):
    before = search.token("ammer")
    settings.SECRET_KEY = "other"
    assert search.token("ammer") != before and len(before) == 16


@pytest.mark.sample(5)
@pytest.mark.django_db
@pytest.mark.parametrize("query", ["Ammer", "alice ammer", "M-AB 1234", "Fraunhoferstraße", "fraunhoferstrasse 12"])
def test_a_case_is_found_by_the_words_of_its_person_and_answers(query, paid_case, clara):
    assert found(clara, query) == [paid_case.number]


@pytest.mark.sample(6)
@pytest.mark.django_db
@pytest.mark.parametrize("query", ["Brenner", "Alice Brenner", "Amm", "?", "ja", " "])
def test_every_word_must_be_in_the_case_and_whole(query, paid_case, clara):
    assert query.strip() == "" or found(clara, query) == []


@pytest.mark.slow
@pytest.mark.django_db
def test_only_cases_of_the_desk_are_found(paid_case, clara, otto):
    own = make.case(clara)
    make.drain()
    assert own.number not in found(clara, "Ammer") and found(otto, "Ammer") == []


@pytest.mark.django_db
def test_the_table_of_words_tells_no_word(paid_case):
    stored = b"".join(bytes(token) for token in SearchToken.objects.values_list("token", flat=True))
    assert stored and b"ammer" not in stored.lower()


@pytest.mark.sample(2)
@pytest.mark.django_db
@pytest.mark.parametrize("model", [Case, Submission])
def test_words_go_with_the_key(model, paid_case, clara):
    pk = paid_case.pk if model is Case else paid_case.submission_id
    model.objects.filter(pk=pk).update(wrapped_key=None)
    assert not SearchToken.objects.exists() and found(clara, "Ammer") == []
    search.index(paid_case.pk)
    assert not SearchToken.objects.exists()


@pytest.mark.django_db
def test_the_index_is_rebuilt_by_a_command(paid_case, clara, settings, capsys):
    from django.core.management import call_command

    before = SearchToken.objects.count()
    settings.SECRET_KEY = "another key of the house that is long enough"
    assert found(clara, "Ammer") == []
    call_command("cases_index", rebuild=True)
    assert found(clara, "Ammer") == [paid_case.number] and SearchToken.objects.count() == before
    assert "1" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_command_without_rebuild_adds_what_is_missing(paid_case, clara):
    from django.core.management import call_command

    SearchToken.objects.all().delete()
    call_command("cases_index")
    assert found(clara, "Ammer") == [paid_case.number]


@pytest.mark.django_db
def test_a_searched_name_stands_in_no_address(paid_case, clara):
    client = Client()
    client.force_login(clara)
    answer = client.post(reverse("workplace:search"), {"suche": "Ammer"})
    assert "mmer" not in answer.url
    page = client.get(answer.url).content.decode()
    assert paid_case.number in page and 'value="Ammer"' in page
    assert "Ammer" not in str(dict(client.session))


@pytest.mark.django_db
def test_the_searched_name_of_somebody_else_is_not_shown(paid_case, clara, theo):
    client = Client()
    client.force_login(clara)
    address = client.post(reverse("workplace:search"), {"suche": "Ammer"}).url
    client.force_login(theo)
    assert "Ammer" not in client.get(address).content.decode().replace("Alice Ammer", "")
