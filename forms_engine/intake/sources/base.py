"""What every source tells after it was asked."""

from dataclasses import dataclass, field


@dataclass
class Polled:
    """`taken`: new rows. `known`: had been stored before a crash and were only cleared away now. `problems`: German."""

    source: str
    taken: int = 0
    known: int = 0
    problems: list[str] = field(default_factory=list)

    def count(self, fresh: bool) -> None:
        self.taken += fresh
        self.known += not fresh
