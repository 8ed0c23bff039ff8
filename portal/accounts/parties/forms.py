"""What is asked about a child, a company and its members."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from portal.accounts.forms import EMAIL, Dressed, Words, name_field
from portal.accounts.models import CompanyRole, Scope
from portal.accounts.parties import wards
from portal.accounts.parties.models import UNREGISTERED, LegalForm
from portal.common import clock

_OFF = {"autocomplete": "off", "spellcheck": "false"}  # F22: not about the person who types
DAY = Words(
    _("Geburtsdatum"),
    _("Geben Sie das Geburtsdatum ein"),
    _("Geben Sie das Geburtsdatum wie 27.3.2021 ein"),
    hint=_("Zum Beispiel 27.3.2021"),
    width=10,
    attrs={"autocomplete": "off", "inputmode": "numeric"},
)


class ChildForm(Dressed):
    given_name = name_field(_("Der Vorname"))
    family_name = name_field(_("Der Familienname"))
    birth_date = forms.DateField(input_formats=["%d.%m.%Y", "%Y-%m-%d"], widget=forms.DateInput)
    words = {
        "given_name": Words(_("Vorname des Kindes"), _("Geben Sie den Vornamen des Kindes ein"), attrs=_OFF),
        "family_name": Words(_("Familienname des Kindes"), _("Geben Sie den Familiennamen des Kindes ein"), attrs=_OFF),
        "birth_date": DAY,
    }

    def clean_birth_date(self) -> dt.date:
        born: dt.date = self.cleaned_data["birth_date"]
        if born > clock.today():
            raise forms.ValidationError(_("Das Geburtsdatum muss in der Vergangenheit liegen"))
        if wards.last_day_as_child(born) < clock.today():
            raise forms.ValidationError(_("Für Volljährige gilt eine Vollmacht. Laden Sie die Person dazu ein"))
        return born


def _line(length: int, too_long: StrOrPromise, *, required: bool = True) -> forms.CharField:
    field = forms.CharField(required=required)
    field.validators.append(MaxLengthValidator(length, too_long))
    return field


class CompanyForm(Dressed):
    name = _line(120, _("Der Name darf höchstens 120 Zeichen lang sein"))
    legal_form = forms.ChoiceField(choices=[("", _("Bitte auswählen")), *LegalForm.choices])
    register_court = _line(80, _("Das Registergericht darf höchstens 80 Zeichen lang sein"), required=False)
    register_number = _line(20, _("Die Registernummer darf höchstens 20 Zeichen lang sein"), required=False)
    vat_id = _line(20, _("Die Nummer darf höchstens 20 Zeichen lang sein"), required=False)
    street = _line(120, _("Die Straße darf höchstens 120 Zeichen lang sein"))
    postcode = _line(10, _("Die Postleitzahl darf höchstens 10 Zeichen lang sein"))
    place = _line(80, _("Der Ort darf höchstens 80 Zeichen lang sein"))
    words = {
        "name": Words(
            _("Name des Unternehmens"),
            _("Geben Sie den Namen des Unternehmens ein"),
            hint=_("Wie im Register, ohne Rechtsform"),
            attrs={"autocomplete": "organization", "spellcheck": "false"},
        ),
        "legal_form": Words(_("Rechtsform"), _("Wählen Sie die Rechtsform")),
        "register_court": Words(
            _("Registergericht"), "", hint=_("Zum Beispiel Amtsgericht München"), attrs={"autocomplete": "off"}
        ),
        "register_number": Words(
            _("Registernummer"), "", hint=_("Zum Beispiel HRB 123456"), width=20, attrs={"autocomplete": "off"}
        ),
        "vat_id": Words(
            _("Umsatzsteuer-Identifikationsnummer"),
            "",
            hint=_("Zum Beispiel DE123456789"),
            width=20,
            attrs={"autocomplete": "off", "autocapitalize": "characters"},
        ),
        "street": Words(
            _("Straße und Hausnummer"), _("Geben Sie Straße und Hausnummer ein"), attrs={"autocomplete": "off"}
        ),
        "postcode": Words(
            _("Postleitzahl"), _("Geben Sie die Postleitzahl ein"), width=5, attrs={"autocomplete": "off"}
        ),
        "place": Words(_("Ort"), _("Geben Sie den Ort ein"), attrs={"autocomplete": "off"}),
    }

    def clean_vat_id(self) -> str:
        number = re.sub(r"[\W_]", "", self.cleaned_data["vat_id"]).upper()
        if number and not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{2,12}", number):
            raise forms.ValidationError(_("Die Nummer beginnt mit zwei Buchstaben, zum Beispiel DE123456789"))
        return number

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        must = data.get("legal_form") and data["legal_form"] not in UNREGISTERED
        court, number = data.get("register_court"), data.get("register_number")
        if not court and (must or number) and "register_court" not in self.errors:
            self.add_error("register_court", _("Geben Sie das Registergericht ein"))
        if not number and (must or court) and "register_number" not in self.errors:
            self.add_error("register_number", _("Geben Sie die Registernummer ein"))
        return data

    def facts(self) -> dict[str, Any]:
        """The columns of Company; the name is the account's."""
        return {name: value for name, value in self.cleaned_data.items() if name != "name"}


class MemberForm(Dressed):
    """Invites a member. Only owners see the question for the role."""

    address = forms.EmailField()
    role = forms.ChoiceField(choices=[(r.value, r.label) for r in reversed(CompanyRole) if r], widget=forms.RadioSelect)
    scope = forms.ChoiceField(choices=[(s.value, s.label) for s in Scope], widget=forms.RadioSelect)
    services = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    words = {
        "address": Words(
            _("E-Mail-Adresse des neuen Mitglieds"),
            _("Geben Sie die E-Mail-Adresse ein"),
            EMAIL.wrong,
            attrs={"type": "email", "autocomplete": "off", "spellcheck": "false"},
        ),
        "role": Words(_("Rolle"), _("Wählen Sie die Rolle")),
        "scope": Words(_("Was darf das Mitglied für das Unternehmen tun?"), _("Wählen Sie, was das Mitglied tun darf")),
        "services": Words(
            _("Nur für diese Leistungen"),
            "",
            hint=_("Ohne Auswahl gilt es für alle Leistungen, die man in Vertretung beantragen kann."),
        ),
    }

    def __init__(self, *args: Any, services: list[tuple[str, str]], owner: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["services"].choices = services  # type: ignore[attr-defined]  # MultipleChoiceField
        if not owner:
            del self.fields["role"]


class RoleForm(Dressed):
    role = forms.ChoiceField(choices=[(r.value, r.label) for r in reversed(CompanyRole) if r], widget=forms.RadioSelect)
    words = {"role": Words(_("Rolle"), _("Wählen Sie die Rolle"))}
