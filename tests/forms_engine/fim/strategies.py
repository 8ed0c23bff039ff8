"""Random schemas: every kind of field, groups in groups, all cardinalities, texts with strange letters."""

import itertools

from hypothesis import strategies as st

from forms_engine.fim import model
from tests.forms_engine.fim.samples import part, rule, schema

TEXTS = st.text("abcÄößéŁş -„…2'\"<&", min_size=1, max_size=12).map(lambda text: " ".join(text.split()) or "x")
PLAIN = st.text("abcÄößéŁş-2'\"<&", min_size=1, max_size=12)
COUNTS = st.sampled_from(["0:1", "1:1", "0:*", "1:*", "2:5", "1:3"])
LIMITS = st.builds(
    model.Limits,
    min_length=st.none() | st.integers(0, 300),
    max_length=st.none() | st.integers(1, 5000),
    min_value=st.sampled_from(["", "0", "0.1", "-5", "x", "2026-01-01"]),
    max_value=st.sampled_from(["", "1", "9.99", "x"]),
    pattern=st.sampled_from(["", "[a-z]+", "("]),
)
VALUES = st.lists(
    st.builds(model.Value, st.text("01aä- ", min_size=1, max_size=3).map(lambda t: t.strip() or "0"), PLAIN),
    min_size=1,
    max_size=8,
    unique_by=lambda value: value.code,
).map(tuple)


@st.composite
def fields(draw, numbers):
    kind = draw(st.sampled_from(["input"] * 6 + ["select", "label", "hidden", "locked"]))
    label = draw(PLAIN)
    about = model.About(name=label, status=draw(st.sampled_from("12345678")), changed="2026-01-01T00:00:00Z")
    return model.Field(
        ident=model.Ident(f"F99{next(numbers):09d}", "1.0.0"),
        about=about,
        label=label,
        label_out=draw(st.just("") | PLAIN),
        help=draw(st.just("") | PLAIN | st.just("Lange Hilfe. " * 15).map(str.strip)),
        help_out="",
        origin=draw(st.sampled_from(["ABS", "HAR", "RNG"])),
        kind=kind,
        type="text" if kind != "input" else draw(st.sampled_from(model.DataType.__args__)),
        limits=draw(LIMITS),
        content=draw(st.just("") | PLAIN),
        prefill=draw(st.sampled_from(["keine", "optional", "verpflichtend"])),
        values=draw(VALUES) if kind == "select" else (),
        max_size=draw(st.none() | st.integers(1, 10**9)),
        media_types=draw(
            st.lists(st.sampled_from(["application/pdf", "image/png", "text/csv"]), max_size=2).map(tuple)
        ),
    )


@st.composite
def groups(draw, numbers, depth):
    label = draw(PLAIN)
    about = model.About(name=label, status="6", changed="2026-01-01T00:00:00Z")
    ident = model.Ident(f"G99{next(numbers):09d}", "1.0.0")
    inner = tuple(draw(parts(numbers, depth - 1)))
    choice = len(inner) > 1 and draw(st.integers(0, 4)) == 0
    if choice:
        inner = tuple(model.Part(0, 1, one.element) for one in inner)
    return model.Group(ident, about, label, label, draw(st.just("") | PLAIN), "", "HAR", inner, choice)


@st.composite
def parts(draw, numbers, depth):
    found = []
    for _ in range(draw(st.integers(1, 4))):
        nested = depth > 0 and draw(st.integers(0, 2)) == 0
        element = draw(groups(numbers, depth) if nested else fields(numbers))
        found.append(part(element, draw(COUNTS)))
    return found


@st.composite
def schemas(draw):
    """Whole schemas with a rule of each kind about elements they have."""
    built = draw(parts(itertools.count(1), 3))
    paths = [path for path, _ in model.walk(tuple(built))]
    one, other = draw(st.sampled_from(paths)), draw(st.sampled_from(paths))
    named = [path.replace("/", ".").replace("~", "") for path in (one, other)]
    texts = (
        f"Wenn {named[0]} = Ja, dann zeige {named[1]} an, sonst zeige {named[1]} nicht an.",
        f"Wenn {named[0]} nicht leer, dann darf {named[1]} nicht leer sein.",
        f"Es muss mindestens eines der Felder {named[0]} oder {named[1]} befüllt sein.",
        "Das ist zu würdigen.",
    )
    return schema(*built, rules=[rule(text, n) for n, text in enumerate(texts, 1)])
