"""The operator's command: all or nothing, counted, as often as one likes."""

import io
import json
import time
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command

from portal.audit.models import AuditEntry
from portal.common import clock
from portal.directory.models import Office, Organisation, SearchEntry, Service, Topic
from tests import cityfiles

pytestmark = pytest.mark.django_db
OFFICE = {
    "id": 5,
    "name": "Fundbüro (X-1)",
    "displayName": "Fundbüro",
    "organizationUnit": "Referat für Bildung und Sport",
    "address": {"street": "Weg", "house_number": "1", "postal_code": "80331", "city": "München"},
    "geo": {"lat": "48.1227", "lon": "11.5488"},
    "services": [{"service": "7"}],
}
SERVICE = {
    "id": "7",
    "name": "Hund anmelden",
    "description": "<p>Wuff.</p>",
    "locations": [{"location": "5"}],
    "combinable": [7],
    "public": True,
}


@pytest.fixture
def put(tmp_path, capsys):
    """Import these items -> the command's JSON."""

    def run(*items, options=()):
        path = tmp_path / "stadt.json"
        path.write_text(json.dumps({"data": items}))
        call_command("services_import", path, "--json", *options)
        return json.loads(capsys.readouterr().out)

    return run


def test_a_first_import_creates_and_a_second_changes_nothing(put):
    first, second = put(OFFICE, SERVICE), put(OFFICE, SERVICE)
    assert (first["created"], first["problems"]) == (3, 0)
    assert (second["created"], second["updated"], second["unchanged"]) == (0, 0, 2)
    assert AuditEntry.objects.filter(action="directory.seeded").count() == 1


def test_rows_keep_the_ids_of_their_source_and_their_address(put):
    put(OFFICE, SERVICE)
    put(OFFICE, SERVICE | {"name": "Katze anmelden"})
    service = Service.objects.get(source="dldb", source_id="7")
    assert (service.title, service.slug) == ("Katze anmelden", "hund-anmelden")
    assert service.offices.get().source_id == "5"
    assert service.organisation.name == "Referat für Bildung und Sport"


def test_a_changed_name_is_found_by_the_search_at_once(put):
    put(OFFICE, SERVICE)
    put(OFFICE, SERVICE | {"name": "Katze anmelden"})
    stems = SearchEntry.objects.filter(service__source_id="7").values_list("word__stem", flat=True)
    assert "katz" in stems and "hund" not in stems


def test_two_services_of_one_name_get_two_addresses(put):
    put(SERVICE, SERVICE | {"id": 8})
    assert set(Service.objects.values_list("slug", flat=True)) == {"hund-anmelden", "hund-anmelden-8"}


def test_a_reference_that_leads_nowhere_is_told_and_left_out(put):
    result = put(
        SERVICE | {"combinable": [99], "locations": [{"location": 98}]}, OFFICE | {"services": [{"service": 97}]}
    )
    texts = " ".join(problem["text"] for problem in result["problem_list"])
    assert result["problems"] == 3
    assert "98 ist unbekannt" in texts and "99 ist unbekannt" in texts and "97 ist unbekannt" in texts
    assert not Service.objects.get().offices.exists()


def test_an_office_that_is_dropped_from_a_service_counts_as_a_change(put):
    put(OFFICE, SERVICE)
    assert put(OFFICE, SERVICE | {"locations": []})["services"] == {"created": 0, "updated": 1, "unchanged": 0}
    assert not Service.objects.get().offices.exists()


def test_a_dry_run_counts_and_writes_nothing(put):
    assert put(OFFICE, SERVICE, options=["--dry-run"])["created"] == 3
    assert not Service.objects.exists() and not Organisation.objects.exists()


def test_one_bad_file_of_two_changes_nothing(put, tmp_path):
    bad, good = tmp_path / "schlecht.json", tmp_path / "gut.json"
    bad.write_text("{")
    good.write_text(json.dumps({"data": [SERVICE]}))
    with pytest.raises(CommandError, match=r"schlecht\.json: Zeile 1: Das ist kein gültiges JSON") as error:
        call_command("services_import", good, bad)
    assert error.value.returncode == 1
    assert not Service.objects.exists()


def test_what_editors_keep_here_no_import_changes(put):
    put(OFFICE, SERVICE)
    Service.objects.update(kept=True, title="Unser Titel")
    assert put(OFFICE, SERVICE | {"name": "Anders", "locations": []})["updated"] == 0
    service = Service.objects.get()
    assert service.title == "Unser Titel" and service.offices.count() == 1


@pytest.mark.slow
def test_our_own_file_and_the_citys_meet_in_one_row(put):
    call_command("directory_seed", stdout=io.StringIO())
    put(SERVICE | {"id": "1072043", "name": "Bewohnerparkausweis"})
    assert Service.objects.get(source_id="1072043").form_slug == "bewohnerparkausweis"
    assert Service.objects.filter(title="Bewohnerparkausweis").count() == 1


def test_a_new_service_joins_the_topics_that_claim_it(put):
    Topic.objects.create(slug="tiere", title="Tiere", title_words=["Hund"])
    Topic.objects.create(slug="steuern", title="Steuern", leika_prefixes=["99102"])
    put(SERVICE | {"leika": "99102013000000"})
    assert {topic.slug for topic in Service.objects.get().topics.all()} == {"tiere", "steuern"}


def test_own_yaml_goes_through_the_same_door(tmp_path, kvr):
    path = tmp_path / "eigene.yaml"
    path.write_text("services: [{slug: s, title: Hund, organisation: KVR, fee: ['5 €']}]")
    call_command("services_import", path)
    assert Service.objects.get().fee == "<ul><li>5 €</li></ul>"


@pytest.mark.slow
@cityfiles.needed
def test_the_citys_files_import_twice_with_no_change(capsys):
    begin = time.monotonic()
    call_command("services_import", *cityfiles.FILES, "--json")
    first = json.loads(capsys.readouterr().out)
    call_command("services_import", *cityfiles.FILES, "--json")
    second = json.loads(capsys.readouterr().out)
    assert first["services"]["created"] == 287 and first["offices"]["created"] == 109
    assert (second["created"], second["updated"], second["unchanged"]) == (0, 0, 396)
    assert first["problems"] == second["problems"] == 17
    assert Service.objects.filter(public=False).count() == 125
    assert Office.objects.filter(latitude=None).count() == 0
    assert time.monotonic() - begin < 60


def _tell(number: int) -> dict:
    return SERVICE | {"id": str(number), "name": f"Leistung Nummer {number}"}


def test_a_complete_delivery_retires_what_it_lacks_and_keeps_the_row(put):
    put(*map(_tell, range(10)))
    row = Service.objects.get(source_id="9")
    result = put(*map(_tell, range(9)), options=["--complete"])
    assert result["retired"] == [{"id": "9", "name": "Leistung Nummer 9"}]
    kept = Service.objects.get(source_id="9")
    assert (kept.pk, kept.slug, kept.retired_on) == (row.pk, row.slug, clock.today())
    assert not kept.search_entries.exists() and not Service.objects.public().filter(pk=kept.pk).exists()


def test_what_comes_back_is_offered_again_under_its_address(put):
    put(*map(_tell, range(10)))
    put(*map(_tell, range(9)), options=["--complete"])
    slug = Service.objects.get(source_id="9").slug
    assert put(*map(_tell, range(10)))["services"]["updated"] == 1
    back = Service.objects.get(slug=slug)
    assert back.retired_on is None and back.search_entries.exists()


def test_a_partial_delivery_retires_nothing(put):
    put(*map(_tell, range(10)))
    assert put(_tell(1))["retired"] == []
    assert not Service.objects.exclude(retired_on=None).exists()


def test_retiring_is_shown_by_a_dry_run_and_repeats_without_a_change(put):
    put(*map(_tell, range(10)))
    assert len(put(*map(_tell, range(9)), options=["--complete", "--dry-run"])["retired"]) == 1
    assert not Service.objects.exclude(retired_on=None).exists()
    put(*map(_tell, range(9)), options=["--complete"])
    again = put(*map(_tell, range(9)), options=["--complete"])
    assert (again["retired"], again["updated"]) == ([], 0)


def test_other_sources_and_what_editors_keep_are_never_retired(put, kvr):
    put(*map(_tell, range(10)))
    Service.objects.filter(source_id="9").update(kept=True)
    Service.objects.create(slug="fremd", title="Fremd", organisation=kvr, source="anders", source_id="9")
    assert put(*map(_tell, range(9)), options=["--complete"])["retired"] == []


def test_a_delivery_that_lacks_too_much_is_taken_for_a_broken_one(put):
    put(*map(_tell, range(30)))
    with pytest.raises(CommandError, match="fehlen 29 von 30 Leistungen"):
        put(_tell(1), options=["--complete"])
    assert not Service.objects.exclude(retired_on=None).exists()
    assert len(put(_tell(1), options=["--complete", "--even-many"])["retired"]) == 29


def _bomb() -> bytes:
    lines = ["a: &a [x]", *(f"{new}: &{new} [{', '.join(['*' + old] * 9)}]" for old, new in pairwise("abcdefghijk"))]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        ("leer.json", b"", "Die Datei ist leer"),
        ("leer.yaml", b" \n", "Die Datei ist leer"),
        ("kaputt.json", b'{"data": [\n{"id": }]}', "Zeile 2: Das ist kein gültiges JSON"),
        ("stadt.xml", b"<?xml version='1.0'?><a>", "Zeile 1: Das ist kein gültiges JSON"),
        ("latin.json", b'{"data":\n"M\xfcnchen"}', "Zeile 2: Das ist kein UTF-8"),
        ("utf16.json", '{"data": []}'.encode("utf-16"), "Das ist kein UTF-8"),
        ("bombe.json.gz", b"\x1f\x8b\x08\x00" + b"\0" * 50, "Die Datei ist gepackt"),
        ("bombe.zip", b"PK\x03\x04" + b"\0" * 50, "Die Datei ist gepackt"),
        ("tief.json", b"[" * 100_000, "kein brauchbares JSON"),
        ("zahl.json", b"[" + b"9" * 10_000 + b"]", "kein brauchbares JSON"),
        ("bombe.yaml", _bomb(), "Zeile 2: Das ist kein gültiges YAML"),
        ("tief.yaml", b"[" * 5_000, "YAML"),
        ("tag.yaml", b"services: [{slug: s, checked_on: 2026-02-31}]", "Prüfen Sie Datumsangaben"),
        ("halb.yaml", b'synonyms: {"\\ud800x": Hund}', "Zeile 1: Diese Zeichenfolge ist kein Buchstabe"),
        ("code.yaml", b"!!python/object/apply:os.system [id]", "Zeile 1: Das ist kein gültiges YAML"),
    ],
)
def test_hostile_files_get_a_sentence_and_change_nothing(name, raw, sentence, tmp_path, kvr):
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(CommandError) as error:
        call_command("services_import", path)
    assert name in str(error.value) and sentence in str(error.value)
    assert error.value.returncode == 1 and not Service.objects.exists()


def test_hostile_texts_inside_a_good_file_come_out_harmless(put):
    nasty = SERVICE | {
        "name": "Hund\ud800\0 anmelden\u202e",
        "description": "<p onclick=x()>A<script>alert(1)</script><a href='javascript:x()'>B</a></p>" + "<b>" * 2000,
        "fees": "<p>" * 6_000,
        "id": "7\0",
    }
    result = put(nasty)
    service = Service.objects.get()
    assert (service.title, service.source_id, service.fee) == ("Hund anmelden", "7", "")
    assert "script" not in service.description and "onclick" not in service.description
    assert any("5000 Auszeichnungen" in problem["text"] for problem in result["problem_list"])


def test_services_that_name_each_other_in_a_circle_are_no_problem(put):
    alone = SERVICE | {"locations": []}
    assert put(alone | {"combinable": [8]}, alone | {"id": 8, "combinable": [7, 8]})["problems"] == 0
    assert Service.objects.get(source_id="7").combinable.get().source_id == "8"
