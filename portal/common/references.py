"""Numbers that people read aloud, type and write on transfers. Each carries a check.

Digits use the Damm algorithm (H. M. Damm, 2004): it finds every single wrong digit and every swap of neighbours.
"""

import re

from portal.common import clock

_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
# No letters that look like digits or like each other (I, O, 0, 1) and no vowels, so that no words appear.
_CODE_LETTERS = "23456789BCDFGHJKLMNPQRSTVWXZ"


def check_digit(digits: str) -> str:
    """The Damm digit to append to a string of decimal digits."""
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("check_digit() takes decimal digits only")
    state = "0"
    for digit in digits:
        state = _DAMM[int(state)][int(digit)]
    return state


def is_valid(digits: str) -> bool:
    """Whether the last digit is the check digit of the rest."""
    return digits.isascii() and digits.isdigit() and len(digits) > 1 and check_digit(digits[:-1]) == digits[-1]


def file_number(office: str, year: int, serial: int) -> str:
    """Aktenzeichen, e.g. KVR-2026-000042-7. The check digit covers year and serial."""
    body = f"{year:04d}{serial:06d}"
    return f"{office}-{body[:4]}-{body[4:]}-{check_digit(body)}"


def is_file_number(text: str) -> bool:
    match = re.fullmatch(r"[A-Z]{2,5}-(\d{4})-(\d{6,})-(\d)", text)
    return bool(match) and is_valid("".join(match.groups())) if match else False


def canonical_file_number(text: str) -> str | None:
    """An Aktenzeichen as we print it from what a person typed: small letters, spaces, no dashes. Else None."""
    match = re.fullmatch(r"([A-Z]{2,5})(\d{4})(\d{6,12})(\d)", re.sub(r"[\W_]", "", text).upper(), re.ASCII)
    number = "-".join(match.groups()) if match else ""
    return number if is_file_number(number) else None


def cash_reference(area: int, serial: int) -> str:
    """Kassenzeichen: 13 digits = 3 area + 9 serial + 1 check digit."""
    if not (0 <= area <= 999 and 0 <= serial <= 999_999_999):
        raise ValueError("cash_reference() takes an area of 3 and a serial of 9 digits at most")
    body = f"{area:03d}{serial:09d}"
    return body + check_digit(body)


def mailbox_number(serial: int) -> str:
    """Postfachnummer: 9 digits + 1 check digit."""
    body = f"{serial:09d}"
    return body + check_digit(body)


def grouped(digits: str, size: int = 4) -> str:
    """Digits in groups as people read them: 1234 5678 9012 3."""
    return " ".join(digits[i : i + size] for i in range(0, len(digits), size))


def readable_code(length: int = 12) -> str:
    """A random code for paper, e.g. K7QF-2MXH-94TB: about 4.8 bits a character."""
    raw = clock.random_bytes(length * 2)
    # 16 bits modulo 28 favours some letters by less than one in two thousand: no matter at 12 characters.
    letters = "".join(_CODE_LETTERS[int.from_bytes(raw[2 * i : 2 * i + 2]) % len(_CODE_LETTERS)] for i in range(length))
    return "-".join(letters[i : i + 4] for i in range(0, length, 4))
