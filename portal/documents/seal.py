"""The electronic seal of the city: PAdES baseline B (ETSI EN 319 142-1), certifying, no changes allowed afterwards.

A soft key makes an advanced seal. Only a qualified one of a trust service replaces written form (VwVfG section 3a): for
that another Sealer takes the place of soft_seal.SoftSealer, its dotted path stands in settings.SEALER.

verify() reads untrusted files. It never parses the PDF: it looks for the signature's byte range and checks that these
bytes are the ones a pinned certificate signed, so neither a broken nor a malicious file can lead it astray.
"""

import datetime as dt
import functools
import hashlib
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from django.utils.module_loading import import_string

from portal.documents import seal_key

DIGEST = "sha256"
MAX_CANDIDATES = 8  # our files have one byte range; a hostile one could have thousands
_NUMBER = rb"\s{1,9}(\d{1,10})"
_BYTE_RANGE = re.compile(rb"/ByteRange\s{0,9}\[\s{0,9}(\d{1,10})" + 3 * _NUMBER + rb"\s{0,9}\]")
_STATED_TIME = re.compile(rb"/M\s{0,9}\(D(?::|\\072)(\d{14})Z\)")


class Sealer(Protocol):
    """Anything that can seal: a key file, a hardware module, a remote trust service."""

    def seal(self, pdf: bytes, *, reason: str, at: dt.datetime) -> bytes:
        """The same document with a certifying seal appended. `at` is aware and becomes the stated time.

        Raises SealUnavailable.
        """
        ...


class SealUnavailable(Exception):
    """Whoever holds the key cannot seal just now; later they may. The German message holds no content."""


@dataclass(frozen=True)
class Verdict:
    """valid: exactly the bytes we once sealed. Bytes added later make it False and covers_whole_file False."""

    valid: bool
    signer: str = ""
    signed_at: dt.datetime | None = None
    covers_whole_file: bool = False


def get_sealer() -> Sealer:
    """The sealer of this installation, kept for the life of the process. Raises seal_key.SealKeyError."""
    return _sealer(settings.SEALER, settings.SEAL_KEY_FILE, settings.SEAL_PASSWORD)


@functools.cache
def _sealer(dotted: str, key_file: Path | None, password: str) -> Sealer:
    made: Sealer = import_string(dotted)(key_file, password)
    return made


def verify(pdf: bytes) -> Verdict:
    """Whether these bytes are exactly what a seal of ours was put on. Never raises, whatever the bytes are."""
    for match in islice(_BYTE_RANGE.finditer(pdf), MAX_CANDIDATES):
        start, before, after, rest = (int(number) for number in match.groups())
        if start or not before < after <= after + rest <= len(pdf):
            continue
        try:
            sealed_by = _signer_of(pdf[:before], pdf[before:after], pdf[after : after + rest])
        except (ValueError, TypeError, LookupError, UnsupportedAlgorithm):
            continue  # not a CMS object, or one that contradicts itself
        if sealed_by is None:
            continue
        at = _stated_time(pdf[pdf.rfind(b" obj", 0, before) : before] + pdf[after : after + 2000])
        whole = after + rest == len(pdf)
        if at and not sealed_by.not_valid_before <= at <= sealed_by.not_valid_after:
            continue
        return Verdict(whole and at is not None, sealed_by.subject.native["common_name"], at, whole)
    return Verdict(False)


def _signer_of(head: bytes, gap: bytes, tail: bytes) -> asn1_x509.Certificate | None:
    """The trusted certificate whose key signed head + tail with the CMS object in the gap; None if none did."""
    # Loaded for the first file that is checked: pyHanko takes a second, and most processes never need it.
    from pyhanko.sign.validation.errors import SignatureValidationError  # noqa: PLC0415
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity  # noqa: PLC0415

    content = cms.ContentInfo.load(bytes.fromhex(gap[1:-1].decode("ascii")))
    embedded = content["content"]["certificates"]
    (info,) = content["content"]["signer_infos"]
    digest = hashlib.sha256(head)
    digest.update(tail)
    for certificate in seal_key.trusted():
        # Only as we write it, filled up with zeros: parts that no signature covers are no place to hide anything.
        ours = _container(certificate, embedded, info).hex().upper()
        if gap != f"<{ours.ljust(len(gap) - 2, '0')}>".encode():
            continue
        try:
            if validate_sig_integrity(info, certificate, "data", digest.digest()) == (True, True):
                return certificate
        except SignatureValidationError:
            continue  # an attribute is missing or doubled
    return None


def _container(certificate: asn1_x509.Certificate, embedded: cms.CertificateSet, info: cms.SignerInfo) -> bytes:
    """The CMS object as our seals have it, around the signed attributes and the signature of another one."""
    others = [choice for choice in embedded if choice.chosen.issuer_serial != certificate.issuer_serial]
    sid = cms.IssuerAndSerialNumber({"issuer": certificate.issuer, "serial_number": certificate.serial_number})
    mechanism = "sha256_ecdsa" if certificate.public_key.algorithm == "ec" else "sha256_rsa"
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier({"issuer_and_serial_number": sid}),
        "digest_algorithm": {"algorithm": DIGEST},
        "signed_attrs": info["signed_attrs"].untag(),
        "signature_algorithm": {"algorithm": mechanism},
        "signature": info["signature"],
    }
    content = {
        "version": "v1",
        "digest_algorithms": [{"algorithm": DIGEST}],
        "encap_content_info": {"content_type": "data"},
        "certificates": [cms.CertificateChoices({"certificate": certificate}), *others],
        "signer_infos": [signer],
    }
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(content)}).dump())


def _stated_time(dictionary: bytes) -> dt.datetime | None:
    """The /M entry of the signature dictionary (ISO 32000-1, 7.9.4); covered by the signature like all the rest."""
    match = _STATED_TIME.search(dictionary)
    if match is None:
        return None
    return dt.datetime.strptime(match[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=dt.UTC)
