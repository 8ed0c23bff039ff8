from hypothesis import given
from hypothesis import strategies as st

from forms_engine.definitions.expressions import Kind, Scope
from forms_engine.fim import conditions as c

PATHS = ("a", "b", "yes")
KNOWN = {
    "a": c.Known("a", "text"),
    "b": c.Known("b", "text", codes={"ä 1": "x-1"}),
    "yes": c.Known("yes", "boolean"),
}
SCOPE = Scope({"a": Kind.TEXT, "b": Kind.TEXT, "yes": Kind.BOOL, "answered": Kind.FLAGS})
LEAVES = st.one_of(
    st.builds(c.Is, st.sampled_from(["a", "b"]), st.frozensets(st.sampled_from(["1", "2", "ä 1"]), min_size=1)),
    st.builds(c.Is, st.just("yes"), st.frozensets(st.sampled_from(["true", "false"]), min_size=1, max_size=1)),
    st.builds(c.Filled, st.sampled_from(PATHS)),
    st.sampled_from([c.TRUE, c.FALSE]),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(c.Not, inner), st.builds(c.Several, st.booleans(), st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=8,
)
ANSWERS = st.fixed_dictionaries(
    {"a": st.sampled_from(["1", "2", "3"]), "b": st.sampled_from(["1", "ä 1"]), "yes": st.booleans()}
)


def holds(condition, answers):
    match condition:
        case c.Always(value):
            return value
        case c.Filled(path):
            return path in answers
        case c.Is("yes", values):
            return str(answers["yes"]).lower() in values
        case c.Is(path, values):
            return answers[path] in values
        case c.Not(of):
            return not holds(of, answers)
        case c.Several(every, of):
            return (all if every else any)(holds(one, answers) for one in of)


@given(CONDITIONS, ANSWERS)
def test_cel_says_what_the_condition_says(condition, answers):
    expression = SCOPE.compile(c.to_cel(condition, KNOWN), Kind.BOOL)
    data = {**answers, "b": {"ä 1": "x-1"}.get(answers["b"], answers["b"]), "answered": dict.fromkeys(PATHS, True)}
    assert expression.value(data) is holds(condition, answers)


@given(CONDITIONS, ANSWERS)
def test_simpler_means_the_same_and_the_opposite_the_opposite(condition, answers):
    simple = c.simple(condition)
    assert holds(simple, answers) is holds(condition, answers) is not holds(c.negated(condition), answers)
    assert c.simple(simple) == simple


@given(CONDITIONS, CONDITIONS, ANSWERS)
def test_what_is_called_opposite_is_opposite(one, other, answers):
    domains = {"a": frozenset({"1", "2", "3"})}
    if c.opposite(one, other, domains):
        assert holds(one, answers) is not holds(other, answers)


def test_quotes_and_backslashes_stay_inside_the_text():
    assert SCOPE.compile(c.quote("a'b\\c\nd") + " == 'x'", Kind.BOOL).value({}) is False
