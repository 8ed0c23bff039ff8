"""Passwords on lists: by rule, and by the operators' file."""

import pytest
from django.core.exceptions import ValidationError

from portal.accounts import passwords
from tests.portal.common.test_hash_list import written

validate = passwords.BreachedPasswordValidator().validate


@pytest.mark.parametrize(
    "password",
    [
        "Passwort2026!",
        "Muenchen!!2026",
        "!!Sommer2025",
        "qwertzuiop",
        "1234567890",
        "aaaaaaaaaaaa",
        "HalloHallo",
        "P@ssw0rd99!",
    ],
)
def test_what_everybody_would_try_is_refused(password):
    with pytest.raises(ValidationError) as caught:
        validate(password)
    assert caught.value.code == "password_breached"


@pytest.mark.parametrize(
    "password", ["drei nasse Wörter", "ein gutes Kennwort", "vier blaue Stühle", "X7f!kQ92mLp0", "пять синих стульев"]
)
def test_what_is_on_no_list_is_taken(password):
    validate(password)


def test_a_listed_password_is_refused_and_a_vanished_list_locks_nobody_out(settings, tmp_path):
    settings.BREACHED_PASSWORDS = written(tmp_path / "hashes", ["drei nasse Wörter"])
    with pytest.raises(ValidationError):
        validate("drei nasse Wörter")
    settings.BREACHED_PASSWORDS.unlink()
    validate("drei nasse Wörter")
