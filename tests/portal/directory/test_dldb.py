"""Reading foreign files: what cannot be used is named, what is no such file is refused."""

import json

import pytest

from portal.directory import dldb
from portal.directory.catalogue import CatalogueError


def _service(**change):
    return {"id": "7", "name": "Hund anmelden", "description": "<p>Wuff.</p>", "locations": [{"location": 5}]} | change


def _office(**change):
    address = {"street": "Weg", "house_number": "1", "postal_code": "80331", "city": "München"}
    return {"id": 5, "name": "Amt", "address": address, "services": [{"service": "7"}]} | change


def _parse(*items):
    return dldb.parse(json.dumps({"data": items}))


def test_ids_may_be_text_or_number():
    found = _parse(_service(combinable=[7, 8, "8"]), _office())
    assert found.services["7"].offices == ("5",)
    assert found.services["7"].combinable == ("8",)
    assert found.offices["5"].services == ("7",)


def test_texts_are_cleaned_and_keys_split():
    found = _parse(
        _service(name="Hund​ an\u00a0melden", fees="<p onclick=x>5&nbsp;Euro<br></p>", leika="1" * 14 + ", " + "2" * 14)
    )
    service = found.services["7"]
    assert (service.title, service.fee) == ("Hund an melden", "<p>5 Euro</p>")
    assert service.leika == ("1" * 14, "2" * 14)


def test_dangerous_links_are_left_out():
    links = [
        {"name": "a", "link": "javascript:x"},
        {"name": "b", "link": "https://b.invalid/"},
        {"name": "", "link": "https://c"},
    ]
    assert _parse(_service(links=links, forms=links)).services["7"].links == (("b", "https://b.invalid/"),)


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (_service(id=None), "Die Kennung (id) fehlt"),
        (_service(name=" "), "Der Name fehlt"),
        (_service(leika="12"), "keine 14 Ziffern"),
        (_office(address={"street": "Weg", "postal_code": "8033"}), "keine 5 Ziffern"),
        (_office(address={"postal_code": "80331"}), "Die Straße fehlt"),
    ],
)
def test_what_cannot_be_used_is_named(item, sentence):
    assert sentence in _parse(item).problems[0].text


def test_an_id_twice_is_told():
    assert "zweimal" in _parse(_service(), _service(name="Anders")).problems[0].text


@pytest.mark.parametrize(
    ("lat", "lon", "wanted"),
    [("48.1", "11.5", True), ("x", "11.5", False), ("NaN", "1", False), ("91", "1", False), (None, None, False)],
)
def test_coordinates_are_both_there_and_on_this_globe_or_none(lat, lon, wanted):
    office = _parse(_office(geo={"lat": lat, "lon": lon})).offices["5"]
    assert ((office.latitude is not None) and (office.longitude is not None)) is wanted


@pytest.mark.parametrize("text", ["", "{", "[1]", "{}", '{"data": 1}', '{"data": [{"foo": 1}]}', "[" * 100_000])
def test_what_is_no_such_file_is_refused_in_german(text):
    with pytest.raises(CatalogueError, match=r"(kein gültiges JSON|kein brauchbares JSON|DLDB-Format)"):
        dldb.parse(text)


def test_strange_types_do_no_harm():
    found = _parse(
        _service(meta=[], locations="x", appointment=5, links={"a": 1}, duration=-1, maxQuantity="abc", fees=7)
    )
    service = found.services["7"]
    assert (service.offices, service.minutes, service.most, service.fee) == ((), None, None, "")
