"""Metadata in both directions: ours are signed and name all keys; a provider's new ones must be signed by itself."""

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from lxml import etree

from portal.accounts.identity import decryption, metadata, providers, saml, schema, signatures
from portal.accounts.identity.demo import keys
from portal.accounts.identity.providers import BadMetadata
from portal.accounts.identity.signatures import ENTITY, NODE_NAMES
from portal.accounts.identity.xmlsec import sign
from portal.audit.models import AuditEntry
from portal.checks import nothing_runs_out
from portal.common import clock
from tests.portal.accounts.identity.peer import ORIGIN

MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
NEXT_YEAR = "2027-12-31T00:00:00Z"


@pytest.fixture
def mine(providers_on, settings, tmp_path):
    """BayernID's metadata in a file that may be replaced."""
    path = tmp_path / "bayernid.xml"
    path.write_bytes(providers_on.metadata("bayernid").read_bytes())
    settings.SAML_METADATA = {"bayernid": path, "bundid": None}
    return path


@pytest.fixture
def new_keys(tmp_path):
    return keys.prepare(tmp_path / "new", ORIGIN)


def _signed(folder, text: str, signer: str = "bayernid") -> bytes:
    root = etree.fromstring(text.encode())
    root.set("ID", "_new")
    root.insert(0, etree.fromstring(str(saml.signature_template("_new"))))
    return sign(etree.tostring(root), folder.key(signer), NODE_NAMES[ENTITY], "_new")


@pytest.fixture
def offered(providers_on, new_keys, tmp_path):
    """What BayernID hands out before it changes its key: both keys, signed with the old one."""

    def write(signer=providers_on, edit=lambda text: text, name="bayernid"):
        old, new = (folder.metadata("bayernid").read_text() for folder in (providers_on, new_keys))
        key = new[new.index("<KeyDescriptor") : new.index("</KeyDescriptor>") + len("</KeyDescriptor>")]
        file = tmp_path / "offered.xml"
        file.write_bytes(_signed(signer, edit(old.replace("<KeyDescriptor", key + "<KeyDescriptor", 1)), name))
        return file

    return write


def _run(*arguments) -> str:
    out = io.StringIO()
    call_command("identity_metadata", *arguments, stdout=out)
    return out.getvalue()


def test_a_provider_announces_its_next_key_and_both_are_believed(db, mine, offered, client):
    assert "neues Zertifikat" in _run("bayernid", offered())
    assert len(providers.get("bayernid").peer.certificates) == 2
    assert AuditEntry.objects.get().action == "identity.metadata_installed"


def test_the_check_shows_the_change_and_leaves_the_file(mine, offered):
    before = mine.read_bytes()
    file = offered(edit=lambda text: text.replace("/bayernid/anmelden", "/neu/anmelden"))
    said = _run("bayernid", file, "--check")
    assert "Adresse (HTTP-Redirect)" in said and "Nichts geändert" in said
    assert mine.read_bytes() == before


@pytest.mark.slow
def test_once_the_old_key_is_gone_the_new_one_signs(db, mine, offered, new_keys, tmp_path):
    _run("bayernid", offered())
    file = tmp_path / "last.xml"
    file.write_bytes(_signed(new_keys, new_keys.metadata("bayernid").read_text()))
    assert "fällt weg" in _run("bayernid", file)
    assert "Es ändert sich nichts." in _run("bayernid", file, "--check")


@pytest.mark.slow
def test_a_signer_told_by_another_way_is_believed(db, mine, offered, new_keys, providers_on):
    file = offered(signer=providers_on, name="bundid")
    assert _run("bayernid", file, "--signer", providers_on.certificate("bundid"))


@pytest.mark.sample(5)
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "bundid"}, "nicht so unterschrieben"),
        ({"edit": lambda text: text.replace("/bayernid/metadaten", "/bundid/metadaten")}, "gehört zu"),
        (
            {"edit": lambda text: text.replace(" entityID", ' validUntil="2020-01-01T00:00:00Z" entityID')},
            "gilt nur bis",
        ),
        ({"edit": lambda text: text.replace(" entityID", ' validUntil="immer" entityID')}, "kein Zeitpunkt"),
        ({"edit": lambda text: text.replace("</IDPSSODescriptor>", "<Odd/></IDPSSODescriptor>")}, "schema"),
    ],
)
def test_what_is_not_the_providers_own_word_is_refused(mine, offered, changes, sentence):
    before = mine.read_bytes()
    with pytest.raises(CommandError, match=sentence):
        _run("bayernid", offered(**changes))
    assert mine.read_bytes() == before


def test_unsigned_and_changed_files_are_refused(mine, offered, providers_on, tmp_path):
    file = offered()
    for content in (providers_on.metadata("bayernid").read_bytes(), file.read_bytes().replace(b"/anmelden", b"/boese")):
        file.write_bytes(content)
        with pytest.raises(CommandError, match="nicht so unterschrieben"):
            _run("bayernid", file)


@pytest.mark.parametrize("content", [b"", b"<a/>", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'])
def test_files_that_are_no_metadata_are_refused(mine, tmp_path, content):
    file = tmp_path / "x.xml"
    file.write_bytes(content)
    with pytest.raises(CommandError):
        _run("bayernid", file)
    with pytest.raises(CommandError):
        _run("bayernid", tmp_path / "nirgends.xml")


def test_metadata_that_have_ended_are_not_used(mine, offered):
    mine.write_bytes(
        offered(edit=lambda text: text.replace(" entityID", f' validUntil="{NEXT_YEAR}" entityID')).read_bytes()
    )
    peer = providers.get("bayernid").peer
    assert peer.valid_until == dt.datetime(2027, 12, 31, tzinfo=dt.UTC)
    with clock.frozen(peer.valid_until), pytest.raises(BadMetadata, match="gilt nur bis"):
        assert providers.get("bayernid").peer


def test_what_runs_out_is_said_thirty_days_before(mine, settings):
    assert metadata.running_out(keys.FOREVER[1] - dt.timedelta(days=31)) == []
    assert _run() == "In den nächsten 30 Tagen läuft nichts ab.\n"
    with clock.frozen(keys.FOREVER[1] - dt.timedelta(days=29)):
        assert [warning.id for warning in nothing_runs_out(None)] == ["portal.W001", "portal.W001"]
        with pytest.raises(CommandError, match="Unser Zertifikat läuft ab am"):
            _run()


# --- ours -------------------------------------------------------------------------------------------------------------


def test_ours_are_signed_and_fit_the_schema(client, bayernid):
    raw = client.get("/konto/identitaet/metadaten/").content
    assert schema.fits(etree.fromstring(raw))
    signatures.check_metadata(raw, tuple(saml.certificates()))


@pytest.mark.slow
def test_ours_name_both_keys_while_they_are_exchanged(client, bayernid, settings, new_keys):
    settings.SAML_OTHER_KEY_FILE = new_keys.key("portal")
    settings.SAML_OTHER_CERTIFICATE_FILE = new_keys.certificate("portal")
    root = etree.fromstring(client.get("/konto/identitaet/metadaten/").content)
    uses = [key.get("use") for key in root.iter(f"{MD}KeyDescriptor")]
    assert uses == ["signing", "signing", "encryption", "encryption"]
    methods = {node.get("Algorithm") for node in root.iter(f"{MD}EncryptionMethod")}
    assert methods == {f"{decryption.XENC11}aes256-gcm", decryption.OAEP_SHA1_MASK}


def test_without_our_key_there_are_none(client, bayernid, settings):
    settings.SAML_KEY_FILE = None
    assert client.get("/konto/identitaet/metadaten/").status_code == 404
