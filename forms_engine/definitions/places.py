"""Form field for a place in the city: words that find it, and coordinates where a device knows them.

No map from elsewhere is loaded (no third party sees who reports what); the coordinates are an addition to the words.
"""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from forms_engine.definitions.validators import clean

# The smallest box of degrees (WGS 84) that holds the City of Munich: south, north, west, east.
CITY = (48.061, 48.249, 11.360, 11.723)
LONGEST = 300
_DEGREES = re.compile(r"[0-9]{1,2}\.[0-9]{1,7}", re.ASCII)

Place = dict[str, str]  # {"words": "...", "lat": "48.13715", "lon": "11.57612"}; lat and lon both or neither


def sound_place(raw: object) -> Place | None:
    """The answer if it has the shape of a place in the city, else None."""
    if not isinstance(raw, Mapping) or not isinstance(words := raw.get("words"), str) or not words.strip():
        return None
    if len(words) > LONGEST or not words.isprintable():
        return None
    lat, lon = raw.get("lat"), raw.get("lon")
    if lat is None and lon is None:
        return {"words": words}
    if isinstance(lat, str) and isinstance(lon, str) and in_city(lat, lon):
        return {"words": words, "lat": lat, "lon": lon}
    return None


def in_city(lat: str, lon: str) -> bool:
    if not _DEGREES.fullmatch(lat) or not _DEGREES.fullmatch(lon):
        return False
    south, north, west, east = CITY
    return south <= float(lat) <= north and west <= float(lon) <= east


class PlaceInput(forms.MultiWidget):
    template_name = "kern/place.html"
    use_fieldset = True
    layout = ((_lazy("Adresse oder Beschreibung"), "words"), (_lazy("Breite"), "lat"), (_lazy("Länge"), "lon"))

    def __init__(self) -> None:
        self.wrong: tuple[int, ...] = ()
        degrees = {"inputmode": "decimal", "spellcheck": "false", "autocomplete": "off"}
        words = forms.TextInput(attrs={"autocomplete": "off"})
        super().__init__([words, forms.TextInput(attrs=degrees), forms.TextInput(attrs=degrees)])

    def decompress(self, value: Any) -> list[Any]:
        return [value.get(part) for _label, part in self.layout] if isinstance(value, Mapping) else [None, None, None]

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        kept = {key: val for key, val in (attrs or {}).items() if key not in ("aria-invalid", "aria-describedby")}
        context = super().get_context(name, value, kept)
        for number, (part, (label, key)) in enumerate(zip(context["widget"]["subwidgets"], self.layout, strict=True)):
            part |= {"label": label, "key": key, "wrong": number in self.wrong}
            if part["wrong"]:
                part["attrs"]["aria-invalid"] = "true"
        context["widget"]["south"], context["widget"]["north"], context["widget"]["west"], context["widget"]["east"] = (
            CITY
        )
        return context


class PlaceAnswer(forms.MultiValueField):
    """Cleans to a Place. `empty` is the sentence for nothing typed (rule F33)."""

    widget: PlaceInput

    def __init__(self, *, empty: str, **kw: Any):
        kw["error_messages"] = {"required": empty}
        fields = [forms.CharField(required=False) for _number in range(3)]
        super().__init__(fields, widget=PlaceInput(), require_all_fields=False, **kw)

    def clean(self, value: Any) -> Place | None:
        words, lat, lon = (clean(str(part or "")) for part in (value or ["", "", ""]))
        lat, lon = lat.replace(",", "."), lon.replace(",", ".")
        self.widget.wrong = ()
        if not words and not lat and not lon:
            if self.required:
                raise self._wrong(str(self.error_messages["required"]), 0)
            return None
        if not words:
            raise self._wrong(_("Beschreiben Sie den Ort auch mit Worten, zum Beispiel mit Straße und Hausnummer."), 0)
        if len(words) > LONGEST:
            raise self._wrong(_("Beschreiben Sie den Ort mit höchstens 300 Zeichen."), 0)
        if bool(lat) != bool(lon):
            raise self._wrong(_("Geben Sie Breite und Länge an oder lassen Sie beides frei."), 1 if lon else 2)
        if lat and not in_city(lat, lon):
            raise self._wrong(_("Geben Sie Koordinaten in München an, zum Beispiel 48.13715 und 11.57612."), 1, 2)
        return {"words": words, "lat": lat, "lon": lon} if lat else {"words": words}

    def _wrong(self, sentence: str, *parts: int) -> ValidationError:
        self.widget.wrong = parts
        return ValidationError(sentence, code="invalid", params={"parts": parts})
