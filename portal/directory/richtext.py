"""Texts of the directory: HTML of unknown origin in, a few harmless tags out, and the plain sentences inside them."""

import html
import re

import nh3

TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a", "h3", "h4", "table", "caption", "thead", "tbody", "tr"}
TAGS |= {"th", "td"}
_CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes={"a": {"href"}, "th": {"scope"}},
    attribute_filter=lambda tag, name, value: value if name == "href" or value in ("row", "col") else None,
    url_schemes={"https", "http", "mailto", "tel"},
    link_rel="noopener noreferrer",
    clean_content_tags={"script", "style", "iframe", "object", "svg", "math", "template", "noscript"},
)
_NO_TAGS = nh3.Cleaner(tags=set(), clean_content_tags={"script", "style"})
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]"
)
_OLD_NAMES = (("b", "strong"), ("i", "em"))
# A break before or after a block shows as a hole in the page.
_HOLES = re.compile(r"(?: ?<br> ?)+(?=</(?:p|li|td)>)|(?<=<p>)(?: ?<br> ?)+|(?<=<li>)(?: ?<br> ?)+")
_MAY_GO = {f"<{name}>" for name in ("p", "li", "ul", "ol", "strong", "em", "h3", "h4")}  # where nothing is inside
_TAG = re.compile(r"(</?[a-z0-9]+>)")
_BLOCK_END = re.compile(r"</(?:p|li|h3|h4|tr|caption)>|<br>")
_CELL_END = re.compile(r"</(?:td|th)>")
_TABLE_HEAD = re.compile(r"<caption>.*?</caption>|<thead>.*?</thead>")
# A full stop ends a sentence before a capital letter, but not after "z. B.", "Nr." or a bare number ("4. März").
_SENTENCE = re.compile(r"(?<=[.!?])(?<!\b\w\.)(?<!\d\.)(?<!\bNr\.)(?<!\bAbs\.)(?<!bzw\.)(?<!ggf\.)\s+(?=[A-ZÄÖÜ„\"])")


def line(text: object) -> str:
    """One line of plain text: no invisible characters, single ordinary spaces."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", str(text))).strip()


def clean(text: str) -> str:
    """HTML with nothing but TAGS, links of harmless schemes, no invisible characters. clean(clean(x)) == clean(x)."""
    text = _SPACES.sub(" ", _INVISIBLE.sub("", html_spaces(text)))
    for old, new in _OLD_NAMES:
        text = re.sub(rf"<(/?){old}(?=[\s>])[^>]*>", rf"<\1{new}>", text, flags=re.I)
    text = _CLEANER.clean(re.sub(r"</div>", "<br>", text, flags=re.I))
    text = _SPACES.sub(" ", _INVISIBLE.sub("", html_spaces(text)))
    before = None
    while before != text:
        before, text = text, _HOLES.sub("", _without_empty(text)).strip()
    return text


def _without_empty(text: str) -> str:
    """Elements without content go, and with them those that held nothing else; one pass, however deep they nest."""
    kept: list[str] = []
    opened: list[int] = []  # places in `kept`
    for part in _TAG.split(text):
        if part in _MAY_GO:
            opened.append(len(kept))
        elif part.startswith("</") and opened and part[2:] == kept[opened[-1]][1:]:
            begin = opened.pop()
            if not any(inside.strip() for inside in kept[begin + 1 :]):
                del kept[begin:]
                continue
        kept.append(part)
    return "".join(kept)


def html_spaces(text: str) -> str:
    """The written-out forms of the no-break space and of the soft hyphen."""
    return re.sub(r"&(?:nbsp|#160|#x0*a0);", " ", re.sub(r"&(?:shy|zwnj|zwj|#8203|#x200b);", "", text, flags=re.I))


def from_plain(text: str) -> str:
    """Paragraphs from plain text, divided by blank lines. Text with tags of its own stays HTML."""
    if "<" in text:
        return clean(text)
    blocks = [line(block) for block in re.split(r"\n\s*\n", text)]
    return "".join(f"<p>{html.escape(block, quote=False)}</p>" for block in blocks if block)


def from_list(items: list[str]) -> str:
    return clean("<ul>" + "".join(f"<li>{html.escape(line(item), quote=False)}</li>" for item in items) + "</ul>")


def to_lines(text: str) -> list[str]:
    """What a reader sees, one entry per paragraph, list item or table row."""
    plain = (html.unescape(_NO_TAGS.clean(part)) for part in _BLOCK_END.split(_CELL_END.sub(" ", text)))
    return [found for found in map(line, plain) if found]


def to_text(text: str) -> str:
    return " ".join(to_lines(text))


def sentences(text: str) -> list[str]:
    """The sentences, list items and table rows as they stand in the text, in order."""
    return [found for block in to_lines(_TABLE_HEAD.sub("", text)) for found in _SENTENCE.split(block) if found]
