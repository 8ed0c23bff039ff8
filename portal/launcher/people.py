"""The cast of the demo city. Plain words, so that the launcher can print them without Django."""

from typing import NamedTuple

PASSWORD = "ein gutes Kennwort"  # noqa: S105 - printed on the terminal at every start


class Person(NamedTuple):
    given_name: str
    family_name: str
    what: str
    roles: tuple[str, ...]  # portal.accounts.models.Role

    @property
    def email(self) -> str:
        return f"{self.given_name.lower()}@stadt.invalid"


PEOPLE = (
    Person("Alice", "Ammer", "Bürgerin", ()),
    Person("Bob", "Brenner", "Bürger", ()),
    Person("Clara", "Claußen", "Sachbearbeitung", ("clerk",)),
    Person("Theo", "Thaler", "Teamleitung", ("clerk", "team_lead")),
    Person("Otto", "Obermaier", "Betrieb", ("operator",)),
    Person("Edda", "Engel", "Redaktion", ("editor",)),
)
