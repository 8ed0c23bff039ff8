"""The catalogues say what the source says, completely; and no text of a citizen's page does without them."""

import ast
import re

import polib
import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType

from portal.management import catalogues
from tests.portal.languages.words import WORD, only_in, words_of

BASE = settings.BASE_DIR
# German for good: letters, clerks, what only the demonstration and its builders see, the page in Leichte Sprache.
GERMAN_ONLY = re.compile(
    r"^(admin|builder|intake|preview|cases/letters|demoidentity|documents/(letter|receipt|summary)|fakestripe|mail|topics/desk|workplace)"
    r"|/email/|home/(demo_mail|start_simple|style)\.html|mfa/_demo_code|errors/maintenance"
)
TEMPLATES = [
    path
    for path in sorted((BASE / "templates").rglob("*.html"))
    if not GERMAN_ONLY.search(str(path.relative_to(BASE / "templates")))
]
# Names of people, places and things.
PROPER = {"Implerstraße", "Kreisverwaltungsreferat", "Kommunale", "Verkehrsüberwachung", "Parkausweise", "München"}
PROPER |= {
    "Regierung",
    "von",
    "Oberbayern",
    "Maximilianstraße",
    "csrftoken",
    "messages",
    "portal",
    "sitzung",
    "JavaScript",
}
PROPER |= {
    "SHA",
    "Landesamt",
    "für",
    "Digitalisierung",
    "Breitband",
    "und",
    "Vermessung",
    "Alexandrastraße",
    "terminal",
}
PROPER |= {"SHA", "CSV", "JSON", "PDF", "termin", "ics", "Noto", "Sans"}
CITIZENS = ("views", "forms", "wizard", "intake", "filetypes", "fields", "validators", "present", "adapter", "verdicts")


@pytest.fixture(scope="module")
def found():
    return catalogues.messages_of(BASE)


@pytest.mark.slow
@pytest.mark.parametrize("locale", [catalogues.ENGLISH, catalogues.SIMPLE])
def test_a_catalogue_is_complete_and_compiled(found, locale):
    assert catalogues.problems(BASE, locale, found) == []


def outside(source: str) -> str:
    """The text of a template that no translation tag holds, with the attributes people hear or see."""
    kept, inside = [], False
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK:
            name = token.split_contents()[0]
            inside = name in ("blocktranslate", "comment") or (
                inside and name not in ("endblocktranslate", "endcomment")
            )
            kept.append("\0")
        elif token.token_type == TokenType.TEXT and not inside:
            kept.append(token.contents)
    page = "".join(kept)
    heard = re.findall(r'\b(?:title|aria-label|alt|placeholder)="([^"\0]+)"', page)
    return " ".join([re.sub(r"<[^<>]*>|&\w+;", " ", page), *heard])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(BASE / "templates")))
def test_a_template_says_nothing_untranslated(path):
    assert set(WORD.findall(outside(path.read_text(encoding="utf-8")))) - PROPER == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(BASE / "templates")))
def test_dates_are_written_in_the_language_of_the_page(path):
    assert re.findall(r'\|(?:date|time):"[^"]*(?:[jF]|H:i)[^"]*"', path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(BASE / "templates")))
def test_what_is_handed_to_a_component_is_translated(path):
    tags = [
        token.contents
        for token in Lexer(path.read_text(encoding="utf-8")).tokenize()
        if token.token_type != TokenType.TEXT
    ]
    bare = [
        re.sub(r'_\("[^"]*"\)', "", tag) for tag in tags if not re.match(r"translate|extends|load|url|if |elif |#", tag)
    ]
    texts = [text for tag in bare for text in re.findall(r'"([^"]*)"', tag)]
    assert [text for text in texts if re.search(r"[A-ZÄÖÜ][a-zäöü]+|[a-zäöüß]+ [a-zäöüß]+", text)] == []


def untranslated(source: str) -> list[str]:
    """German sentences in code that nobody translates; docstrings aside."""
    tree = ast.parse(source)
    fine = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("_", "_lazy", "ngettext")
        ):
            fine.update(node.args)
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in fine
    ]
    return [
        text for text in texts if " " in text.strip() and "filename=" not in text and words_of(text) & only_in()["de"]
    ]


@pytest.mark.parametrize(
    "path",
    [
        path
        for package in catalogues.PACKAGES
        for name in CITIZENS
        for path in sorted((BASE / package).rglob(f"{name}.py"))
        if not re.search(
            "workplace|management|definitions/(language|builder)|preview|cases/forms|/fim/|engine/intake/|topics/desk/",
            str(path),
        )  # for clerks and builders
    ],
    ids=lambda path: str(path.relative_to(BASE)),
)
def test_code_for_citizens_says_nothing_untranslated(path):
    assert untranslated(path.read_text(encoding="utf-8")) == []


def test_plurals_and_quoted_texts_are_found():
    source = (
        '{% translate "Eins" %}{% include "x" with a=_("Zwei") %}{{ b|default:_("Drei") }}'
        "{% blocktranslate trimmed count n=x %}\n {{ n }} Ding\n{% plural %}{{ n }} Dinge{% endblocktranslate %}"
    )
    assert [*catalogues.in_template(source)] == [
        *(("Eins", ""), ("Zwei", ""), ("Drei", "")),
        ("%(n)s Ding", "%(n)s Dinge"),
    ]


@pytest.mark.slow
def test_a_lost_placeholder_is_found():
    entry = polib.POEntry(msgid='%(n)s <a href="%(to)s">Dinge</a>', msgstr="things")
    assert "stimmen nicht" in next(catalogues._faults(entry))
