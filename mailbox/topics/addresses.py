"""Addresses of readers: one spelling for each, or a refusal. Pure, but for the house's secret in the fingerprint."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.crypto import salted_hmac

LENGTH = 254  # RFC 5321, 4.5.3.1.3 less the brackets
_judge = EmailValidator()


class NotAnAddress(ValueError):
    """Nothing that mail could be sent to."""


def normal(text: str) -> str:
    """The address in lower case with its domain in ASCII (IDNA): what is the same mailbox for any usual server gets
    the same spelling. The local part has to be ASCII: few servers take anything else (RFC 6531). Raises NotAnAddress.
    """
    local, at, domain = unicodedata.normalize("NFC", text.strip()).rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode('ascii')}".lower()
        _judge(address)
    except (UnicodeError, ValidationError):
        raise NotAnAddress("no address") from None
    if not (at and address.isascii() and address.isprintable() and len(address) <= LENGTH):
        raise NotAnAddress("no address")
    if address.startswith('"') or "[" in address:  # quoted local parts and address literals: allowed, and never meant
        raise NotAnAddress("no address")
    return address


def fingerprint(address: str) -> str:
    """By which a row finds an address that it cannot read. Of a normal() one; 64 hexadecimal digits."""
    return salted_hmac("topics.address", address, algorithm="sha256").hexdigest()
