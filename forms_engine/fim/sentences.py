"""The words of a rule: a scanner over German text that knows which elements and values the schema has."""

import re

from forms_engine.fim import model
from forms_engine.fim.places import Place, Places
from forms_engine.fim.reader import long_id

_ID = r"[FG](?:\d{11}|\d{8})(?!\d)"
_REFERENCE = re.compile(rf"[\"'„“]?({_ID}(?:\.?{_ID})*)")
_FILLER = re.compile(
    r"(?:(?:das|die|der|den|dem|des|im|in|folgenden?|alle[nr]?|drei|entweder)\s+)*"
    r"(?:(?:daten)?(?:feldgruppen?|feldern?|feldes|felde?|gruppen?)\s+)*",
    re.I,
)
_QUOTED = re.compile(r"\s*[\"'„“](?![FG]\d)[^\"'„“”]+[\"'“”](?!\s*angegeben)")
_YES, _NO = ("ja", "wahr", "true"), ("nein", "falsch", "false")


class Unsure(Exception):
    """The text is not in the grammar; the message says where it left it (for the author, in German)."""


class Scanner:
    """Reads a rule from left to right. `at` is the path of the element the rule belongs to."""

    def __init__(self, text: str, places: Places, at: str):
        self.text = " ".join(text.replace("\u00a0", " ").split())
        self.places, self.at = places, at
        self.position = 0
        self.compared: dict[str, frozenset[str]] = {}  # values a field was compared with so far

    @property
    def rest(self) -> str:
        return self.text[self.position :]

    @property
    def done(self) -> bool:
        return not self.rest.strip(" .,;")

    def unsure(self, what: str = "Der Satzbau ist nicht eindeutig") -> Unsure:
        near = self.rest.strip()[:40]
        return Unsure(f"{what}, ab „{near}“." if near else f"{what}.")

    def take(self, pattern: str) -> re.Match[str] | None:
        """What stands next, if it matches (case does not matter, blanks before it neither); moves behind it."""
        found = re.compile(rf"\s*(?:{pattern})", re.I).match(self.text, self.position)
        if found:
            self.position = found.end()
        return found

    def need(self, pattern: str) -> re.Match[str]:
        found = self.take(pattern)
        if not found:
            raise self.unsure()
        return found

    def sees(self, pattern: str) -> bool:
        return re.compile(rf"\s*(?:{pattern})", re.I).match(self.text, self.position) is not None

    def _next_reference(self) -> re.Match[str] | None:
        start = _skip(self.text, self.position)
        filler = _FILLER.match(self.text, start)
        return _REFERENCE.match(self.text, _skip(self.text, filler.end() if filler else start))

    def sees_reference(self) -> bool:
        return self._next_reference() is not None

    def another_reference(self) -> bool:
        """Whether "und", "oder" or a comma leads to one more element; then moves behind it."""
        start = self.position
        if self.take(r",?\s*(?:oder|und)(?=\s)|,") and self.sees_reference():
            return True
        self.position = start
        return False

    def reference(self) -> Place:
        """The element named next, with its name behind it skipped."""
        found = self._next_reference()
        if not found:
            raise self.unsure("Es wird kein Feld genannt")
        ids = [long_id(ident) for ident in re.findall(_ID, found[1])]
        self.position = found.end()
        place = self.places.named(ids, self.at)
        if place is None:
            many = len(self.places.by_id.get(ids[-1], ()))
            said = "kommt im Schema mehrmals vor" if many > 1 else "gibt es im Schema nicht"
            raise Unsure(f"{ids[-1]} {said}.")
        self._skip_name(place.element)
        return place

    def _skip_name(self, element: model.Field | model.Group) -> None:
        for name in sorted({element.about.name, element.label, element.label_out}, key=len, reverse=True):
            if name and self.take(re.escape(" ".join(name.split())) + r"[\"“”']?(?!\w)"):
                return
        if found := _QUOTED.match(self.text, self.position):
            self.position = found.end()

    def value(self, place: Place) -> str:
        """One value of the field: its code, or "true" and "false". Code and name must not contradict each other."""
        element = place.element
        if not isinstance(element, model.Field):
            raise self.unsure("Eine Gruppe hat keinen Wert")
        if element.type == "bool":
            for words, answer in ((_YES, "true"), (_NO, "false")):
                if self.take(rf"[\"'„“]?(?:{'|'.join(words)})[\"'“”]?(?!\w)"):
                    return answer
            raise self.unsure("Der Wert passt nicht zu einem Ja-Nein-Feld")
        if element.kind != "select":
            raise self.unsure(f"{element.ident.id} ist kein Auswahlfeld")
        if place.values is None:
            raise Unsure(f"Die Codeliste von {element.ident.id} fehlt.")
        return self._option(place.values)

    def _option(self, values: tuple[model.Value, ...]) -> str:
        best: tuple[int, str] | None = None
        ahead = self.text[self.position : self.position + 500].casefold()
        for value in values:
            # A list may have a thousand values: only those that stand here are worth a pattern.
            if not ahead.lstrip(" \"'„“").startswith((value.code.casefold(), value.name[:8].casefold())):
                continue
            code, name = re.escape(value.code), _loose(value.name)
            for pattern in (
                rf"[\"'„“]?{code}[\"'“”]?\s*(?:=|-|–)?\s*[\"'„“]?{name}[\"'“”]?",
                rf"[\"'„“]{name}[\"'“”]",
                rf"[\"'„“]?{code}[\"'“”]?(?![\w])(?!\s*(?:=|-|–)?\s*[\"'„“])(?!\s*=)(?!\s*-\s*\w)",
                rf"{name}(?!\w)",
            ):
                found = re.compile(rf"\s*{pattern}", re.I).match(self.text, self.position)
                if found and (best is None or found.end() > best[0]):
                    best = (found.end(), value.code)
        if best is None:
            raise self.unsure("Der Wert steht nicht in der Codeliste")
        self.position = best[0]
        return best[1]


def _loose(name: str) -> str:
    """A pattern for a name: any blanks, and the full stop at the end may be missing."""
    words = [re.escape(word) for word in name.rstrip(".").split()]
    return r"\s+".join(words) + r"\.?" if words else r"(?!)"


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] == " ":
        position += 1
    return position
