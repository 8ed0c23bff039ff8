"""A seal says who, when and what; one changed byte anywhere breaks it; no file can upset the check."""

import datetime as dt
import io
import os
import subprocess
import sys
import time

import pikepdf
import pytest
from asn1crypto import pem
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from portal.documents import render, seal, seal_key
from tests.portal.documents import samples

AT = dt.datetime(2026, 3, 2, 10, 15, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))


@pytest.fixture(scope="module")
def letter():
    return samples.rendered(samples.receipt)


@pytest.fixture(scope="module")
def sealed(letter):
    return seal.get_sealer().seal(letter, reason="Eingangsbestätigung", at=AT)


@pytest.fixture
def another_key(settings, tmp_path):
    settings.SEAL_KEY_FILE = tmp_path / "keys" / "siegel.p12"
    return settings


def test_a_seal_says_who_and_when(sealed):
    assert seal.verify(sealed) == seal.Verdict(True, seal_key.DEMO_NAME, AT, True)


def test_the_sealed_file_keeps_both_standards_and_all_it_was_made_of(letter, sealed):
    assert render.check_pdf(sealed) == []
    assert sealed.startswith(letter)


def test_another_library_finds_a_certification_that_allows_no_change(sealed):
    signature = PdfFileReader(io.BytesIO(sealed)).embedded_signatures[0]
    trust = ValidationContext(trust_roots=list(seal_key.trusted()), moment=AT)
    status = validate_pdf_signature(signature, trust)
    assert status.bottom_line
    assert status.docmdp_ok
    assert status.coverage.name == "ENTIRE_FILE"
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.docmdp_level.name == "NO_CHANGES"


@pytest.mark.slow
@hypothesis_settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_one_changed_byte_anywhere_breaks_it(sealed, data):
    gap = sealed.rindex(b"/Contents <")
    index = data.draw(st.integers(0, len(sealed) - 1) | st.integers(gap, len(sealed) - 1))
    changed = bytearray(sealed)
    changed[index] ^= data.draw(st.integers(1, 255))
    assert not seal.verify(bytes(changed)).valid


def test_something_added_later_is_told(sealed):
    longer = seal.verify(sealed + b"\n1 0 obj <<>> endobj\n")
    assert (longer.valid, longer.covers_whole_file) == (False, False)
    assert longer.signer == seal_key.DEMO_NAME
    grown = io.BytesIO()
    with pikepdf.open(io.BytesIO(sealed)) as file:
        file.save(grown)
    assert not seal.verify(grown.getvalue()).valid


def test_what_was_never_sealed_is_not_valid(letter):
    assert seal.verify(letter) == seal.Verdict(False)
    assert seal.verify(b"") == seal.Verdict(False)


def test_a_seal_of_a_stranger_is_not_ours(letter, another_key, sealed):
    assert not seal.verify(sealed).valid
    assert seal.verify(seal.get_sealer().seal(letter, reason="x", at=AT)).valid


def test_seals_of_earlier_keys_stay_good(letter, sealed, another_key, tmp_path):
    earlier = tmp_path / "seals.pem"
    another_key.SEAL_KEY_FILE, now = seal_key_file_of_the_demo(), another_key.SEAL_KEY_FILE
    earlier.write_bytes(pem.armor("CERTIFICATE", seal_key.trusted()[0].dump()))
    another_key.SEAL_KEY_FILE, another_key.SEAL_CERTIFICATES = now, earlier
    assert seal.verify(sealed).valid
    another_key.SEAL_KEY_FILE = None  # a web process that may check but not seal
    assert seal.verify(sealed).valid


def seal_key_file_of_the_demo():
    from portal.settings import SEAL_KEY_FILE

    return SEAL_KEY_FILE


def test_a_seal_outside_the_life_of_its_certificate_is_not_valid(letter):
    late = seal.get_sealer().seal(letter, reason="x", at=dt.datetime(2101, 1, 1, tzinfo=dt.UTC))
    assert not seal.verify(late).valid


def test_an_rsa_key_with_a_chain_seals_too(letter, another_key):
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "RSA-Siegel")])
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Aussteller")])

    def certificate(subject, issued_by):
        start, end = dt.datetime(2020, 1, 1), dt.datetime(2090, 1, 1)
        serial = x509.random_serial_number()
        builder = x509.CertificateBuilder(issued_by, subject, key.public_key(), serial, start, end)
        return builder.sign(key, hashes.SHA256())

    another_key.SEAL_KEY_FILE.parent.mkdir()
    another_key.SEAL_KEY_FILE.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"x", key, certificate(name, issuer), [certificate(issuer, issuer)], BestAvailableEncryption(b"demo")
        )
    )
    made = seal.get_sealer().seal(letter, reason="x", at=AT)
    assert seal.verify(made).signer == "RSA-Siegel"
    assert seal.verify(made).valid
    assert render.check_pdf(made) == []


@pytest.mark.slow
def test_no_stream_of_the_seal_ends_ambiguously():
    pdf = samples.small()
    for number in range(60):
        made = seal.get_sealer().seal(pdf + b"\n" * number, reason="x", at=AT)
        assert b"\r\nendstream" not in made[len(pdf) :]


hostile = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [
                b"/ByteRange [0 9 ",
                b"99]",
                b"0",
                b" 30 5]",
                b"<",
                b">",
                b"00",
                b"30820",
                b"/M (D:20261399999999Z)",
                b" obj",
                b" ",
            ]
        ),
        max_size=40,
    ).map(b"".join),
)


@pytest.mark.slow
@hypothesis_settings(deadline=None, max_examples=200)
@given(junk=hostile, cut=st.integers(0, 5000), more=st.binary(max_size=60))
def test_no_file_upsets_the_check(sealed, junk, cut, more):
    assert not seal.verify(junk).valid
    gap = sealed.rindex(b"/Contents <") + 11
    broken = sealed[:gap] + more.hex().upper().encode() + sealed[gap + 2 * len(more) :]
    assert broken == sealed or not seal.verify(broken).valid
    assert not seal.verify(sealed[: len(sealed) - cut - 1]).valid


def test_a_file_of_ten_megabytes_of_byte_ranges_is_done_quickly():
    start = time.monotonic()
    seal.verify(b"/ByteRange [0 10 20 30]<00>" * 370_000)
    assert time.monotonic() - start < 3


def test_deeply_nested_signature_containers_do_not_end_the_process():
    bomb = "30820fff" * 4000
    head = b"%PDF /ByteRange [0 0000000060 0000032070 00000000]".ljust(60)
    seal.verify(head + b"<" + bomb.encode() + b"0" * 8 + b">")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"SEAL_KEY_FILE": None}, "PORTAL_SEAL_KEY_FILE fehlt"),
        ({"SEAL_PASSWORD": "falsch"}, "PORTAL_SEAL_PASSWORD"),
        ({"DEMO": False}, "nicht lesbar"),
    ],
)
def test_a_key_that_cannot_be_used_says_what_to_set(another_key, change, sentence):
    if "SEAL_PASSWORD" in change:
        seal.get_sealer()
    for name, value in change.items():
        setattr(another_key, name, value)
    with pytest.raises(seal_key.SealKeyError, match=sentence):
        seal.get_sealer()


@pytest.mark.slow
def test_the_demo_key_is_made_once_even_when_processes_race(another_key, tmp_path):
    code = (
        "import django; django.setup()\nfrom portal.documents import seal_key as k\nprint(k.trusted()[0].serial_number)"
    )
    environment = {
        **os.environ,
        "PORTAL_SEAL_KEY_FILE": str(tmp_path / "race" / "siegel.p12"),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    runs = [subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    assert len({run.communicate()[0] for run in runs}) == 1
    assert [path.name for path in (tmp_path / "race").iterdir()] == ["siegel.p12"]
    assert (tmp_path / "race" / "siegel.p12").stat().st_mode & 0o777 == 0o600
