"""Passwords that leaked or that everybody would try: refused at sign-up, change and reset. Nothing leaves the house.

Two looks. By rule: what is left of a password without digits, signs and doubled words must not be a word from Django's
list of common passwords or from the German list below. By list: PORTAL_BREACHED_PASSWORDS names a file of SHA-1 hashes
(portal.common.hash_list).
"""

import logging
import re
import unicodedata

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.common import hash_list

LOOKALIKES = str.maketrans("013457@$!€", "oieastasie")
_WORDS = """
    passwort kennwort geheim geheimnis hallo hallowelt willkommen schatz schatzi liebling ichliebedich sonne
    sonnenschein sommer winter herbst frühling montag dienstag mittwoch donnerstag freitag samstag sonntag januar
    februar märz april mai juni juli august september oktober november dezember münchen muenchen minga bayern bavaria
    deutschland fcbayern bayernmünchen bayernmuenchen oktoberfest wiesn marienplatz serviceportal bürgerportal buerger
    bürger stadt rathaus testtest qwertz qwertzuiop asdfghjkl yxcvbnm schule fussball fußball
"""
GERMAN = frozenset(_WORDS.split())
log = logging.getLogger(__name__)


def core(password: str) -> str:
    """What a guesser's rules start from: small letters, signs for letters undone, ends of digits and signs dropped."""
    small = unicodedata.normalize("NFC", password).casefold()
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", small).translate(LOOKALIKES)
    word = re.sub(r"[\W\d_]+", "", bare)
    half = len(word) // 2
    return word[:half] if half >= 3 and word[:half] * 2 == word else word


class BreachedPasswordValidator(CommonPasswordValidator):
    """Code "password_breached"; the sentence stands in portal.accounts.adapter.WEAK_PASSWORD."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        word, plain = core(password), password.isdecimal() or len(set(password)) <= 3
        if plain or word in self.passwords or word in GERMAN or self._listed(password):
            raise ValidationError(_("Dieses Passwort steht auf Listen."), code="password_breached")

    def _listed(self, password: str) -> bool:
        try:
            return settings.BREACHED_PASSWORDS is not None and hash_list.contains(settings.BREACHED_PASSWORDS, password)
        except OSError:  # it was there when the portal started (portal.checks); nobody is locked out for that
            log.exception("PORTAL_BREACHED_PASSWORDS cannot be read")
            return False

    def get_help_text(self) -> str:
        return _("Das Passwort darf nicht auf Listen bekannter Passwörter stehen.")
