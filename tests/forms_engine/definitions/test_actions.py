import threading

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from forms_engine.definitions import actions, queries, schema
from forms_engine.definitions.models import Form, FormVersion
from portal.audit.models import AuditEntry
from tests.forms_engine.definitions.conftest import SMALL

CHANGED = SMALL.replace("title: Kleines Formular", "title: Kleines neues Formular")


def test_publishing_makes_version_one_and_writes_who_did_it(otto):
    version = actions.publish("klein", SMALL, by=otto)
    assert (version.number, version.state, version.author) == (1, "published", otto)
    assert version.definition.title.de == "Kleines Formular"
    assert queries.current_version("klein") == version
    entry = AuditEntry.objects.get(action="form.published")
    assert entry.actor == str(otto.public_id) and entry.data["number"] == 1


def test_publishing_the_same_text_again_gives_the_same_version(db):
    first = actions.publish("klein", SMALL, by=None)
    assert actions.publish("klein", SMALL, by=None) == first
    assert FormVersion.objects.count() == AuditEntry.objects.filter(action="form.published").count() == 1


def test_a_changed_text_becomes_the_next_version_and_the_old_one_stays(db):
    first = actions.publish("klein", SMALL, by=None)
    second = actions.publish("klein", CHANGED, by=None)
    assert second.number == 2 and queries.current_version("klein") == second
    first.refresh_from_db()
    assert first.definition.title.de == "Kleines Formular"
    assert Form.objects.get().title == "Kleines neues Formular"


def test_going_back_to_an_old_text_is_a_new_version(db):
    actions.publish("klein", SMALL, by=None)
    actions.publish("klein", CHANGED, by=None)
    assert actions.publish("klein", SMALL, by=None).number == 3


def test_a_wrong_text_publishes_nothing(db):
    with pytest.raises(schema.DefinitionError):
        actions.publish("klein", SMALL.replace("wahl == 'b'", "wall == 'b'"), by=None)
    with pytest.raises(schema.DefinitionError, match="gehört zum Formular „klein“"):
        actions.publish("anderes", SMALL, by=None)
    assert not Form.objects.exists()


def test_an_unknown_form_has_no_current_version(db):
    with pytest.raises(FormVersion.DoesNotExist):
        queries.current_version("klein")


def test_a_draft_is_never_the_current_version(db):
    version = actions.publish("klein", SMALL, by=None)
    FormVersion.objects.create(form=version.form, number=2, source=SMALL, sha256=version.sha256)
    assert queries.current_version("klein") == version


@pytest.mark.slow
def test_the_catalogue_is_published_once(db):
    first = actions.publish_catalogue()
    assert [version.form.slug for version in first] == sorted(path.stem for path in actions.CATALOGUE.glob("*.yaml"))
    assert actions.publish_catalogue() == first


@pytest.mark.slow
@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_several_at_once_publish_one_version():
    actions.publish("klein", SMALL, by=None)
    numbers, barrier = [], threading.Barrier(6)

    def publish():
        connection.ensure_connection()
        barrier.wait()
        try:
            numbers.append(actions.publish("klein", CHANGED, by=None).number)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert numbers == [2] * 6 and FormVersion.objects.count() == 2


@pytest.fixture
def published(db):
    return actions.publish("klein", SMALL, by=None)


@pytest.mark.parametrize(
    "change",
    [{"source": "x"}, {"number": 7}, {"state": "draft", "published_at": None}, {"published_at": "2020-01-01T00:00Z"}],
)
def test_the_database_refuses_to_change_a_published_version(published, change):
    with pytest.raises(DatabaseError), transaction.atomic():
        FormVersion.objects.filter(id=published.id).update(**change)
    published.refresh_from_db()
    assert published.source == SMALL and published.state == "published" and published.number == 1


def test_the_database_refuses_to_delete_a_published_version(published):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from definitions_formversion")
    assert FormVersion.objects.count() == 1


def test_a_draft_may_change_and_go(published):
    draft = FormVersion.objects.create(form=published.form, number=2, source=SMALL, sha256=published.sha256)
    FormVersion.objects.filter(id=draft.id).update(number=3)
    draft.delete()
    assert FormVersion.objects.get() == published


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("version_number_once_per_form", {"number": 1}),
        ("version_number_from_one", {"number": 0}),
        ("version_state_known", {"state": "offen"}),
        ("version_published_has_date", {"state": "published"}),
        ("version_sha256_of_source", {"sha256": "0" * 64}),
    ],
)
def test_the_database_refuses_a_version_that_makes_no_sense(published, name, change):
    sound = {"form": published.form, "number": 2, "source": SMALL, "sha256": published.sha256}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        FormVersion.objects.bulk_create([FormVersion(**{**sound, **change})])
    assert FormVersion.objects.get() == published


def test_the_database_refuses_a_form_name_that_is_no_address(db):
    with pytest.raises(IntegrityError, match="form_slug_shape"), transaction.atomic():
        Form.objects.create(slug="Kein Name", title="x")
    assert not Form.objects.exists()


def test_a_definition_is_compiled_once_for_all_rows(published):
    again = FormVersion.objects.get(id=published.id)
    assert again.definition is published.definition
