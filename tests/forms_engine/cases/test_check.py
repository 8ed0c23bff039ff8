"""The check page: what is sent is what was read, and a draft that is gone is no error."""

import pytest

from forms_engine.cases.models import Case
from forms_engine.submissions import actions as submissions
from tests import make

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


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_deleted_draft_leads_to_its_own_page(client, alice, method):
    client.force_login(alice)
    draft = make.draft(alice)
    submissions.discard(draft, by=str(alice.public_id))
    answer = getattr(client, method)(url(draft))
    assert (answer.status_code, answer["Location"]) == (302, f"/antrag/{draft.public_id}/")
    assert not Case.objects.exists()
