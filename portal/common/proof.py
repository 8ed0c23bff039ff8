"""Before somebody without an account sends something: their browser computes for a moment, or they copy a word.

A challenge is signed, names what it is for and ends after an hour. It is for something that is sent once (a draft, a
filled-in form with its once-key), so it serves once: with anything else it is foreign. The work: for each of PUZZLES
numbers n a counter c such that SHA-256 of "<challenge>:<n>:<c>" begins with so many zero bits (static/js/proof.js).
Nobody has to see or solve anything; without a script there is a word to copy, and few tries a minute for one network
address (docs/adr/0028).
"""

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from portal.common import clock, limits

PUZZLES = 16
VALID = dt.timedelta(hours=1)
WORDS_PER_MINUTE = 5
# Plain words that keyboards without umlauts have, too.
# fmt: off
WORDS = (
    "Brunnen", "Garten", "Fahrrad", "Laterne", "Museum", "Fenster", "Kastanie", "Markt",
    "Wiese", "Treppe", "Insel", "Sommer", "Wolke", "Bahnhof", "Apfel", "Tafel",
)
# fmt: on
_SIGNER = signing.Signer(salt="common.proof")
_COUNTER = re.compile(r"[0-9]{1,12}", re.ASCII)


class Refused(Exception):
    """Why a challenge does not count, as a sentence for the person."""


def issue(what: str) -> str:
    """A fresh challenge for this; `what` names one thing in the whole house."""
    fields = {
        "for": what,
        "until": int((clock.now() + VALID).timestamp()),
        "bits": settings.PROOF_BITS,
        "word": clock.random_bytes(1)[0] % len(WORDS),
        "salt": clock.token(12),
    }
    return _SIGNER.sign_object(fields)


def read(challenge: str, what: str) -> dict[str, Any]:
    """What a challenge says. Raises Refused."""
    try:
        fields: dict[str, Any] = _SIGNER.unsign_object(challenge)
    except signing.BadSignature:
        raise Refused(_("Die Sicherheitsprüfung hat nicht geklappt. Senden Sie noch einmal ab.")) from None
    if fields["for"] != what:
        raise Refused(_("Die Sicherheitsprüfung gehört zu einem anderen Formular. Senden Sie noch einmal ab."))
    if fields["until"] < clock.now().timestamp():
        raise Refused(_("Die Sicherheitsprüfung ist abgelaufen. Senden Sie noch einmal ab."))
    return fields


def is_solved(challenge: str, bits: int, solution: str) -> bool:
    """Whether `solution` is PUZZLES counters, joined by points, that do the work."""
    counters = solution.split(".")
    return len(counters) == PUZZLES and all(
        _COUNTER.fullmatch(counter) and _zero_bits(f"{challenge}:{number}:{counter}") >= bits
        for number, counter in enumerate(counters)
    )


def _zero_bits(text: str) -> int:
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
    return 32 - digest.bit_length()


class WordField(forms.CharField):
    """Asked of everybody who sees it; a browser that has computed leaves it empty. ProofForm judges both."""

    def validate(self, value: Any) -> None:
        pass


class ProofForm(forms.Form):
    """What stands before the button. Bound: judges the challenge of the page that was sent. `fresh` is the next one."""

    use_required_attribute = False
    wort = WordField(widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "maxlength": 60}))

    def __init__(self, request: HttpRequest, what: str, posted: Mapping[str, Any] | None = None):
        super().__init__(posted, label_suffix="")
        self.request, self.what, self.too_many = request, what, False
        self.fresh = issue(what)
        fields = read(self.fresh, what)
        self.bits, self.puzzles = fields["bits"], PUZZLES
        word = WORDS[fields["word"]]
        self.fields["wort"].label = _("Schreiben Sie dieses Wort ab: %(word)s") % {"word": word}
        self.fields["wort"].help_text = _("Daran erkennen wir, dass kein Programm das Formular absendet")

    def clean(self) -> dict[str, Any]:
        challenge = self.data.get("probe", "")
        try:
            fields = read(challenge, self.what)
        except Refused as refused:
            raise forms.ValidationError(str(refused)) from None
        if not is_solved(challenge, fields["bits"], self.data.get("loesung", "")):
            self._judge_word(WORDS[fields["word"]], self.cleaned_data.get("wort", ""))
            self.data = {"wort": ""}  # the page asks for another word
        return self.cleaned_data

    def _judge_word(self, word: str, typed: str) -> None:
        if not typed:
            self.add_error("wort", _("Schreiben Sie das Wort ab."))
        elif not limits.allow(self.request, "proof.word", per_minute=WORDS_PER_MINUTE):
            self.too_many = True
            self.add_error(
                "wort", _("Das waren viele Versuche. Warten Sie eine Minute und senden Sie dann noch einmal.")
            )
        elif re.sub(r"\W", "", typed).casefold() != word.casefold():
            self.add_error("wort", _("Das Wort stimmt nicht. Schreiben Sie das neue Wort ab."))

    @property
    def status(self) -> int:
        """Of the page that shows it again."""
        return 429 if self.too_many else 422 if self.is_bound and self.errors else 200
