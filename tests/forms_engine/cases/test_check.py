"""The check page: what is sent is what was read, and a draft that is gone is no error."""

import io

import pytest

from forms_engine.cases import flow
from forms_engine.cases.models import Case
from forms_engine.submissions import actions as submissions
from tests import make
from tests.forms_engine.submissions import samples

pytestmark = pytest.mark.django_db


def url(draft) -> str:
    return f"/antrag/{draft.public_id}/pruefen/"


def test_answers_changed_in_another_window_are_shown_before_they_are_sent(client, alice):
    client.force_login(alice)
    draft = make.draft(alice)
    read = client.get(url(draft)).context["draft"].version
    submissions.save_page(draft, "laufzeit", {"laufzeit": "24"}, expected_version=draft.version)
    answer = client.post(url(draft), {"stand": read})
    assert answer.status_code == 409
    assert "in einem anderen Fenster" in answer.content.decode()
    assert not Case.objects.exists()
    assert client.post(url(draft), {"stand": answer.context["draft"].version}).status_code == 302
    assert Case.objects.get().receivable.amount_cents == 6000


def test_a_file_added_in_another_window_is_shown_before_it_is_sent(client, alice):
    client.force_login(alice)
    draft = make.draft(alice)
    read = client.get(url(draft)).context["draft"].version
    other = io.BytesIO(samples.pdf() + b"\n%")
    submissions.add_upload(draft, "zulassung", "Neu.pdf", other, media_type="application/pdf", limit=6)
    answer = client.post(url(draft), {"stand": read})
    assert answer.status_code == 409
    assert "Neu.pdf" in answer.content.decode()
    submissions.remove_upload(draft.uploads.present().last())
    assert client.post(url(draft), {"stand": answer.context["draft"].version}).status_code == 409


def test_what_changes_at_the_moment_of_sending_is_seen_under_the_lock(alice):
    draft = make.draft(alice)
    submissions.save_page(draft, "laufzeit", {"laufzeit": "24"}, expected_version=draft.version)
    with pytest.raises(submissions.Changed):
        flow.submit(draft, by=alice, read=draft.version)  # what the view has read is old by now
    assert not Case.objects.exists()


@pytest.mark.parametrize("stand", ["", "-1", "²", "x", "9" * 30])
def test_a_nonsense_version_sends_nothing(client, alice, stand):
    client.force_login(alice)
    assert client.post(url(make.draft(alice)), {"stand": stand}).status_code == 409
    assert not Case.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_deleted_draft_leads_to_its_own_page(client, alice, method):
    client.force_login(alice)
    draft = make.draft(alice)
    submissions.discard(draft, by=str(alice.public_id))
    answer = getattr(client, method)(url(draft))
    assert (answer.status_code, answer["Location"]) == (302, f"/antrag/{draft.public_id}/")
    assert not Case.objects.exists()


def test_the_list_of_applications_leads_to_each_draft(client, alice):
    draft = make.draft(alice)
    client.force_login(alice)
    page = client.get("/vorgaenge/").content.decode()
    assert f'href="/antrag/{draft.public_id}/"' in page and f'href="/antrag/{draft.public_id}/loeschen/"' in page
    assert "<strong>Bewohnerparkausweis</strong>" in page
