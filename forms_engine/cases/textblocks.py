"""Words that a team often writes, with placeholders filled from the case."""

import re
from collections.abc import Callable, Mapping

from forms_engine.cases.models import Case, TextBlock
from portal.accounts.models import User
from portal.common import clock
from portal.directory.teams import queries as teams

_PLACE = re.compile(r"\{([^{}\n]{1,40})\}")
PLACES: Mapping[str, tuple[str, Callable[[Case, User], str]]] = {
    "name": ("wer den Antrag stellt", lambda case, clerk: str(case.who)),
    "aktenzeichen": ("Nummer des Vorgangs", lambda case, clerk: case.number),
    "leistung": ("Name der Leistung", lambda case, clerk: str(case.title)),
    "frist": ("Tag, bis zu dem zu entscheiden ist", lambda case, clerk: f"{case.due_on:%d.%m.%Y}"),
    "dienststelle": ("zuständige Dienststelle", lambda case, clerk: str(case.office or "")),
    "sachbearbeitung": ("Ihr Name", lambda case, clerk: str(clerk)),
    "heute": ("heutiger Tag", lambda case, clerk: f"{clock.today():%d.%m.%Y}"),
}


def unknown(text: str) -> list[str]:
    """Placeholders that mean nothing."""
    return [word for word in dict.fromkeys(_PLACE.findall(text)) if word not in PLACES]


def filled(block: TextBlock, case: Case, clerk: User) -> str:
    """The block with the case's own words."""
    return _PLACE.sub(lambda found: PLACES[found[1]][1](case, clerk) if found[1] in PLACES else found[0], block.text)


def of(clerk: User) -> list[TextBlock]:
    """Blocks of the clerk's teams."""
    return list(TextBlock.objects.filter(team__in=teams.teams_of(clerk)).select_related("team"))


def kept_by(lead: User) -> list[TextBlock]:
    """Blocks that this person may change: of the teams they lead."""
    return list(TextBlock.objects.filter(team__in=teams.led_by(lead)).select_related("team"))
