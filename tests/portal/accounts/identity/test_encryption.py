"""Encrypted assertions: opened with either of our keys, and whoever tampers learns nothing, not even by waiting."""

import base64
import os
import re
import shutil

import pytest
from lxml import etree

from portal.accounts.identity import actions
from portal.accounts.identity.decryption import OAEP_ANY, XENC, XENC11
from portal.accounts.identity.demo import keys
from portal.accounts.identity.models import ExternalIdentity
from portal.accounts.identity.refusal import Refused
from portal.audit.models import AuditEntry
from tests.portal.accounts.identity.attacks import ATTACKS, FORGED, GENUINE
from tests.portal.accounts.identity.envelopes import CBC_256, GOOD, RSA_1_5, Packing, pack, sign
from tests.portal.accounts.identity.peer import ORIGIN

ENCRYPTED = b"EncryptedAssertion"


@pytest.fixture
def lenient(bayernid, settings):
    """BayernID signs the assertion only: whatever stands around it is the attacker's."""
    settings.SAML_SIGNED = {"bayernid": "assertion"}
    return bayernid


@pytest.fixture
def question(client, bayernid):
    return bayernid.ask(client)


def _honest(peer, question) -> bytes:
    return peer.signed(peer.told(question[0].request_id))


def _reason(peer, document: bytes, relay: str) -> str:
    with pytest.raises(Refused) as refused:
        actions.answer(peer.provider, base64.b64encode(document).decode(), relay)
    return refused.value.reason


# --- what is opened ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.slow
def test_an_encrypted_answer_signs_in(client, bayernid, question, name):
    document = sign(bayernid, pack(bayernid, _honest(bayernid, question), packing=GOOD[name]))
    assert ENCRYPTED in document and GENUINE not in document
    assert bayernid.send(client, document, question[1]).status_code == 200
    assert ExternalIdentity.objects.get().subject == GENUINE.decode()


def test_the_key_may_stand_beside_the_data(client, lenient, question):
    root = etree.fromstring(pack(lenient, _honest(lenient, question)))
    data, key = root.find(f".//{{{XENC}}}EncryptedData"), root.find(f".//{{{XENC}}}EncryptedKey")
    data.remove(key.getparent())
    data.addnext(key)
    assert lenient.send(client, etree.tostring(root), question[1]).status_code == 200


@pytest.mark.slow
def test_while_keys_are_exchanged_both_open(client, lenient, settings, tmp_path):
    other = keys.prepare(tmp_path / "other", ORIGIN)
    settings.SAML_OTHER_KEY_FILE, settings.SAML_OTHER_CERTIFICATE_FILE = (
        other.key("portal"),
        other.certificate("portal"),
    )
    for certificate in (other.certificate("portal"), lenient.folder.certificate("portal")):
        question = lenient.ask(client)
        document = pack(lenient, _honest(lenient, question), certificate)
        assert lenient.send(client, document, question[1]).status_code == 200
        client.logout()


@pytest.mark.slow
def test_after_the_exchange_the_old_key_opens_nothing(lenient, question, tmp_path):
    other = keys.prepare(tmp_path / "other", ORIGIN).certificate("portal")
    assert _reason(lenient, pack(lenient, _honest(lenient, question), other), question[1]) == "decryption"


@pytest.mark.slow
def test_a_mode_that_does_not_notice_changes_needs_a_setting_and_a_signature_around_it(
    client, bayernid, question, settings
):
    inside = pack(bayernid, _honest(bayernid, question), packing=Packing(CBC_256))
    assert _reason(bayernid, sign(bayernid, inside), question[1]) == "weak_encryption"
    settings.SAML_CBC, settings.SAML_SIGNED = ["bayernid"], {"bayernid": "assertion"}
    assert _reason(bayernid, inside, question[1]) == "weak_encryption"
    assert bayernid.send(client, sign(bayernid, inside), question[1]).status_code == 200


# --- what is refused --------------------------------------------------------------------------------------------------


def _values(document: bytes) -> list[bytes]:
    """Base64 of the wrapped key and of the data."""
    return re.findall(rb"CipherValue>([^<]+)<", document)


def _flipped(document: bytes, number: int) -> bytes:
    """One bit of the wrapped key (0) or of the data (1) changed."""
    values = _values(document)
    sealed = bytearray(base64.b64decode(values[number]))
    sealed[-20] ^= 1
    return document.replace(values[number], base64.b64encode(bytes(sealed)))


def _packed(change=lambda plain: plain, **packing):
    return lambda peer, honest: pack(peer, honest, packing=Packing(**packing), edit=change)


def _doubled(peer, honest):
    root = etree.fromstring(pack(peer, honest))
    root.append(etree.fromstring(etree.tostring(root[-1])))
    return etree.tostring(root)


def _both_kinds(peer, honest):
    root, clear = etree.fromstring(pack(peer, honest)), etree.fromstring(honest.replace(GENUINE, FORGED))
    root.append(clear[-1])
    return etree.tostring(root)


def _second_key(peer, honest):
    root = etree.fromstring(pack(peer, honest))
    key = root.find(f".//{{{XENC}}}EncryptedKey")
    key.addnext(etree.fromstring(etree.tostring(key)))
    return etree.tostring(root)


def _bare(plain: bytes) -> bytes:
    root = etree.fromstring(plain)
    root.remove(root[1])
    return etree.tostring(root)


def _around(plain: bytes) -> bytes:
    """A forged assertion that holds the genuine one."""
    return _bare(plain.replace(GENUINE, FORGED)).replace(b"</ns1:Assertion>", plain + b"</ns1:Assertion>")


def _shortened(peer, honest):
    document = pack(peer, honest)
    return document.replace(_values(document)[1], b"AAAA")


def _elsewhere(peer, honest):
    reference = rb'<\1CipherReference URI="http://127.0.0.1:9/x"/>'
    return re.sub(rb"<(\w+:)CipherValue>[^<]+</\w+:CipherValue>", reference, pack(peer, honest))


TAMPERED = {
    "data changed": (lambda peer, honest: _flipped(pack(peer, honest), 1), "decryption"),
    "key changed": (lambda peer, honest: _flipped(pack(peer, honest), 0), "decryption"),
    "data too short": (_shortened, "decryption"),
    "key of another length": (_packed(length=16), "decryption"),
    "not XML": (_packed(lambda plain: b"Hallo"), "malformed"),
    "nothing": (_packed(lambda plain: b""), "malformed"),
    "entities inside": (_packed(lambda plain: b'<!DOCTYPE x [<!ENTITY e "x">]>' + plain), "doctype"),
    "comment inside": (_packed(lambda plain: plain.replace(GENUINE, b"demo<!-- -->alice")), "comment"),
    "changed before encryption": (_packed(lambda plain: plain.replace(GENUINE, FORGED)), "signature"),
    "not signed inside": (_packed(_bare), "assertion_unsigned"),
    "two inside": (_packed(lambda plain: b"<x>" + plain * 2 + b"</x>"), "assertion_count"),
    "forged one around the genuine one": (_packed(_around), "number_twice"),
    "a response inside": (_packed(lambda plain: b"<x>" + plain + b"</x>"), "assertion_count"),
    "odd element inside": (_packed(lambda plain: plain.replace(b"<ns1:Subject>", b"<x/><ns1:Subject>")), "schema"),
    "two envelopes": (_doubled, "assertion_count"),
    "one in clear beside it": (_both_kinds, "assertion_count"),
    "two keys": (_second_key, "encryption_shape"),
    "key by PKCS 1 1.5": (_packed(wrap=RSA_1_5), "weak_encryption"),
    "cipher that nobody knows": (_packed(method="urn:x"), "weak_encryption"),
    "mask that nobody knows": (
        lambda peer, honest: pack(peer, honest, packing=Packing(wrap=OAEP_ANY, mask=f"{XENC11}mgf1sha256")).replace(
            b"mgf1sha256", b"mgf1md5"), "weak_encryption"),
    "data elsewhere": (_elsewhere, "encryption_shape"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
@pytest.mark.sample(25)
def test_a_tampered_envelope_is_refused(lenient, question, name):
    forge, reason = TAMPERED[name]
    document = forge(lenient, _honest(lenient, question))
    assert _reason(lenient, document, question[1]) == reason
    assert not ExternalIdentity.objects.exists()


ODD = {name for name, (_, reason) in ATTACKS.items() if reason in ("malformed", "doctype", "comment", "too_large")}
WRAPPABLE = sorted(set(ATTACKS) - ODD - {"response_not_signed", "a_question_as_an_answer", "nobody_asked"})


@pytest.mark.parametrize("name", WRAPPABLE)
@pytest.mark.sample(48)
def test_a_forged_answer_is_refused_with_its_assertions_encrypted(lenient, question, name):
    forged = ATTACKS[name][0](lenient, question[0])
    assert _reason(lenient, pack(lenient, forged), question[1])


@pytest.mark.parametrize("name", WRAPPABLE)
@pytest.mark.sample(48)
def test_a_forged_answer_is_refused_where_only_the_assertion_must_be_signed(lenient, question, name):
    root = etree.fromstring(ATTACKS[name][0](lenient, question[0]))
    for signature in root.findall("{http://www.w3.org/2000/09/xmldsig#}Signature"):
        root.remove(signature)
    assert _reason(lenient, etree.tostring(root), question[1])


def test_where_only_the_assertion_must_be_signed_it_alone_is_enough(client, lenient, question):
    document = ATTACKS["response_not_signed"][0](lenient, question[0])
    assert lenient.send(client, document, question[1]).status_code == 200


def test_a_signature_that_need_not_be_there_must_still_fit(lenient, question):
    document = _honest(lenient, question).replace(b"status:Success", b"status:Success ")
    assert _reason(lenient, document, question[1]) == "signature"


def test_a_signed_response_never_stands_in_for_a_signed_assertion(lenient, question):
    document = ATTACKS["assertion_not_signed"][0](lenient, question[0])
    assert _reason(lenient, document, question[1]) == "assertion_unsigned"


# --- nothing to learn -------------------------------------------------------------------------------------------------


@pytest.fixture
def processes(tmp_path, monkeypatch):
    """How often xmlsec1 was started: a script before it in the path counts."""
    folder, log = tmp_path / "bin", tmp_path / "log"
    folder.mkdir()
    script = folder / "xmlsec1"
    script.write_text(f'#!/bin/sh\necho x >> "{log}"\nexec "{shutil.which("xmlsec1")}" "$@"\n', encoding="ascii")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return lambda: log.read_text(encoding="ascii").count("x") if log.exists() else 0


SAME_WORK = ("data changed", "key changed", "key of another length", "not XML", "not signed inside", "two inside",
             "changed before encryption")  # fmt: skip


@pytest.mark.slow
def test_what_cannot_be_opened_costs_the_same_and_shows_the_same_as_a_wrong_signature(
    client, lenient, question, processes
):
    honest, seen = _honest(lenient, question), set()
    for name in SAME_WORK:
        document, before = TAMPERED[name][0](lenient, honest), processes()
        response = lenient.send(client, document, question[1])
        seen.add((processes() - before, response.status_code, response.content))
    assert len(seen) == 1
    assert {entry.data["reason"] for entry in AuditEntry.objects.all()} >= {"decryption", "signature", "malformed"}


def test_nothing_of_an_opened_assertion_is_written_to_the_log(client, lenient, question, caplog):
    lenient.send(client, TAMPERED["changed before encryption"][0](lenient, _honest(lenient, question)), question[1])
    assert FORGED.decode() not in caplog.text and "BEGIN" not in caplog.text


@pytest.mark.slow
def test_the_demos_bundid_encrypts(bundid, client):
    question, relay = bundid.ask(client)
    document = bundid.signed(bundid.told(question.request_id), encrypt_for=bundid.folder.certificate("portal"))
    assert ENCRYPTED in document
    assert bundid.send(client, document, relay).status_code == 200
