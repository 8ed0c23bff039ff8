"""Other systems hand in: once for one key, with a token, and every refusal says what to do."""

import concurrent.futures
import json

import pytest
from django.db import connection
from django.test import Client

from forms_engine.intake import api_systems
from forms_engine.intake.models import InboundItem
from forms_engine.intake.states import State
from portal.documents import store
from tests.forms_engine.intake.conftest import workers
from tests.forms_engine.submissions import samples

PATH = "/schnittstelle/eingang/"


@pytest.fixture
def token(db) -> str:
    return api_systems.new_token("Fachverfahren")


def post(token, data=b"%PDF-1.4 x", key="k1", **headers):
    given = {"Authorization": f"Bearer {token}", "Idempotency-Key": key, **headers}
    given = {name: value for name, value in given.items() if value is not None}
    return Client().post(PATH, data, content_type="application/pdf", headers=given)


def test_the_same_delivery_twice_is_one_item(token):
    first, second = post(token), post(token)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"] and store.read(InboundItem.objects.get().raw) == b"%PDF-1.4 x"


def test_the_same_bytes_under_another_key_are_linked_and_not_filed_twice(token):
    post(token)
    answer = post(token, key="k2")
    copy = InboundItem.objects.get(public_id=answer.json()["id"])
    assert (answer.status_code, copy.state, copy.raw) == (201, State.DUPLICATE, None)
    assert copy.duplicate_of == InboundItem.objects.exclude(pk=copy.pk).get()


def test_the_same_key_with_other_bytes_is_refused(token):
    post(token)
    assert post(token, b"%PDF-1.4 y").status_code == 409 and InboundItem.objects.count() == 1


@pytest.mark.slow
def test_a_trusted_system_names_the_case(token, asked):
    post(token, samples.pdf(), Vorgang=asked.case.number, Dateiname="Gutachten%20%C3%9C.pdf")
    workers()
    assert InboundItem.objects.get().case == asked.case


@pytest.mark.slow
def test_an_unknown_case_is_left_to_a_person(token, asked):
    other = "KVR-2026-999999-" + next(d for d in "0123456789" if api_number(f"KVR-2026-999999-{d}"))
    post(token, samples.pdf(), Vorgang=other)
    workers()
    assert InboundItem.objects.get().state == State.TRIAGE


def api_number(text):
    from portal.common import references

    return references.is_file_number(text)


@pytest.mark.parametrize(
    "change, status",
    [
        ({"Authorization": None}, 401),
        ({"Authorization": "Bearer falsch"}, 401),
        ({"Authorization": "Basic x"}, 401),
        ({"Idempotency-Key": None}, 400),
        ({"Idempotency-Key": "x" * 201}, 400),
        ({"data": b""}, 400),
        ({"Vorgang": "KVR-1"}, 422),
        ({"data": b"x" * 1_000_001}, 413),
    ],
)
def test_every_refusal_is_a_problem_in_german_and_stores_nothing(token, settings, change, status):
    settings.INTAKE_MAX_BYTES = 1_000_000
    change = dict(change)
    answer = post(token, change.pop("data", b"%PDF-1.4 x"), **change)
    problem = json.loads(answer.content)
    assert answer.status_code == problem["status"] == status and problem["detail"].endswith((".", "…"))
    assert answer["Content-Type"] == "application/problem+json" and not InboundItem.objects.exists()


def test_get_is_answered_with_the_way_to_do_it(db):
    answer = Client().get(PATH)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")


def test_a_stopped_system_may_not_hand_in(token):
    assert api_systems.stop("Fachverfahren") and not api_systems.stop("Fachverfahren")
    assert post(token).status_code == 401


def test_a_token_is_kept_as_a_hash_only(token):
    assert token not in str(list(api_systems.ApiSystem.objects.values_list()))


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_fifty_deliveries_at_once_make_one_item_and_copies(transactional_db):
    token = api_systems.new_token("Viele")

    def one(number: int) -> int:
        try:
            return post(token, key=f"k{number % 5}").status_code
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(50)))
    assert sorted(set(answers)) == [200, 201] and answers.count(201) == 5
    assert InboundItem.objects.filter(duplicate_of=None).count() == 1 and InboundItem.objects.count() == 5
