"""The elements of a schema by their path, and which one a rule means when it names an id."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from forms_engine.fim import model
from forms_engine.fim.genericode import Store


@dataclass(frozen=True)
class Place:
    """An element where it stands. `above` are the ids from the root, `values` what a select offers (None: unknown)."""

    path: str
    part: model.Part
    order: int
    values: tuple[model.Value, ...] | None

    @property
    def element(self) -> model.Field | model.Group:
        return self.part.element

    @property
    def above(self) -> tuple[str, ...]:
        return tuple(step.partition("~")[0] for step in self.path.split("/")[:-1])

    @property
    def parent(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def many(self) -> bool:
        return self.part.maximum is None or self.part.maximum > 1


class Places:
    """All elements of a schema; "" is the schema itself."""

    def __init__(self, schema: model.Schema, store: Store):
        self.store = store
        self.by_path: dict[str, Place] = {}
        self.by_id: dict[str, list[Place]] = {}
        self.children: dict[str, list[Place]] = {}  # path of a group, "" for the schema -> its parts
        for order, (path, part) in enumerate(model.walk(schema.parts)):
            element = part.element
            values = offered(element, store) if isinstance(element, model.Field) else None
            place = Place(path, part, order, values)
            self.by_path[path] = place
            self.by_id.setdefault(element.ident.id, []).append(place)
            self.children.setdefault(place.parent, []).append(place)
        self.listed = list(self.by_path.values())

    def named(self, ids: list[str], at: str) -> Place | None:
        """The one element a rule at `at` means by ids such as [G…, F…]; None if there is none or more than one.

        Looked for below the rule's own element first, then further and further outwards.
        """
        candidates = [place for place in self.by_id.get(ids[-1], ()) if _leads(ids[:-1], place.above)]
        while True:
            within = [place for place in candidates if not at or f"{place.path}/".startswith(f"{at}/")]
            if within or not at:
                return within[0] if len(within) == 1 else None
            at = at.rpartition("/")[0]

    def below(self, path: str) -> Mapping[str, Place]:
        """Everything inside a group, in order."""
        behind = itertools.islice(self.listed, self.by_path[path].order + 1, None)
        inside = itertools.takewhile(lambda place: place.path.startswith(f"{path}/"), behind)
        return {place.path: place for place in inside}

    def row_of(self, path: str) -> str | None:
        """The innermost repeated group around (not at) a path."""
        above = path.rpartition("/")[0]
        while above:
            if self.by_path[above].many:
                return above
            above = above.rpartition("/")[0]
        return None


def _leads(ids: list[str], above: tuple[str, ...]) -> bool:
    """Whether the ids stand among those above in this order, the last of them directly above or further up."""
    rest = iter(above)
    return all(ident in rest for ident in ids)


def offered(field: model.Field, store: Store) -> tuple[model.Value, ...] | None:
    """What a select offers: its own values, else those of its list; None if the list is not at hand."""
    if field.kind != "select":
        return None
    if field.values:
        return field.values
    found = store.find(field.list_ref) if field.list_ref else None
    return found.values(field.list_ref) if found and field.list_ref else None
