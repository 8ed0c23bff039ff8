"""One city, one server and one browser for all page types of a file; every page is only looked at, never changed."""

import copy
import pathlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.core.signals import got_request_exception
from django.db import connections
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from payments.fakestripe.server import FakeStripe
from portal.accounts.identity.demo import keys
from portal.accounts.identity.demo.server import DemoIdentity
from tests.browser.pages import world as city
from tests.browser.pages.visitor import House
from tests.payments.conftest import KEY, SECRET

# Steps that end after minutes or attempts go on: the same page is looked at many times.
PATIENCE = {
    "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS": 9999,
    "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT": 24 * 3600,
    "ACCOUNT_REAUTHENTICATION_TIMEOUT": 24 * 3600,
    "ACCOUNT_LOGIN_TIMEOUT": 24 * 3600,
}


@pytest.fixture(scope="module")
def house(chromium, django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    fake = FakeStripe(keys=[KEY], secrets=[SECRET], debit_seconds=3600)
    fake.start()
    # Each of a hundred windows keeps its line to the server, and so its thread: none may keep a database connection.
    database = connections.settings["default"]
    kept, database["CONN_MAX_AGE"] = database["CONN_MAX_AGE"], 0
    with django_db_blocker.unblock():
        server = LiveServer("localhost")
        identity = DemoIdentity(folder / "identity", server.url)
        identity.start()
        with override_settings(**_settings(folder, server.url, fake, identity)):
            cache.clear()
            built = _in_a_thread(city.build, fake)
            opened = House(chromium, server.url, built, guests={fake.url, identity.url})
            got_request_exception.connect(opened.note_fault)
            yield opened
            got_request_exception.disconnect(opened.note_fault)
            opened.close()
        server.stop()
        call_command("flush", verbosity=0, interactive=False)
    database["CONN_MAX_AGE"] = kept
    identity.stop()
    fake.stop()


def _settings(folder: pathlib.Path, url: str, fake: FakeStripe, identity: DemoIdentity) -> dict[str, Any]:
    policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["form-action"] = ["'self'", fake.url, identity.url]
    return PATIENCE | {
        "ROOT_URLCONF": "tests.browser.pages.addresses",
        "FILE_STORE": folder / "files",
        "PUBLIC_URL": url,
        "CONTENT_SECURITY_POLICY": policy,
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_WEBHOOK_SECRETS": [SECRET],
        "STRIPE_API_BASE": fake.url,
        "SAML_KEY_FILE": identity.folder.key("portal"),
        "SAML_CERTIFICATE_FILE": identity.folder.certificate("portal"),
        "SAML_METADATA": {name: identity.folder.metadata(name) for name in keys.PROVIDERS},
    }


def _in_a_thread(act, *arguments):
    """Away from the browser's event loop: sealing needs one of its own, and database connections are per thread."""

    def turn():
        try:
            return act(*arguments)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(turn).result()
