"""Invented letters of every kind: names in any script, answers of 4,000 characters, tables of 300 rows, or nothing.

The same kind and number give the same letter. Words are those of the catalogue's forms, taken in turns.
"""

import datetime as dt
import functools
import json
import random
import uuid
from collections.abc import Callable
from typing import Any

from forms_engine.cases import letters
from forms_engine.cases.models import DecisionKind, Paper, PaperKind
from forms_engine.cases.models.kinds import ENDING, UNDATED
from forms_engine.cases.wording import samples, shapes, texts, values
from forms_engine.definitions import actions, schema
from forms_engine.definitions.language.form import FormDefinition
from portal.documents import render
from tests.portal.documents import samples as documents

NAMES = (
    "Łukasz Ḥaddād Ṩðþß Ǿ n̂ M̂",
    "Prof. Dr. Friederike-Charlotte Gräfin von Größenwahn-Żółkiewska-Ḥusaynī",
    "محمد بن عبد الله",
    "יעל כהן",
    "王小明 歐陽",
    "क्षेत्रज्ञ",
    "Ελένη Щербакова",
    "ნინო Հայկ ไทย 한국어 தமிழ்",
    "A\u0000B\u202eC\U0001f600\ufeff",
    '<script>alert(1)</script> & "x" {{ y }} {% if %}',
    "x" * 200,
    "",
)
WORDS = ("Lärm am Hof. ", "Zeile\n", "x", "Straßenbahn-Oberleitung, ", "\t ", "Ω→∞ ½ € „so“ – ", "ﬁ\u00ad\u200b", "😀 ")
ROWS, MOST_ROWS = (0, 1, 3, 7, 12, 40), 300
HARD = 10  # every tenth letter has the longest texts and tables
KINDS = [*map(str, DecisionKind), "receipt", "report", "summary"]
BLOCKS = {
    "opening": "## Teil\n\nGuten Tag {{ name }}\n\n| Kennzeichen | Gebiet |\n{% for k in kennzeichen %}\n"
    "| {{ k }} | {{ gebiet }} |\n{% endfor %}\n\n{{ begruendung }}",
    "reasons": "{% if begruendung %}\n## Warum\n\n{{ begruendung }}\n{% endif %}",
    "conditions": "{% for k in kennzeichen %}\n- {{ k }}\n{% endfor %}",
    "closing": "## Ende\n\nMit {{ gebuehr }}",
    "plain": "{{ name }}\n\n- {{ gebiet }}\n- {{ begruendung }}",
}
TODAY = dt.date(2026, 3, 2)


@functools.cache
def forms() -> list[FormDefinition]:
    sources = sorted(actions.CATALOGUE.glob("*.yaml"))
    return [schema.load(path.read_text(encoding="utf-8")) for path in sources]


class Luck(random.Random):
    """What somebody may have typed."""

    def __init__(self, kind: str, number: int):
        super().__init__(f"{kind}:{number}")
        self.hard = number % HARD == 0

    def name(self) -> str:
        return self.choice(NAMES)

    def text(self, most: int = 4000) -> str:
        piece, long = self.choice(WORDS), most if self.hard else self.choice((0, 1, 60, min(most, 600)))
        return (piece * (long // len(piece) + 1))[:long]

    def maybe(self, value: Any, otherwise: Any = "") -> Any:
        return value if self.random() < 0.7 else otherwise

    def fee(self) -> dict[str, Any] | None:
        paid = self.maybe("2026-03-01", None)
        fee = {"cents": self.choice((1, 30_00, 123_456_789)), "paid_on": paid, "due_on": "2026-04-01"}
        return self.maybe(fee | {"kassenzeichen": self.maybe("2600000000421")}, None)

    def rows(self, name: str) -> list[dict[str, str]]:
        many = MOST_ROWS if self.hard else self.choice(ROWS)
        return [{"label": f"{name} {number}", "value_text": self.text(60)} for number in range(many)]


def decision(kind: str, luck: Luck, form: FormDefinition) -> dict[str, Any]:
    form = _deciding(form)
    payload = samples.payload(form, DecisionKind(kind), {}, clerk=luck.name()) | _frame(luck)
    payload |= {
        "explanation": luck.text(),
        "facts": luck.rows("Angabe"),
        "granted_part": luck.maybe(payload["granted_part"]) and luck.text(),
        "refused_part": luck.maybe(payload["refused_part"]) and luck.text(),
        "conditions": luck.maybe([luck.text(400) for _ in range(luck.randint(0, 12))], []),
        "valid_from": None if kind in UNDATED else luck.maybe("2026-03-02", None),
        "replaces": {"date": "2025-01-01", "kind": "granted"} if kind in ENDING else None,
        "large_print": luck.random() < 0.3,
    }
    payload["valid_until"] = payload["valid_from"] and luck.maybe("2027-03-01", None)
    if luck.random() < 0.5:
        return payload
    said = {"name": payload["recipient"]["name"], "kennzeichen": payload["marks"], "gebiet": payload["area"]}
    blank: Any = shapes.empty(texts.vocabulary(form))
    return values.apply(payload, BLOCKS, blank | said | {"begruendung": payload["explanation"]})


def receipt(kind: str, luck: Luck, form: FormDefinition) -> dict[str, Any]:
    # The frame comes from a form that decides, for others have no such words.
    payload = samples.payload(_deciding(form), DecisionKind.GRANTED, {}, clerk="") | _frame(luck)
    days = {"from": "2026-03-02", "until": "2026-03-09"}
    return payload | {
        "title": str(form.title),
        "received_at": documents.CREATED.isoformat(),
        "report": kind == "report",
        "decide_by": luck.maybe("2026-04-01", None),
        "decide_basis": luck.maybe("Art. 42a BayVwVfG"),
        "provisional": luck.maybe(days, None) if kind == "receipt" else None,
        "sections": [
            {"title": luck.maybe("Person", "x"), "rows": luck.rows("Frage")} for _ in range(luck.randint(0, 3))
        ],
        "next_steps": luck.maybe(list(map(str, form.submission.next_steps)), []),
    }


def _deciding(form: FormDefinition) -> FormDefinition:
    return form if form.decision is not None else next(one for one in forms() if one.decision is not None)


def _frame(luck: Luck) -> dict[str, Any]:
    city = ("Marienplatz 8", "80331", "München")
    sender = dict(zip(("street", "postcode", "place"), city, strict=True))
    return {
        "number": "KVR-2026-000042-7",
        "date": TODAY.isoformat(),
        "sender": sender | {"department": luck.maybe("Kreisverwaltungsreferat"), "phone": luck.maybe("089 233-00")},
        "recipient": {"name": luck.name(), "lines": [luck.text(60) or "x" for _ in range(luck.randint(0, 5))]},
        "area": luck.maybe(luck.text(60)),
        "marks": [f"M-ÄB {number}" for number in range(luck.choice((0, 1, 3, 12)))],
        "fee": luck.fee(),
    }


def summary(luck: Luck) -> dict[str, Any]:
    _template, context = documents.summary()
    sections = [
        {"title": luck.text(60) or "x", "rows": luck.rows("Frage")}
        for _ in range(1 if luck.hard else luck.randint(0, 3))
    ]
    files = [{"name": f"{luck.name() or 'x'}.pdf", "sha256": "9f" * 32} for _ in range(luck.randint(0, 9))]
    to = {"name": luck.name(), "lines": [luck.text(60) for _ in range(luck.randint(0, 5))]}
    return context | {
        "sections": sections,
        "uploads": files,
        "recipient": to,
        "submitted_at": luck.maybe(documents.CREATED, None),
    }


def drawn(kind: str, number: int) -> bytes:
    """The finished letter, not sealed."""
    luck = Luck(kind, number)
    form = forms()[number % len(forms())]
    if kind == "summary":
        return _pdf("documents/summary.html", summary(luck), {})
    make: Callable[..., dict[str, Any]] = receipt if kind in ("receipt", "report") else decision
    payload = make(kind, luck, form)
    paper = Paper(kind=PaperKind.DECISION if make is decision else PaperKind.RECEIPT, code=documents.CODE)
    return _pdf(letters.TEMPLATES[PaperKind(paper.kind)], letters.context(paper, payload), payload)


def _pdf(template: str, context: dict[str, Any], payload: dict[str, Any]) -> bytes:
    data = json.dumps(payload, ensure_ascii=False, sort_keys=True).encode()
    attached = [render.Attachment("inhalt.json", "application/json", data, "Der Inhalt zum maschinellen Lesen")]
    title = f"Bescheid {uuid.UUID(int=0)}"
    return render.render_pdf(template, context, title=title, created=documents.CREATED, attachments=attached)
