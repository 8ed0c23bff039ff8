import datetime as dt

from forms_engine.definitions.build import page_form
from forms_engine.definitions.evaluate import evaluate

TODAY = dt.date(2026, 11, 22)


def test_smoke(small):
    state = evaluate(small, {"wahl": "b", "tag": "2026-01-01"}, today=TODAY)
    assert state.pages == ("anfang", "mehr", "wagen")
    form = page_form(small, "mehr", state)({"tag_0": "3", "tag_1": "März", "tag_2": "2026"})
    assert form.is_valid(), form.errors
    assert form.answers() == {"tag": "2026-03-03", "notiz": None}
    form = page_form(small, "wagen", state)(
        {"fahrzeuge-rows": "2", "fahrzeuge-0-kennzeichen": "m ab 1", "fahrzeuge-1-kennzeichen": "m-ab 1"}
    )
    assert not form.is_valid()
