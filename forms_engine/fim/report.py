"""What an import has to tell: what it could not take over, what it assumed, what the author has to decide."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    OPEN = "offen"  # a decision of the author; blocks publishing
    LOST = "nicht abgebildet"  # the form says less than the schema
    ASSUMED = "angenommen"
    HINT = "Hinweis"


@dataclass(frozen=True)
class Note:
    level: Level
    line: int
    path: str  # of the FIM element, "" for the schema
    text: str

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        if self.level == Level.LOST:
            return f"Zeile {self.line}: {place}Nicht abgebildet: {self.text}"
        return f"Zeile {self.line}: {place}{self.text}"


@dataclass
class Report:
    notes: list[Note] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, level: Level, line: int, path: str, text: str) -> None:
        note = Note(level, line, path, text)
        if note not in self.notes:
            self.notes.append(note)

    def of(self, level: Level) -> list[Note]:
        return [note for note in self.notes if note.level == level]

    def as_json(self) -> dict[str, Any]:
        notes = sorted(self.notes, key=lambda note: (list(Level).index(note.level), note.line))
        return {"counts": self.counts, "notes": [{**asdict(note), "level": str(note.level)} for note in notes]}
