import pytest

from portal.accounts.identity.demo import keys
from tests.portal.accounts.identity.peer import ORIGIN, Peer


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory):
    return keys.prepare(tmp_path_factory.mktemp("identity"), ORIGIN)


@pytest.fixture
def providers_on(settings, key_folder):
    """BayernID and BundID are configured."""
    settings.SAML_KEY_FILE = key_folder.key("portal")
    settings.SAML_CERTIFICATE_FILE = key_folder.certificate("portal")
    settings.SAML_METADATA = {name: key_folder.metadata(name) for name in keys.PROVIDERS}
    return key_folder


@pytest.fixture
def bayernid(providers_on, db) -> Peer:
    return Peer("bayernid", providers_on)


@pytest.fixture
def bundid(providers_on, db) -> Peer:
    return Peer("bundid", providers_on)
