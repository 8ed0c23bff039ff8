"""What portal.documents.seal says, done with pyHanko; and the seal with a key file."""

import asyncio
import datetime as dt
import io
from pathlib import Path

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, Signer, SimpleSigner
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.documents import seal_key
from portal.documents.seal import DIGEST

FIELD = "Siegel"
_AMBIGUOUS_END = b"\r\nendstream"


class _CachedKeySigner(SimpleSigner):
    """pyHanko loads and checks the private key anew for each signature: most of the time of a seal. This keeps it."""

    def __init__(self, key: seal_key.PrivateKey, chain: list[asn1_x509.Certificate]):
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko leaves it untyped
        store.register_multiple(chain[1:])  # our own is added as the signer's
        encoded = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        super().__init__(signing_cert=chain[0], signing_key=keys.PrivateKeyInfo.load(encoded), cert_registry=store)
        self._ready = key

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        if digest_algorithm != DIGEST:
            raise SigningError(f"This signer is set up for {DIGEST}.")
        if isinstance(self._ready, ec.EllipticCurvePrivateKey):
            return self._ready.sign(data, ec.ECDSA(hashes.SHA256()))
        return self._ready.sign(data, padding.PKCS1v15(), hashes.SHA256())


def fits(public: object, signature: bytes, data: bytes) -> bool:
    """Whether a signature with SHA-256, made elsewhere, is one of this public key over the data."""
    try:
        match public:
            case ec.EllipticCurvePublicKey():
                public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
            case rsa.RSAPublicKey():
                public.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
            case _:
                return False
    except InvalidSignature:
        return False
    return True


class _SealWriter(IncrementalPdfFileWriter):
    """Appends the seal and nothing else: rewritten metadata would lose the form in which PDF/A wants them."""

    def _update_meta(self) -> None:
        pass


# Outside the page, because PDF/UA wants fields on it tagged and PDF/A forbids to hide them.
_INVISIBLE_FIELD = SigFieldSpec(
    FIELD, readable_field_name="Elektronisches Siegel", invis_sig_settings=InvisSigSettings(box_out_of_bounds=True)
)


class SignerSealer:
    """Seals with whatever signs for these certificates, the seal's own first."""

    def __init__(self, signer: Signer, chain: list[asn1_x509.Certificate]):
        self._signer = signer
        # Hex digits of the CMS object: certificates, signature, attributes. Stated, so that no dry run is needed.
        self._reserved = 2 * (sum(len(certificate.dump()) for certificate in chain) + 2048)

    def seal(self, pdf: bytes, *, reason: str, at: dt.datetime) -> bytes:
        if at.tzinfo is None:
            raise ValueError("seal() needs an aware datetime")
        sealed = self._append(pdf, reason, at)
        # By chance a compressed stream ends in CR, and with the LF after it seems one byte short (ISO 19005-3,
        # 6.1.7.1). A line end before the appended part moves all its numbers on, and so changes that stream.
        while _AMBIGUOUS_END in sealed[len(pdf) :]:
            pdf += b"\n"
            sealed = self._append(pdf, reason, at)
        return sealed

    def _append(self, pdf: bytes, reason: str, at: dt.datetime) -> bytes:
        metadata = PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm=DIGEST,
            reason=reason,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            subfilter=SigSeedSubFilter.PADES,
        )
        signer = PdfSigner(metadata, self._signer, new_field_spec=_INVISIBLE_FIELD)
        session = signer.init_signing_session(_SealWriter(io.BytesIO(pdf)))
        session.system_time = at.astimezone(dt.UTC)
        document = session.prepare_tbs_document(None, self._reserved)
        output = io.BytesIO()
        prepared, _ = document.digest_tbs_document(output=output)
        attributes = PdfCMSSignedAttributes(signing_time=at)
        asyncio.run(document.perform_signature(prepared.document_digest, attributes))
        return output.getvalue()


class SoftSealer(SignerSealer):
    """Seals with a private key from a PKCS#12 file."""

    def __init__(self, key_file: Path | None, password: str):
        key, chain = seal_key.load(key_file, password)
        super().__init__(_CachedKeySigner(key, chain), chain)
