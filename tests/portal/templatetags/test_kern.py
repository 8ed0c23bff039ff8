"""Fields in the markup of the house, by the F-rules."""

import datetime
import re

import pytest
from django import forms

from portal.common.dates import DateField
from portal.home.style import FILLED, SampleForm
from portal.templatetags import kern


def tags(markup, name):
    return re.findall(rf"<{name}\b[^>]*>", str(markup))


@pytest.fixture
def wrong():
    return SampleForm({"postcode": "8033", "born_0": "27"})


def test_f11_only_what_is_optional_is_marked():
    form = SampleForm()
    marked = [field.name for field in form if "– optional" in field.as_field_group()]
    assert marked == ["reach", "reason"]
    assert all("required" not in tag for field in form for tag in tags(field.as_field_group(), "input"))


def test_f12_hint_and_error_stand_between_label_and_control_and_are_linked(wrong):
    markup = wrong["postcode"].as_field_group()
    places = [
        markup.index(part) for part in ("<label", 'id="id_postcode_helptext"', 'id="id_postcode_error"', "<input")
    ]
    assert places == sorted(places)
    [control] = tags(markup, "input")
    assert 'aria-describedby="id_postcode_helptext id_postcode_error"' in control
    assert 'aria-invalid="true"' in control and 'value="8033"' in control


def test_f14_choices_are_a_group_named_by_its_legend_with_nothing_chosen():
    markup = SampleForm()["owner"].as_field_group()
    assert tags(markup, "fieldset") and "<legend" in markup
    assert len(tags(markup, "input")) == 3 and "checked" not in markup
    assert 'aria-describedby="id_owner_1_hint"' in tags(markup, "input")[1]


def test_f32_the_error_of_a_group_hangs_on_the_group_not_on_its_choices(wrong):
    markup = wrong["owner"].as_field_group()
    assert 'aria-describedby="id_owner_error"' in tags(markup, "fieldset")[0]
    assert "aria-invalid" not in markup


def test_several_choices_are_boxes_to_tick_and_keep_what_was_ticked():
    inputs = tags(SampleForm(FILLED)["reach"].as_field_group(), "input")
    assert ['type="checkbox"' in tag for tag in inputs] == [True, True, True]
    assert ["checked" in tag for tag in inputs] == [True, False, True]


def test_f32_only_the_missing_parts_of_a_date_are_marked(wrong):
    inputs = tags(wrong["born"].as_field_group(), "input")
    assert ['aria-invalid="true"' in tag for tag in inputs] == [False, True, True]
    assert [re.search('autocomplete="(.*?)"', tag)[1] for tag in inputs] == ["bday-day", "bday-month", "bday-year"]


def test_f31_the_summary_leads_to_the_first_wrong_control_of_each_field(wrong):
    assert [problem.target for problem in kern.problems(wrong)] == [
        *("id_name", "id_postcode", "id_born_1", "id_owner_0", "id_place_0", "id_area", "id_paper", "id_correct"),
    ]
    page = "".join(field.as_field_group() for field in wrong)
    for problem in kern.problems(wrong):
        assert f'id="{problem.target}"' in page
        assert f"Fehler: </span>{problem.text}</span>" in page


def test_f34_a_field_shows_one_sentence_even_if_several_rules_are_broken():
    class Strict(forms.Form):
        code = forms.CharField()

        def clean_code(self):
            raise forms.ValidationError(["Erstens", "Zweitens"])

    form = Strict({"code": "x"})
    assert [problem.text for problem in kern.problems(form)] == ["Erstens"]
    assert "Zweitens" not in form["code"].as_field_group()


def test_errors_of_the_whole_form_come_first():
    form = SampleForm(FILLED)
    form.add_error(None, "Die Angaben passen nicht zusammen")
    assert kern.problems(form)[0] == kern.Problem("", "Die Angaben passen nicht zusammen")


def test_a_formset_without_errors_has_no_problems_and_one_with_errors_has_them_all():
    class Car(forms.Form):
        plate = forms.CharField(error_messages={"required": "Geben Sie das Kennzeichen ein"})

    cars = forms.formset_factory(Car, extra=0, min_num=2, validate_min=True)
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-plate": "M-AB 1", "form-1-plate": "M-AB 2"}
    assert kern.problems(cars(data)) == []
    problems = kern.problems(cars({**data, "form-0-plate": "", "form-1-plate": " "}))
    assert {problem.target for problem in problems} >= {"id_form-0-plate"}


@pytest.mark.parametrize("nothing", [None, "", forms.Form(), []])
def test_nothing_has_no_problems(nothing):
    assert kern.problems(nothing) == []


def test_f21_the_width_of_a_field_shows_the_expected_length():
    form = SampleForm()
    assert "p-width-5" in form["postcode"].as_field_group()
    assert "p-width" not in form["name"].as_field_group()


def test_f03_the_label_can_be_the_heading_of_the_page():
    class One(forms.Form):
        heading_field = "owner"
        owner = forms.ChoiceField(label="Wem gehört es?", choices=[("a", "Mir")], widget=forms.RadioSelect)
        born = DateField(label="Wann?")

    form = One()
    assert "<h1>Wem gehört es?</h1>" in form["owner"].as_field_group()
    assert "<h1" not in form["born"].as_field_group()


def test_what_people_type_is_escaped():
    form = SampleForm({"name": '"><script>', "reason": "</textarea><b>"})
    page = form["name"].as_field_group() + form["reason"].as_field_group()
    assert "<script>" not in page and "<b>" not in page


def test_moments_are_told_in_local_time():
    noon = datetime.datetime(2026, 7, 1, 10, 5, tzinfo=datetime.UTC)
    assert kern.day_or_moment(noon) == "1. Juli 2026, 12:05 Uhr"
    assert kern.machine_date(noon) == "2026-07-01T12:05+0200"
    assert (kern.day_or_moment(noon.date()), kern.machine_date(noon.date())) == ("1. Juli 2026", "2026-07-01")
