"""Answers beside files: only clean ones, only kinds a browser shows, only inside our own page."""

import io

import pytest
from django.test import Client
from django.urls import reverse

from forms_engine.cases.models import CaseDocument
from portal.audit.models import AuditEntry
from portal.documents import store
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(clara):
    client = Client()
    client.force_login(clara)
    return client


def shown(case, key):
    return reverse("workplace:shown_document", args=[case.public_id, key])


def handed_in(case, clara, media_type):
    stored = store.put(io.BytesIO(b"content"), media_type=media_type)
    row = CaseDocument(case=case, stored=stored, added_by=clara)
    row.name_sealed = case.envelope.seal(b"Neu", case.place(f"document:{row.public_id}"))
    row.save()
    return row


@pytest.mark.slow
def test_answers_and_the_file_stand_on_one_page(at_desk, paid_case):
    make.work()
    file = paid_case.submission.files.get()
    answer = at_desk.get(reverse("workplace:beside", args=[paid_case.public_id]))
    text = answer.content.decode()
    assert "M-AB 1234" in text and f'src="{shown(paid_case, file.public_id)}#' in text
    assert "frame-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.slow
def test_the_case_page_itself_frames_nothing(at_desk, paid_case):
    answer = at_desk.get(reverse("workplace:case", args=[paid_case.public_id]))
    assert "frame-src" not in answer["Content-Security-Policy"]


@pytest.mark.slow
def test_a_pdf_is_shown_in_our_own_page_only(at_desk, paid_case):
    make.work()
    answer = at_desk.get(shown(paid_case, paid_case.submission.files.get().public_id))
    assert b"".join(answer.streaming_content).startswith(b"%PDF")
    assert answer["Content-Disposition"] == "inline" and answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]
    assert AuditEntry.objects.filter(action="case.file_read").exists()


@pytest.mark.sample(2)
@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg"])
def test_a_picture_is_shown_in_a_sandbox(media_type, at_desk, paid_case, clara):
    row = handed_in(paid_case, clara, media_type)
    assert "sandbox" in at_desk.get(shown(paid_case, row.public_id))["Content-Security-Policy"]


@pytest.mark.sample(3)
@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/xml"])
def test_what_could_act_in_our_origin_is_never_shown(media_type, at_desk, paid_case, clara):
    row = handed_in(paid_case, clara, media_type)
    assert at_desk.get(shown(paid_case, row.public_id)).status_code == 404
    page = at_desk.get(f"{reverse('workplace:beside', args=[paid_case.public_id])}?datei={row.public_id}")
    assert "nicht ansehen" in page.content.decode()


@pytest.mark.slow
def test_a_file_that_no_scan_has_found_clean_is_not_shown(at_desk, paid_case):
    file = paid_case.submission.files.get()
    assert file.stored.is_waiting
    assert at_desk.get(shown(paid_case, file.public_id)).status_code == 404


@pytest.mark.slow
def test_a_file_of_another_case_is_not_there(at_desk, paid_case, bob):
    other = make.case(bob)
    make.work()
    assert at_desk.get(shown(paid_case, other.submission.files.get().public_id)).status_code == 404
