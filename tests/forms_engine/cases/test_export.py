"""A case as a package: everything in it, named as the standard wants, and every wrong call gets a sentence."""

import io
import json
import os
import uuid
import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from lxml import etree

from forms_engine.cases.export import dossier, xdomea
from forms_engine.cases.models import Case
from portal.common import clock
from portal.documents.models import Scan, StoredFile
from tests import make

pytestmark = pytest.mark.django_db
NS = {"x": xdomea.NAMESPACE}
SCHEMA = Path(os.environ.get("PORTAL_XDOMEA_SCHEMA", Path(__file__).parents[3] / "../shared/xdomea-3.0"))


@pytest.fixture
def case(paid_case):
    make.work()
    return Case.objects.for_pages().get(pk=paid_case.pk)


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "ausgabe"
    folder.mkdir()
    return folder


def export(*words: str) -> tuple[int, str, str]:
    said, err = io.StringIO(), io.StringIO()
    try:
        call_command("cases_export", *words, stdout=said, stderr=err)
    except SystemExit as ended:
        return int(ended.code), said.getvalue(), err.getvalue()
    return 0, said.getvalue(), err.getvalue()


@pytest.mark.slow
def test_the_package_holds_the_message_and_every_document_it_names(case, out):
    assert export(case.number, "--out", str(out))[0] == 0
    (path,) = out.iterdir()
    process = path.name.partition("_")[0]
    with zipfile.ZipFile(path) as package:
        root = etree.fromstring(package.read(f"{process}_{xdomea.MESSAGE}.xml"))
        named = root.xpath("//x:Dateiname/text()", namespaces=NS)
        assert sorted([*named, f"{process}_{xdomea.MESSAGE}.xml"]) == sorted(package.namelist())
        assert any(package.read(name).startswith(b"%PDF") for name in named)
    assert root.xpath("string(//x:Kopf/x:ProzessID)", namespaces=NS) == str(uuid.UUID(process))
    assert root.xpath("string(//x:Vorgang/x:AllgemeineMetadaten/x:Kennzeichen)", namespaces=NS) == case.number


@pytest.mark.slow
def test_what_is_locked_is_named_and_not_handed_on(case, out):
    StoredFile.objects.filter(pk=case.submission.files.get().stored_id).update(
        scan=Scan.INFECTED, scan_note="x", scanned_by="y", scanned_at=clock.now(), scan_due_at=None
    )
    code, _out, err = export(case.number, "--out", str(out))
    with zipfile.ZipFile(next(out.iterdir())) as package:
        xml = package.read(next(name for name in package.namelist() if name.endswith(".xml"))).decode()
    assert code == 0 and "gesperrt" in err and "Ohne Primärdokument: gesperrt." in xml


@pytest.mark.slow
def test_as_json_it_says_the_same(case, out):
    export(case.number, "--format", "json", "--out", str(out))
    with zipfile.ZipFile(out / f"{case.number}.zip") as package:
        facts = json.loads(package.read("vorgang.json"))
        assert {document["file"] for document in facts["documents"]} < set(package.namelist())
        answers = json.loads(package.read(facts["documents"][0]["file"]))
    assert facts["number"] == case.number and "Ammer" in json.dumps(answers)


@pytest.mark.slow
def test_control_characters_of_an_answer_do_not_break_the_message(case):
    held = dossier.of(case)
    held.case.submission.form_version.form.title = "A\x00\x0bB\x1f – Ü"
    root = etree.fromstring(xdomea.message(held, clock.uuid(), clock.now()))
    assert "AB – Ü" in root.xpath("//x:Betreff/text()", namespaces=NS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words, code, sentence",
    [
        (["KVR-1"], 1, "kein gültiges Aktenzeichen"),
        (["KVR-2026-000099-1"], 1, "gibt es nicht"),
        (["--out", "/gibt/es/nicht"], 2, "Den Ordner /gibt/es/nicht gibt es nicht"),
        (["--schema", "/tmp"], 2, "kein vollständiges Schema"),
        (["--schema", "/tmp", "--format", "json"], 2, "nur zu --format xdomea"),
    ],
)
def test_a_wrong_call_gets_a_sentence_and_writes_nothing(case, out, words, code, sentence):
    given = words if words[0][0] != "-" else [case.number, *words]
    ended, _out, err = export(*given, *([] if "--out" in words else ["--out", str(out)]))
    assert (ended, list(out.iterdir())) == (code, []) and sentence in err


@pytest.mark.slow
def test_a_full_disk_leaves_no_half_package(case, out, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _fd: (_ for _ in ()).throw(OSError(28, "voll")))
    code, _out, err = export(case.number, "--out", str(out))
    assert code == 1 and "nicht geschrieben" in err and list(out.iterdir()) == []


@pytest.mark.slow
def test_after_its_disposal_there_is_nothing_to_export(case, out):
    Case.objects.filter(pk=case.pk).update(wrapped_key=None)
    code, _out, err = export(case.number, "--out", str(out))
    assert code == 1 and "vernichtet" in err


@pytest.mark.skipif(not (SCHEMA / xdomea.ENTRY).exists(), reason="the schema files of xdomea 3.0 are not here")
def test_the_message_is_valid_by_the_schema_of_the_standard(case, out):
    code, said, err = export(case.number, "--out", str(out), "--schema", str(SCHEMA))
    assert (code, err) == (0, "") and "Schema geprüft" in said
