import pytest
from allauth.core.ratelimit import respond_429
from django.db import OperationalError
from django.test import Client

from portal.home import errors
from tests.portal.home.test_pages import check


def test_a_missing_page_says_what_is_saved_and_what_to_do(client, db):
    response = client.get("/gibt-es-nicht/")
    assert response.status_code == 404
    page = check(response)
    assert "404" not in page and "Was Sie gespeichert haben, ist noch da" in page and "115" in page


def test_a_missing_page_is_missing_for_those_who_are_signed_in_too(client, alice):
    client.force_login(alice)
    response = client.get("/gibt-es-nicht/")
    assert response.status_code == 404
    assert "Mein Konto" in check(response)


def test_a_forbidden_and_a_broken_request_have_pages_of_their_own(rf, client, db):
    request = client.get("/").wsgi_request
    for view, status in ((errors.forbidden, 403), (errors.bad_request, 400)):
        response = view(request, Exception())
        assert response.status_code == status
        check(response)


def test_an_expired_session_says_that_answers_are_safe(db):
    response = Client(enforce_csrf_checks=True).post("/konto/login/", {"login": "alice@stadt.invalid"})
    assert response.status_code == 403
    page = check(response)
    assert "Ihre Sitzung ist abgelaufen" in page and "Ihre gespeicherten Angaben sind sicher" in page


def test_too_many_attempts_say_how_long_to_wait(client, db):
    response = respond_429(client.get("/").wsgi_request)
    assert response.status_code == 429
    assert "Warten Sie fünf Minuten" in check(response)


def test_the_page_for_our_own_failure_needs_neither_database_nor_file_list(rf, settings):
    # Without the mark for a database, pytest-django refuses every query.
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Es liegt nicht an Ihnen" in check(response)


@pytest.mark.parametrize(
    ("view", "status"), [(errors.bad_request, 400), (errors.forbidden, 403), (errors.not_found, 404)]
)
def test_an_error_page_comes_without_the_database(rf, view, status):
    class Gone:
        @property
        def is_authenticated(self):
            raise OperationalError("the server is gone")

    request = rf.get("/konto/uebersicht/")
    request.user = Gone()
    answer = view(request, Exception())
    assert answer.status_code == status
    assert "Behördennummer" in check(answer)


def test_during_maintenance_every_page_says_until_when(client, settings, tmp_path):
    settings.MAINTENANCE_FILE = tmp_path / "wartung"
    settings.MAINTENANCE_FILE.write_text("Wir sind um 14 Uhr wieder da <b>.", encoding="utf-8")
    for path in ("/", "/konto/uebersicht/", "/gibt-es-nicht/"):
        answer = client.post(path) if path == "/" else client.get(path)
        assert (answer.status_code, answer["Retry-After"]) == (503, "600")
        assert "Wir sind um 14 Uhr wieder da &lt;b&gt;." in check(answer)


@pytest.mark.django_db
def test_maintenance_leaves_health_and_ends_with_its_file(client, settings, tmp_path):
    settings.MAINTENANCE_FILE = tmp_path / "wartung"
    settings.MAINTENANCE_FILE.touch()
    assert "In Kürze sind wir wieder da" in check(client.get("/"))
    assert client.get("/bereit/").status_code == 200
    settings.MAINTENANCE_FILE.unlink()
    assert client.get("/").status_code == 200


@pytest.mark.urls("tests.portal.home.crash_urls")
def test_the_house_answers_a_crash_with_its_own_page(db):
    response = Client(raise_request_exception=False).get("/absturz/")
    assert response.status_code == 500
    assert "Das hat nicht geklappt" in response.content.decode()


@pytest.mark.parametrize("path", ["/demo/post/", "/style/"])
def test_pages_of_the_demonstration_exist_only_there(client, db, settings, path):
    settings.DEMO = False
    assert client.get(path).status_code == 404
