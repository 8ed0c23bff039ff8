"""How sure we are who somebody is: of a sign-in, of a datum, and as a demand of a view or form."""

from django.db.models import IntegerChoices
from django.utils.translation import gettext_lazy as _lazy


class TrustLevel(IntegerChoices):
    """Ordered, so that levels can be compared. Named after eIDAS (EU 910/2014, Art. 8); 0 is a person unknown."""

    NONE = 0, _lazy("ohne")
    BASIC = 1, _lazy("einfach")
    SUBSTANTIAL = 2, _lazy("substanziell")
    HIGH = 3, _lazy("hoch")


STORK = {  # on the wire of BayernID and BundID: the number in "STORK-QAA-Level-N"
    1: TrustLevel.BASIC,
    2: TrustLevel.BASIC,
    3: TrustLevel.SUBSTANTIAL,
    4: TrustLevel.HIGH,
}


def from_stork(uri: str) -> TrustLevel | None:
    """The level of an authentication context class. None for anything unknown: never guess one."""
    prefix = "STORK-QAA-Level-"
    number = uri.removeprefix(prefix)
    if not uri.startswith(prefix) or number not in {"1", "2", "3", "4"}:
        return None
    return STORK[int(number)]
