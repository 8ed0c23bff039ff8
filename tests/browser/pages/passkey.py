"""A passkey without a device."""

from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cose
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData


def answer() -> dict[str, object]:
    """What a browser answers when it has made a passkey (WebAuthn, section 5.2.1)."""
    key = cose.ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    held = AttestedCredentialData.create(bytes(16), b"passkey of erna.", key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    attested = AttestationObject.create("none", AuthenticatorData.create(bytes(32), flags, 0, held), {})
    asked = CollectedClientData.create(CollectedClientData.TYPE.CREATE, b"challenge", "http://localhost")
    response = {"clientDataJSON": websafe_encode(asked), "attestationObject": websafe_encode(attested)}
    name = websafe_encode(held.credential_id)
    more = {"type": "public-key", "clientExtensionResults": {"credProps": {"rk": True}}}
    return {"id": name, "rawId": name, "response": response} | more
