"""Named filters of the queue, each clerk's own. They may hold a name: sealed with the key of the person."""

import dataclasses

from django.db import transaction

from forms_engine.cases.lists import Choice
from forms_engine.cases.models import SavedFilter
from portal.accounts import keys
from portal.accounts.models import User

MOST = 30
_PLACE = "saved_filter:choices"


def of(clerk: User) -> list[SavedFilter]:
    return list(SavedFilter.objects.filter(clerk=clerk).defer("choices_sealed"))


def save(clerk: User, name: str, chosen: Choice) -> bool:
    """A second one of the same name takes its place. False when there are too many."""
    sealed = keys.envelope(clerk).seal_json(dataclasses.asdict(chosen), _PLACE)
    with transaction.atomic():
        mine = SavedFilter.objects.filter(clerk=clerk)
        if mine.exclude(name=name).count() >= MOST:
            return False
        mine.update_or_create(clerk=clerk, name=name, defaults={"choices_sealed": sealed})
    return True


def choice(found: SavedFilter) -> Choice:
    return Choice(**keys.envelope(found.clerk).open_json(found.choices_sealed, _PLACE))
