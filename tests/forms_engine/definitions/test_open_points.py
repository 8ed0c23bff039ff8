import pytest

from forms_engine.definitions import actions, schema
from forms_engine.definitions.models import FormVersion
from tests.forms_engine.definitions.conftest import SMALL
from tests.forms_engine.definitions.test_schema import refused

POINT = 'open_points:\n  - {key: regel-1, question: "Was gilt sonntags?", quote: Sonntags nie.'
OPEN, SETTLED = f"{SMALL}{POINT}}}\n", f"{SMALL}{POINT}, settled: not_needed, reason: Wir haben zu.}}\n"


def test_a_form_with_open_points_is_a_form_but_cannot_be_published():
    assert schema.load(OPEN).open_points[0].key == "regel-1"
    with pytest.raises(schema.DefinitionError) as error:
        schema.publishable(OPEN)
    assert error.value.problems == [("open_points[0]", "Entscheiden Sie „regel-1“: Was gilt sonntags?")]
    assert schema.publishable(SETTLED).open_points[0].reason == "Wir haben zu."


@pytest.mark.parametrize("settled", ["replaced", "not_needed"])
def test_who_replaces_or_drops_a_rule_says_why(settled):
    assert "Grund" in refused(f"{SMALL}{POINT}, settled: {settled}}}\n")[0][1]


def test_a_key_stands_once():
    twice = f'{SMALL}{POINT}}}\n  - {{key: regel-1, question: "Und montags?"}}\n'
    assert ("open_points", "Der Schlüssel „regel-1“ steht mehrmals da.") in refused(twice)


@pytest.mark.django_db
def test_neither_publishing_nor_handing_in_gets_around_it(otto):
    with pytest.raises(schema.DefinitionError):
        actions.publish("klein", OPEN, by=None)
    draft = actions.write_draft("klein", OPEN, by=otto)
    with pytest.raises(actions.NotAllowed, match="offenen Punkte"):
        actions.hand_in(draft, by=otto, note="Neu")
    assert FormVersion.objects.get().state == "draft"


@pytest.mark.django_db
def test_once_settled_it_is_published():
    assert actions.publish("klein", SETTLED, by=None).state == "published"
