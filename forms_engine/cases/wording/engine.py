"""The restricted engine: Django's template language with if, for and seven filters, and nothing that reads a file.

check() finds before saving what could go wrong later: an unknown name, a tag or a filter of the big language, a loop
over something that is no list. What passes it renders from the vocabulary of the form and cannot fail.
"""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.template import Context, Engine, Template, TemplateSyntaxError
from django.template.base import FilterExpression, Lexer, Node, Token, TokenType, Variable, VariableNode
from django.template.defaulttags import CommentNode, ForNode, IfNode, TemplateLiteral

from forms_engine.cases.wording import blocks
from forms_engine.cases.wording.shapes import Record, Rows, Shape, Text

MAX_CHARACTERS = 20_000  # of one block
MAX_TAG = 200  # characters of one tag: a condition of thousands of words would exhaust the parser
MAX_DEPTH = 6  # tags inside tags
MAX_LOOPS = 2  # loops inside loops
MAX_RENDERED = 400_000  # characters that a block may become
ALLOWED = ("if", "elif", "else", "endif", "for", "empty", "endfor", "comment", "endcomment")
_OPENS, _CLOSES = ("if", "for"), ("endif", "endfor")
_FILTER = re.compile(r"Invalid filter: '(\w+)'")
_ONLY_TAGS = re.compile(r"^[ \t]*(?P<tags>(?:\{%[^\n%]*%\}[ \t]*)+)\n", re.MULTILINE)
_LOOP = Record("Schleife", {name: Text(name) for name in ("counter", "first", "last")})
_CONSTANTS = frozenset({"True", "False", "None"})


class _Restricted(Engine):
    default_builtins: list[str] = []


_ENGINE = _Restricted(builtins=["forms_engine.cases.wording.tags"], loaders=[], autoescape=False)


class TooLong(Exception):
    """A block became longer than a letter can hold."""


@dataclass(frozen=True)
class Finding:
    """What is wrong with a block, and in which line; the sentence is German and fit for the page."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"Zeile {self.line}: {self.text}"


def render(source: str, values: Mapping[str, Any]) -> str:
    """The text of a block with its values; marks in values are inert (blocks.py). Raises TooLong.

    Lines that hold only tags vanish, as their author expects.
    """
    template = Template(_ONLY_TAGS.sub(r"\g<tags>", source.replace("\r\n", "\n")), engine=_ENGINE)
    text = str(template.render(Context(blocks.inert(values), autoescape=False)))
    if len(text) > MAX_RENDERED:
        raise TooLong
    return text


def check(source: str, vocabulary: Record) -> list[Finding]:
    """Everything that is wrong with a block, in the order of its lines; empty if it can be published."""
    source = source.replace("\r\n", "\n")
    if len(source) > MAX_CHARACTERS:
        return [Finding(1, f"Kürzen Sie den Text auf höchstens {MAX_CHARACTERS:,} Zeichen.".replace(",", "."))]
    found = list(_tokens(source))
    if found:
        return found
    try:
        template = Template(source, engine=_ENGINE)
    except TemplateSyntaxError as error:
        return [_broken(error)]
    walk = _Walk(source)
    walk.nodes(template.nodelist, vocabulary, 0)
    return sorted(walk.found, key=lambda finding: finding.line)


def _tokens(source: str) -> Iterator[Finding]:
    depth = 0
    for token in Lexer(source).tokenize():
        if token.token_type is TokenType.TEXT:
            yield from _left_open(token)
            continue
        if len(token.contents) > MAX_TAG:
            yield Finding(token.lineno or 1, f"Ein Platzhalter darf höchstens {MAX_TAG} Zeichen lang sein.")
        if token.token_type is not TokenType.BLOCK:
            continue
        command = (token.contents.split() or [""])[0]
        depth += (command in _OPENS) - (command in _CLOSES)
        if command not in ALLOWED:
            yield Finding(
                token.lineno or 1, f"„{{% {command} %}}“ gibt es in Vorlagen nicht. Erlaubt sind if, for und comment."
            )
        elif depth > MAX_DEPTH:
            yield Finding(token.lineno or 1, f"Hier stehen mehr als {MAX_DEPTH} Bedingungen oder Listen ineinander.")
            return


def _left_open(token: Token) -> Iterator[Finding]:
    """A placeholder that is not closed on its line would be printed as it stands."""
    for mark in ("{{", "}}", "{%", "%}"):
        if mark in token.contents:
            line = (token.lineno or 1) + token.contents[: token.contents.index(mark)].count("\n")
            yield Finding(line, f"Zu „{mark}“ fehlt das Gegenstück in derselben Zeile.")


def _broken(error: TemplateSyntaxError) -> Finding:
    token = getattr(error, "token", None)
    line = token.lineno if token is not None and token.lineno else 1
    if match := _FILTER.search(str(error)):
        return Finding(line, f"Den Zusatz „|{match[1]}“ gibt es in Vorlagen nicht.")
    content = token.contents if token is not None else ""
    return Finding(line, f"„{content}“ ist nicht vollständig. Prüfen Sie Anfang, Ende und Schreibweise.")


class _Walk:
    """Goes through a parsed block with the names that are known at each place."""

    def __init__(self, source: str):
        self.lines, self.found = source.split("\n"), list[Finding]()

    def nodes(self, nodelist: Iterable[Any], scope: Record, loops: int) -> None:
        for node in nodelist:
            match node:
                case VariableNode():
                    self._printed(node, scope)
                case IfNode():
                    for condition, inside in node.conditions_nodelists:
                        self._condition(condition, node, scope)
                        self.nodes(inside, scope, loops)
                case ForNode():
                    self._loop(node, scope, loops)
                case CommentNode():
                    pass

    def _say(self, node: Node, name: str, text: str) -> None:
        start = node.token.lineno if node.token is not None and node.token.lineno else 1
        at = (n for n, line in enumerate(self.lines[start - 1 :], start) if name in line)
        self.found.append(Finding(next(at, start), text))

    def _printed(self, node: Any, scope: Record) -> None:
        shape = self._shape(node.filter_expression, node, scope)
        name = str(node.filter_expression.var)
        if isinstance(shape, Rows):
            how = f'{{{{ {name}|join:", " }}}}' if isinstance(shape.of, Text) else f"{{% for zeile in {name} %}}"
            self._say(node, name, f"„{name}“ ist eine Liste. Schreiben Sie {how}.")
        elif isinstance(shape, Record):
            some = ", ".join(list(shape.members)[:5])
            self._say(node, name, f"„{name}“ hat mehrere Angaben. Nennen Sie eine davon nach einem Punkt: {some}.")

    def _loop(self, node: Any, scope: Record, loops: int) -> None:
        shape, name = self._shape(node.sequence, node, scope), str(node.sequence.var)
        if loops >= MAX_LOOPS:
            self._say(node, name, f"Mehr als {MAX_LOOPS} Listen ineinander sind nicht möglich.")
        if len(node.loopvars) != 1:
            self._say(node, name, "Nennen Sie nach „for“ genau einen Namen.")
        elif shape is not None and not isinstance(shape, Rows):
            self._say(node, name, f"„{name}“ ist keine Liste.")
        else:
            row: Shape | None = shape.of if isinstance(shape, Rows) else None
            known = {**scope.members, "forloop": _LOOP} | ({node.loopvars[0]: row} if row else {})
            if row is not None:
                self.nodes(node.nodelist_loop, Record("", known), loops + 1)
        self.nodes(node.nodelist_empty, scope, loops)

    def _condition(self, condition: Any, node: Node, scope: Record) -> None:
        if isinstance(condition, TemplateLiteral):
            value: Any = condition.value  # a filter expression; the stubs know it as what it is worth
            self._shape(value, node, scope)
            return
        for side in (getattr(condition, "first", None), getattr(condition, "second", None)):
            if side is not None:
                self._condition(side, node, scope)

    def _shape(self, expression: FilterExpression, node: Node, scope: Record) -> Shape | None:
        """None: unknown, and said so."""
        shape = self._named(expression.var, node, scope)
        for function, arguments in expression.filters:
            for is_variable, argument in arguments:
                if is_variable:
                    self._named(argument, node, scope)
            if function.__name__ in ("first", "last") and isinstance(shape, Rows):
                shape = shape.of
            elif function.__name__ != "default" and shape is not None:
                shape = Text("")
        return shape

    def _named(self, variable: object, node: Node, scope: Record) -> Shape | None:
        if not isinstance(variable, Variable) or variable.lookups is None or variable.var in _CONSTANTS:
            return Text("")
        shape: Shape = scope
        for name in variable.lookups:
            known = shape.members if isinstance(shape, Record) else {}
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f" Meinen Sie „{near[0]}“?" if near else " Die Liste neben dem Text nennt alle Namen."
                self._say(node, str(variable.var), f"„{variable.var}“ gibt es nicht.{hint}")
                return None
            shape = known[name]
        return shape
