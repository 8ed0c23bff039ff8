"""The sentence that people agree to. Its fingerprint stands at each subscription: a new sentence has a new one."""

import hashlib

from django.utils.translation import gettext_lazy as _lazy

SENTENCE = (
    "Ich möchte die gewählten Newsletter per E-Mail bekommen. Die Stadt speichert dafür meine E-Mail-Adresse. "
    "Ich kann mich jederzeit mit einem Klick abmelden."
)
SHOWN = _lazy(
    "Ich möchte die gewählten Newsletter per E-Mail bekommen. Die Stadt speichert dafür meine E-Mail-Adresse. "
    "Ich kann mich jederzeit mit einem Klick abmelden."
)
FINGERPRINT = hashlib.sha256(SENTENCE.encode()).hexdigest()
