import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command

from forms_engine.definitions import actions as definitions
from forms_engine.definitions import schema as language
from forms_engine.definitions.models import FormVersion
from forms_engine.fim import actions
from forms_engine.fim.models import FimSource
from tests.forms_engine.definitions.conftest import SMALL
from tests.forms_engine.fim.samples import DATA, FARBE, HUND

FILES = (str(DATA / "hund.xml"), str(DATA / "farbe_genericode.xml"))


def ends_with(code, *args):
    with pytest.raises(CommandError) as ended:
        call_command(*args)
    assert ended.value.returncode == code
    return str(ended.value)


@pytest.fixture
def form(tmp_path):
    ends_with(3, "fim_import", *FILES, "--out", str(tmp_path / "hund.yaml"))
    return tmp_path / "hund.yaml"


@pytest.fixture
def newer(tmp_path):
    path = tmp_path / "neu.xml"
    path.write_bytes(HUND.replace(b">Rufname<", b">Name des Hundes<"))
    return path


def test_a_draft_is_written_and_says_what_to_decide(capsys, form):
    assert language.load(form.read_text()).form == "hund-anmelden"
    said = capsys.readouterr().out
    assert "7 Felder, 3 Gruppen, 1 Codelisten, 2 Regeln (1 von 2 übersetzt)" in said
    assert "nicht abgebildet: Zeile 45: G99000000001/F60000000227: Nicht abgebildet: Vorbefüllung „optional“" in said
    assert "zu entscheiden: regel-r99000000009" in said


def test_a_dry_run_writes_nothing(tmp_path, capsys):
    ends_with(3, "fim_import", *FILES, "--dry-run", "--out", str(tmp_path / "x.yaml"))
    assert "Probelauf" in capsys.readouterr().out and not (tmp_path / "x.yaml").exists()


def test_json_tells_programs_the_same(tmp_path, capsys):
    ends_with(3, "fim_import", *FILES, "--json", "--out", str(tmp_path / "x.yaml"))
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] and said["counts"]["fields"] == 7 and said["open_points"]
    assert {"level", "line", "path", "text"} == said["notes"][0].keys()


def test_a_zip_holds_schema_and_lists(tmp_path):
    packed = tmp_path / "alles.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("hund.xml", HUND)
        archive.writestr("farbe.xml", FARBE)
    ends_with(3, "fim_import", str(packed), "--out", str(tmp_path / "x.yaml"))
    assert "schwarz" in (tmp_path / "x.yaml").read_text()


def test_a_bomb_of_a_zip_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("forms_engine.fim.intake.MAX_BYTES", 100_000)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("hund.xml", b"<a>" + b" " * 1_000_000 + b"</a>")
    (tmp_path / "b.zip").write_bytes(packed.getvalue())
    ends_with(1, "fim_import", str(tmp_path / "b.zip"), "--out", str(tmp_path / "x.yaml"))
    assert "ausgepackt zu groß" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Die Datei ist leer."),
        (b"<a/>", "Zeile 1, Zeichen 1: Der Namensraum"),
        (HUND.replace(b"<code>input</code>", b"<code>nichts</code>", 1), "Zeile 52, Zeichen 26: Den Wert „nichts“"),
        (b"PK\x03\x04kaputt", "Archiv ist nicht lesbar"),
    ],
)
def test_a_broken_file_is_refused_and_nothing_is_written(tmp_path, capsys, content, said):
    (tmp_path / "kaputt.xml").write_bytes(content)
    ends_with(1, "fim_import", str(tmp_path / "kaputt.xml"), "--out", str(tmp_path / "x.yaml"))
    assert said in capsys.readouterr().out and not (tmp_path / "x.yaml").exists()


def test_refusals_are_json_as_well(tmp_path, capsys):
    (tmp_path / "kaputt.xml").write_bytes(b"<a/>")
    ends_with(1, "fim_import", str(tmp_path / "kaputt.xml"), "--json", "--out", str(tmp_path / "x.yaml"))
    said = json.loads(capsys.readouterr().out)
    assert not said["ok"] and said["problems"][0]["line"] == 1


@pytest.mark.parametrize(
    "args",
    [
        ("/nirgends/x.xml", "--dry-run", "--out", "x"),
        (*FILES, "--into", "x.yaml"),
        (*FILES, "--into", "x.yaml", "--before", "y.xml"),
        (*FILES, "--out", "/nirgends/x.yaml"),
        (*FILES, "--dry-run", "--out", "x", "--xsd", "/nirgends"),
    ],
)
def test_wrong_use_ends_with_two(args):
    assert "Errno" not in ends_with(2, "fim_import", *args)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("fim_import",), "Nennen Sie das Schema"),
        (("fim_export",), "Nennen Sie das Formular"),
        (("fim_export", "hund", "--number", "neu"), "--number braucht die Nummer einer Fassung"),
        (("fim_export", "/nirgends/x.yaml"), "/nirgends/x.yaml: nicht lesbar (gibt es nicht)."),
    ],
)
def test_wrong_arguments_get_a_sentence_in_german(args, said):
    assert ends_with(2, *args).startswith(said)


def test_two_schemas_at_once_are_refused(capsys):
    ends_with(1, "fim_import", str(DATA / "hund.xml"), str(DATA / "hund-2.xml"), "--dry-run", "--out", "x")
    assert "genau ein Schema" in capsys.readouterr().out


def test_a_newer_schema_goes_into_the_edited_file(form, newer, tmp_path, capsys):
    form.write_text(form.read_text().replace("label: Familienname", "label: Zuname"))
    out = tmp_path / "neu.yaml"
    args = ["--into", str(form), "--before", *FILES, "--out", str(out)]
    ends_with(3, "fim_import", str(newer), FILES[1], *args)
    text = out.read_text()
    assert "label: Zuname" in text and "label: Name des Hundes" in text
    assert "geändert: G99000000002/F99000000004: „label“ war „Rufname“" in capsys.readouterr().out


def test_an_export_is_the_schema_again(form, tmp_path, capsys):
    out = tmp_path / "hund.xml"
    call_command("fim_export", str(form), "--source", *FILES, "--out", str(out))
    assert "S99000000001V1.0.0" in capsys.readouterr().out
    ends_with(3, "fim_import", str(out), FILES[1], "--out", str(tmp_path / "nochmal.yaml"))
    lines = [
        [line for line in path.read_text().splitlines() if "sha256" not in line]
        for path in (form, tmp_path / "nochmal.yaml")
    ]
    assert lines[0] == lines[1]


def test_without_its_source_an_imported_form_is_not_exported(form):
    assert "--source" in ends_with(1, "fim_export", str(form))


@pytest.mark.parametrize(
    "args", [("--ids", "9"), ("--json",), ("--answers", "x.json"), ("--answers", "x.json", "--out", "y")]
)
def test_wrong_use_of_the_export_ends_with_two(form, args):
    assert "Errno" not in ends_with(2, "fim_export", str(form), *args)


def test_answers_that_are_no_json_are_refused(form, tmp_path):
    (tmp_path / "a.json").write_text("{")
    args = ("--answers", str(tmp_path / "a.json"), "--out", str(tmp_path / "fit"))
    assert "kein JSON" in ends_with(2, "fim_export", str(form), *args)


def test_answers_become_a_record(form, tmp_path):
    given, letter = tmp_path / "a.json", tmp_path / "Antrag.pdf"
    given.write_text(json.dumps({"familienname": "Ömer"}))
    letter.write_bytes(b"%PDF")
    out = tmp_path / "fit"
    call_command("fim_export", str(form), "--answers", str(given), "--attachment", str(letter), "--out", str(out))
    assert json.loads((out / "data.json").read_text())["fim"] == {"G99000000001/F60000000227": "Ömer"}
    assert (
        json.loads((out / "metadata.json").read_text())["contentStructure"]["attachments"][0]["filename"]
        == "Antrag.pdf"
    )


@pytest.mark.django_db
def test_an_import_is_a_draft_version_with_its_source(capsys):
    ends_with(3, "fim_import", *FILES)
    kept = FimSource.objects.get()
    assert (kept.version.number, kept.version.state, kept.version.published_at) == (1, "draft", None)
    assert "Fassung 1 ist als Entwurf gespeichert" in capsys.readouterr().out
    assert actions.opened(kept).source.sha256 == kept.sha256 and kept.report["counts"]["fields"] == 7


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing(capsys):
    ends_with(3, "fim_import", *FILES)
    call_command("fim_import", *FILES)
    assert "nichts ist anders" in capsys.readouterr().out and FormVersion.objects.count() == 1


@pytest.mark.django_db
def test_a_newer_file_makes_the_next_draft_and_keeps_the_old_one(newer):
    ends_with(3, "fim_import", *FILES)
    ends_with(3, "fim_import", str(newer), FILES[1])
    first, second = FormVersion.objects.order_by("number")
    assert "Rufname" in first.source and "Name des Hundes" in second.source
    assert [change["kind"] for change in second.fim_source.report["changes"]].count("geändert") >= 1


@pytest.mark.django_db
def test_a_stored_form_is_exported_from_its_stored_source(tmp_path, capsys):
    ends_with(3, "fim_import", *FILES)
    call_command("fim_export", "hund-anmelden", "--out", str(tmp_path / "x.xml"), "--json")
    assert json.loads(capsys.readouterr().out.split("gespeichert.\n")[1])["schema"] == "S99000000001V1.0.0"


@pytest.mark.django_db
def test_a_form_that_is_not_from_fim_is_never_overwritten():
    definitions.publish("klein", SMALL, by=None)
    said = ends_with(1, "fim_import", *FILES, "--form", "klein")
    assert "stammt nicht aus FIM" in said and FormVersion.objects.count() == 1


@pytest.mark.django_db
def test_a_draft_with_open_points_is_refused_by_publishing(form, capsys):
    ends_with(1, "forms_publish", str(form))
    assert "open_points[0]: Entscheiden Sie „regel-r99000000009“" in capsys.readouterr().out
    assert not FormVersion.objects.exists()
