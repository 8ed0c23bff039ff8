"""The seal of a hardware module: SoftHSM is one that needs no hardware. The key is in it, not in a file of ours."""

import datetime as dt
import functools
import os
import pathlib
import shutil
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from portal.documents import render, seal, seal_key
from portal.documents.seal import SealUnavailable
from tests.portal.documents import samples
from tests.portal.documents.test_remote_seal import AT

LIBRARY = pathlib.Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "1234"
pytestmark = pytest.mark.skipif(not LIBRARY.exists(), reason="SoftHSM fehlt: apt-get install softhsm2")


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    """An empty token; the library reads its place once, when a process opens it first."""
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    util("--init-token", "--free", "--label", "siegel", "--so-pin", PIN)
    yield folder
    del os.environ["SOFTHSM2_CONF"]


def util(*arguments: str) -> None:
    program = shutil.which("softhsm2-util")
    subprocess.run([program, *arguments, "--pin", PIN], check=True, capture_output=True)


@functools.cache
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@functools.cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


KINDS = {"ec": ec_key, "rsa": rsa_key}


def certificate(key: seal_key.PrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Siegel im Modul")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(dt.datetime(2026, 1, 1)).not_valid_after(dt.datetime(2036, 1, 1))
    return made.sign(key, hashes.SHA256())


@pytest.fixture(params=list(KINDS))
def module(request, tokens, settings, tmp_path):
    """A module that holds a key of this kind."""
    key = KINDS[request.param]()
    plain = tmp_path / "key.pem"
    plain.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    if not (done := tokens / request.param).exists():
        number = {"ec": "01", "rsa": "02"}[request.param]
        util("--import", str(plain), "--token", "siegel", "--label", request.param, "--id", number)
        done.touch()
    settings.SEAL_CERTIFICATES = tmp_path / "siegel.pem"
    settings.SEAL_CERTIFICATES.write_bytes(certificate(key).public_bytes(Encoding.PEM))
    settings.SEALER, settings.SEAL_KEY_FILE = "portal.documents.hardware_seal.HardwareSealer", None
    settings.SEAL_MODULE, settings.SEAL_SLOT, settings.SEAL_CREDENTIAL = LIBRARY, "siegel", request.param
    settings.SEAL_PASSWORD = PIN
    seal._sealer.cache_clear()
    yield settings
    seal.get_sealer()._signer._close()
    seal._sealer.cache_clear()


def test_a_seal_of_the_module_holds_and_keeps_the_standards(module):
    sealer = seal.get_sealer()
    for _ in range(2):  # the second uses the session that the first has opened
        done = sealer.seal(samples.small(), reason="Bescheid", at=AT)
        assert seal.verify(done).valid and render.check_pdf(done) == []


def test_a_missing_key_is_told_as_out_of_order_and_the_next_try_begins_anew(module):
    right, module.SEAL_CREDENTIAL = module.SEAL_CREDENTIAL, "gibt-es-nicht"
    with pytest.raises(SealUnavailable):
        seal.get_sealer().seal(samples.small(), reason="Bescheid", at=AT)
    module.SEAL_CREDENTIAL = right
    assert seal.verify(seal.get_sealer().seal(samples.small(), reason="Bescheid", at=AT)).valid
