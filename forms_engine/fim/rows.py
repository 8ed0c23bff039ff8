"""Which repeated groups can be lists of our language, and what stands in their rows."""

from forms_engine.fim import model
from forms_engine.fim.convert import composite
from forms_engine.fim.places import Place, Places

MOST_MEMBERS = 30
MOST_ROWS = 20


class Rows:
    """`lists` are the repeated groups that become a list each; `single` those too rich for it, which are asked once."""

    def __init__(self, places: Places):
        self.places = places
        self.composites = {path: data for path, place in places.by_path.items() if (data := composite(place))}
        self.lists: set[str] = set()
        self.single: dict[str, str] = {}  # path -> why
        for path, place in places.by_path.items():
            if not place.many or isinstance(place.element, model.Field):
                continue
            if self.row_of(path):
                self.single[path] = "Die Gruppe darf mehrmals vorkommen, liegt aber in einer Liste."
            elif len(self.members(path)) > MOST_MEMBERS:
                self.single[path] = f"Die Gruppe darf mehrmals vorkommen, hat aber mehr als {MOST_MEMBERS} Fragen."
            elif not self.members(path):
                self.single[path] = "Die Gruppe darf mehrmals vorkommen, hat aber keine Fragen für eine Zeile."
            else:
                self.lists.add(path)

    def row_of(self, path: str) -> str | None:
        """The list a path lies in."""
        above = path.rpartition("/")[0]
        while above:
            if above in self.lists:
                return above
            above = above.rpartition("/")[0]
        return None

    def members(self, path: str) -> list[Place]:
        """The questions of one row, in order; texts and hidden values cannot stand in a row."""
        return [place for place in self.places.below(path).values() if self.is_member(place)]

    def is_member(self, place: Place) -> bool:
        if place.parent in self.composites:
            return False
        return place.path in self.composites or is_question(place.element)


def is_question(element: model.Field | model.Group) -> bool:
    return isinstance(element, model.Field) and element.kind in ("input", "select")
