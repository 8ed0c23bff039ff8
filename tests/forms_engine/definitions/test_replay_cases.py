"""Stored test data and the texts of drafts, going around the application and by two people at once."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from forms_engine.definitions import actions
from forms_engine.definitions.models import Form, FormVersion, ReplayCase
from tests.forms_engine.definitions.conftest import SMALL


@pytest.mark.django_db
def test_a_form_has_one_case_of_a_name():
    form = Form.objects.create(slug="klein", title="Klein")
    ReplayCase.objects.create(form=form, name="Fall", content={})
    with pytest.raises(IntegrityError, match="replay_case_name_once_per_form"), transaction.atomic():
        ReplayCase.objects.create(form=form, name="Fall", content={})
    assert ReplayCase.objects.count() == 1


@pytest.mark.django_db
def test_the_list_of_forms_takes_the_same_statements_however_long(client, edda, django_assert_max_num_queries):
    client.force_login(edda)
    client.get("/verwaltung/formulare/")
    for number in range(12):
        actions.write_draft(f"klein-{number}", SMALL.replace("form: klein", f"form: klein-{number}"), by=edda)
    with django_assert_max_num_queries(12):
        assert "klein-11" in client.get("/verwaltung/formulare/").text


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_told_and_nothing_is_lost(clara, theo):
    draft = actions.write_draft("klein", SMALL, by=clara)
    gate, told = threading.Barrier(2), []

    def change(label: str, who) -> None:
        gate.wait()
        try:
            source = SMALL.replace("label: Notiz,", f"label: {label},")
            actions.change_draft(draft, source, by=who, expected=draft.sha256)
        except actions.Outdated:
            told.append(label)
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=pair) for pair in (("Eins", clara), ("Zwei", theo))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = FormVersion.objects.get()
    assert len(told) == 1 and told[0] not in kept.source
    assert kept.revisions.get().source == SMALL
