"""Patterns: the form an answer must have, in the syntax of the HTML attribute `pattern`. Pure.

The whole answer has to fit. A pattern becomes a small automaton that walks through the answer once, so no pattern can
make the server think for long; what only a backtracking engine can do (references, looking ahead) is refused by name.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST = 500  # letters of a pattern
MOST_PLACES = 500  # once its counted repetitions are written out
MOST_STEPS = 500_000  # ways from place to place, times letters of the answer
DEEPEST = 20


class BadPattern(ValueError):
    """The message is a German sentence for the author."""


@dataclass(frozen=True)
class Letters:
    """One letter of these ranges, Unicode categories and other sets; `negated`: one that is in none of them."""

    ranges: tuple[tuple[str, str], ...] = ()
    categories: tuple[str, ...] = ()
    inner: tuple["Letters", ...] = ()
    negated: bool = False

    def takes(self, char: str) -> bool:
        found = (
            any(low <= char <= high for low, high in self.ranges)
            or unicodedata.category(char).startswith(self.categories or ("?",))
            or any(one.takes(char) for one in self.inner)
        )
        return found is not self.negated

    def some(self, number: int) -> str:
        """A letter it takes, another one at another place where there are several; "" if none is at hand."""
        low, high = (self.ranges and not self.negated and self.ranges[0]) or ("", "")
        if low:
            return chr(ord(low) + number % (ord(high) - ord(low) + 1))
        return next((char for char in "aA1- ä." if self.takes(char)), "")


@dataclass(frozen=True)
class Row:
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Either:
    options: tuple["Node", ...]


@dataclass(frozen=True)
class Times:
    of: "Node"
    low: int
    high: int | None


Node = Letters | Row | Either | Times
DIGITS = Letters((("0", "9"),))
WORD = Letters((("A", "Z"), ("a", "z"), ("0", "9"), ("_", "_")))
BLANK = Letters(((" ", " "), ("\t", "\r"), ("\xa0", "\xa0")), ("Z",))
_SETS = {"d": DIGITS, "w": WORD, "s": BLANK}
_SIGNS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_NOT_FOR_US = {"b": "Wortgrenzen (\\b)", "B": "Wortgrenzen (\\B)", "k": "Rückbezüge (\\k)"}


class _Reader:
    def __init__(self, text: str):
        self.text, self.at, self.depth = text, 0, 0

    def take(self, pattern: str) -> re.Match[str] | None:
        found = re.compile(pattern, re.ASCII).match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found

    def whole(self) -> Node:
        found = self.either()
        if self.at < len(self.text):
            raise BadPattern(f"An Stelle {self.at + 1} steht eine Klammer zu viel.")
        return found

    def either(self) -> Node:
        options = [self.row()]
        while self.take(r"\|"):
            options.append(self.row())
        return options[0] if len(options) == 1 else Either(tuple(options))

    def row(self) -> Node:
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self.repeated())
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def repeated(self) -> Node:
        node = self.atom()
        if times := self.take(r"(?:([*+?])|\{(\d{1,4})(,?)(\d{0,4})\})\??"):
            sign, low, comma, high = times.groups()
            if sign:
                node = Times(node, int(sign == "+"), 1 if sign == "?" else None)
            else:
                node = Times(node, int(low), int(high) if high else None if comma else int(low))
                if node.high is not None and node.low > node.high:
                    raise BadPattern(f"In {{{low},{high}}} ist das Minimum größer als das Maximum.")
        return node

    def atom(self) -> Node:
        if self.take(r"\((?!\?)|\(\?:"):
            return self.bracket()
        if self.take(r"\(\?"):
            raise BadPattern("Vorausschau und benannte Gruppen „(?…)“ sind nicht möglich.")
        if self.take(r"\["):
            return self.set_of_letters()
        if self.take(r"\\"):
            return self.escape()
        if self.take(r"\."):
            return Letters((("\n", "\n"), ("\r", "\r")), negated=True)
        char = self.text[self.at]
        if char in "*+?{^$":
            raise BadPattern(f"An Stelle {self.at + 1} ist „{char}“ nicht möglich.")
        self.at += 1
        return Letters(((char, char),))

    def bracket(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadPattern(f"Mehr als {DEEPEST} Klammern stecken ineinander.")
        found = self.either()
        if not self.take(r"\)"):
            raise BadPattern("Eine runde Klammer ist nicht geschlossen.")
        self.depth -= 1
        return found

    def escape(self) -> Letters:
        if found := self.take(r"([pP])\{([A-Z][a-z]?)\}"):
            return Letters(categories=(found[2],), negated=found[1] == "P")
        if found := self.take(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})"):
            char = chr(int(found[1] or found[2], 16))
            return Letters(((char, char),))
        found = self.take(r"(?s:.)")
        char = found[0] if found else ""
        if char.lower() in _SETS:
            return Letters(inner=(_SETS[char.lower()],), negated=char.isupper())
        if not char or char in _NOT_FOR_US or (char.isalnum() and char not in _SIGNS):
            raise BadPattern(f"{_NOT_FOR_US.get(char, f'„{chr(92)}{char}“')} gibt es hier nicht.")
        char = _SIGNS.get(char, char)
        return Letters(((char, char),))

    def set_of_letters(self) -> Letters:
        negated = bool(self.take(r"\^"))
        ranges: list[tuple[str, str]] = []
        inner: list[Letters] = []
        while not self.take(r"\]"):
            low = self.member()
            if not low.ranges:
                inner.append(low)
                continue
            high = self.member() if self.take(r"-(?!\])") else low
            if not high.ranges or low.ranges[0][0] > high.ranges[0][0]:
                raise BadPattern("In einer eckigen Klammer ist ein Bereich verkehrt herum.")
            ranges.append((low.ranges[0][0], high.ranges[0][0]))
        return Letters(tuple(ranges), inner=tuple(inner), negated=negated)

    def member(self) -> Letters:
        if self.take(r"\\"):
            return self.escape()
        if self.at >= len(self.text):
            raise BadPattern("Eine eckige Klammer ist nicht geschlossen.")
        self.at += 1
        char = self.text[self.at - 1]
        return Letters(((char, char),))


@dataclass
class _Net:
    """The places of a pattern and which may follow which (after Glushkov): at most one step per letter and way."""

    letters: list[Letters] = field(default_factory=list)
    follow: list[set[int]] = field(default_factory=list)

    def add(self, node: Node) -> tuple[set[int], set[int], bool]:
        """Where the node begins, where it ends, whether it may be nothing."""
        match node:
            case Letters():
                self.letters.append(node)
                self.follow.append(set())
                return {len(self.letters) - 1}, {len(self.letters) - 1}, False
            case Row(parts):
                return self.chain(self.add(part) for part in parts)
            case Either(options):
                found = [self.add(option) for option in options]
                return (
                    set().union(*(f[0] for f in found)),
                    set().union(*(f[1] for f in found)),
                    any(f[2] for f in found),
                )
            case Times(of, low, high):
                return self.times(of, low, high) if _places(of) else (set(), set(), True)
        raise TypeError(type(node))

    def chain(self, parts: Iterator[tuple[set[int], set[int], bool]]) -> tuple[set[int], set[int], bool]:
        first: set[int] = set()
        last: set[int] = set()
        nothing = True
        for begins, ends, empty in parts:
            for place in last:
                self.follow[place] |= begins
            first |= begins if nothing else set()
            last = last | ends if empty else ends
            nothing = nothing and empty
        return first, last, nothing

    def times(self, of: Node, low: int, high: int | None) -> tuple[set[int], set[int], bool]:
        copies = [self.add(of) for _ in range(max(low, 1) if high is None else high)]
        if not copies:
            return set(), set(), True
        if high is None:
            for place in copies[-1][1]:
                self.follow[place] |= copies[-1][0]
        first, last, nothing = self.chain(iter(copies[:low]))
        ends = set(last)
        # Each further copy hangs on the one before it, so that ways do not multiply.
        for begins, more, empty in copies[low:]:
            for place in last:
                self.follow[place] |= begins
            first |= begins if nothing else set()
            ends |= more
            last = last | more if empty else more
            nothing = nothing and empty
        return first, ends, nothing or low == 0


@dataclass(frozen=True)
class Pattern:
    """`example` is an answer that fits, "" if none could be made; `shortest` the letters the shortest one has."""

    letters: tuple[Letters, ...]
    follow: tuple[frozenset[int], ...]
    first: frozenset[int]
    last: frozenset[int]
    nothing: bool
    example: str
    shortest: int
    single: bool  # only one answer fits: rather a word than a pattern

    @property
    def ways(self) -> int:
        return len(self.letters) + sum(map(len, self.follow))

    def fits(self, text: str) -> bool:
        if not text:
            return self.nothing
        open_now, here = self.first, [0]
        for char in text:
            here = [place for place in open_now if self.letters[place].takes(char)]
            if not here:
                return False
            open_now = frozenset[int]().union(*(self.follow[place] for place in here))
        return not self.last.isdisjoint(here)


@functools.lru_cache(maxsize=512)
def read(text: str) -> Pattern:
    """Raises BadPattern. One "^" at the beginning and one "$" at the end say what holds anyway."""
    if len(text) > LONGEST:
        raise BadPattern(f"Das Muster hat mehr als {LONGEST} Zeichen.")
    bare = text.removeprefix("^")
    if bare.endswith("$") and (len(bare) - len(bare[:-1].rstrip("\\"))) % 2:
        bare = bare[:-1]
    node = _Reader(bare).whole()
    if _places(node) > MOST_PLACES:
        raise BadPattern(f"Das Muster hat ausgeschrieben mehr als {MOST_PLACES} Stellen.")
    net = _Net()
    first, last, nothing = net.add(node)
    example = _example(node, 0)
    return Pattern(
        letters=tuple(net.letters),
        follow=tuple(map(frozenset, net.follow)),
        first=frozenset(first),
        last=frozenset(last),
        nothing=nothing,
        example="".join(example) if all(example) and "".join(example).isprintable() else "",
        shortest=_shortest(node),
        single=_single(node),
    )


def _places(node: Node) -> int:
    match node:
        case Row(parts) | Either(parts):
            return sum(map(_places, parts))
        case Times(of, low, high):
            return _places(of) * (max(low, 1) if high is None else high)
    return 1


def _shortest(node: Node) -> int:
    match node:
        case Row(parts):
            return sum(map(_shortest, parts))
        case Either(options):
            return min(map(_shortest, options))
        case Times(of, low, _):
            return _shortest(of) * low
    return 1


def _single(node: Node) -> bool:
    match node:
        case Row(parts):
            return all(map(_single, parts))
        case Either():
            return False
        case Times(of, low, high):
            return low == high and _single(of)
        case Letters(ranges, categories, inner, negated):
            return len(ranges) == 1 and ranges[0][0] == ranges[0][1] and not (categories or inner or negated)
    raise TypeError(type(node))


def _example(node: Node, number: int) -> list[str]:
    """The letters of an answer; `number` counts them, so that it is no row of the same ones."""
    found: list[str] = []
    match node:
        case Letters():
            return [node.some(number)]
        case Row(parts):
            for part in parts:
                found += _example(part, number + len(found))
        case Either(options):
            return _example(options[0], number)
        case Times(of, low, high):
            for _ in range((max(low, 1) if high is None else low) if _places(of) else 0):
                found += _example(of, number + len(found))
    return found
