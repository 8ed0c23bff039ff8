"""The end of a session is honest about the one that goes on elsewhere."""

import pytest

from tests.portal.accounts.identity.peer import password_sign_in


def test_who_came_by_password_goes_to_the_start_page(client, bayernid, alice):
    password_sign_in(client, alice)
    assert client.post("/konto/logout/")["Location"] == "/"


def test_who_came_through_a_provider_is_told(client, bayernid):
    bayernid.sign_in(client)
    assert client.post("/konto/logout/")["Location"] == "/konto/identitaet/abgemeldet/?bei=bayernid"


@pytest.mark.parametrize(
    "query", ["", "?bei=", "?bei=boese", "?bei=%00", "?bei=<script>", "?bei=" + "&bei=bayernid" * 50]
)
def test_the_page_speaks_only_of_providers_that_are_offered(client, bayernid, query):
    page = client.get(f"/konto/identitaet/abgemeldet/{query}")
    main = page.content.decode().split("<main")[1].split("</main>")[0]
    assert page.status_code == 200 and "boese" not in main
    assert main.count("kann noch bestehen") <= 5
