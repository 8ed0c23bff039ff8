"""Measures the search with questions whose right answers are known."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.directory.search import search

DEPTH = 5


@dataclass(frozen=True)
class Question:
    query: str
    right: list[str]  # Service.reference of every right answer


@dataclass(frozen=True)
class Asked:
    query: str
    right: list[str]
    found: list[str]  # the references of the first DEPTH hits
    rank: int  # of the first right one, from 1; 0: none among them


@dataclass(frozen=True)
class Recall:
    asked: tuple[Asked, ...]

    def at(self, depth: int) -> float:
        """Share of the questions with a right answer among the first `depth`; 0.0 without questions."""
        return sum(0 < one.rank <= depth for one in self.asked) / max(len(self.asked), 1)


def parse(raw: object) -> list[Question]:
    """Raises ValueError for anything but a list of {query: text, right: [reference, ...]}."""
    if not isinstance(raw, list) or not all(isinstance(row, dict) for row in raw):
        raise ValueError("not a list of questions")
    questions = []
    for row in raw:
        query, right = row.get("query"), row.get("right")
        if not isinstance(query, str) or not isinstance(right, list) or not right:
            raise ValueError("a question without text or answer")
        questions.append(Question(query, [str(one) for one in right]))
    return questions


def measure(questions: Sequence[Question]) -> Recall:
    return Recall(tuple(_ask(one) for one in questions))


def _ask(question: Question) -> Asked:
    found = [hit.service.reference for hit in search(question.query, limit=DEPTH).hits]
    rank = next((no for no, one in enumerate(found, start=1) if one in question.right), 0)
    return Asked(question.query, question.right, found, rank)
