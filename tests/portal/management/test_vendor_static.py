"""Foreign files: each byte is the one in the lock."""

import base64
import hashlib
import io
import json
import re
import shutil
import tarfile

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from portal.management.commands import vendor_static

KERN = "static/vendor/kern/kern.min.css"


@pytest.fixture
def copy(tmp_path):
    for folder in vendor_static.FOLDERS:
        shutil.copytree(settings.BASE_DIR / folder, tmp_path / folder)
    return tmp_path


def check(root):
    call_command("vendor_static", check=True, root=str(root), stdout=io.StringIO())


def test_the_files_in_the_repository_are_the_locked_ones():
    check(settings.BASE_DIR)


def test_one_changed_byte_is_found(copy):
    data = bytearray((copy / KERN).read_bytes())
    data[1000] ^= 1
    (copy / KERN).write_bytes(data)
    with pytest.raises(CommandError, match=f"^{KERN}: verändert$"):
        check(copy)


def test_a_missing_and_an_extra_file_are_found(copy):
    (copy / KERN).unlink()
    (copy / "static/vendor/kern/neu.js").write_text("")
    with pytest.raises(CommandError) as caught:
        check(copy)
    assert str(caught.value).splitlines() == [
        f"{KERN}: fehlt",
        "static/vendor/kern/neu.js: steht nicht in der Sperrdatei",
    ]


def test_a_link_does_not_hide_an_extra_file(copy):
    (copy / "static/vendor/kern/neu.css").symlink_to(copy / KERN)
    with pytest.raises(CommandError, match=r"neu\.css: steht nicht"):
        check(copy)


def package(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def entry(data: bytes, **files: str):
    sums = {name: {"to": f"static/vendor/x/{name}", "sha256": sum_} for name, sum_ in files.items()}
    return {"version": "1.0.0", "integrity": vendor_static.integrity(data), "files": sums}


def test_fetching_writes_only_the_files_of_the_whitelist(tmp_path, monkeypatch):
    data = package(wanted=b"a", other=b"b")
    monkeypatch.setattr(vendor_static, "download", lambda name, version: data)
    vendor_static.fetch(tmp_path, "x", entry(data, wanted=""))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["wanted"]


def test_a_package_that_is_not_the_locked_one_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(vendor_static, "download", lambda name, version: package(wanted=b"evil"))
    with pytest.raises(CommandError, match="erwartet war eine andere"):
        vendor_static.fetch(tmp_path, "x", entry(package(wanted=b"good"), wanted=""))
    assert list(tmp_path.iterdir()) == []


def test_accepting_a_version_computes_its_sums(tmp_path, monkeypatch):
    data = package(wanted=b"a")
    monkeypatch.setattr(vendor_static, "download", lambda name, version: data)
    new = vendor_static.accept(tmp_path, "x", entry(b"", wanted=""))
    assert new["files"]["wanted"]["sha256"] == hashlib.sha256(b"a").hexdigest()
    assert base64.b64decode(new["integrity"].removeprefix("sha512-")) == hashlib.sha512(data).digest()


def test_a_package_without_a_locked_file_is_refused():
    with pytest.raises(CommandError, match="fehlt die Datei wanted"):
        list(vendor_static.extract(package(other=b""), {"wanted": {}}))


def test_an_unknown_package_is_refused_before_anything_is_fetched(copy):
    with pytest.raises(CommandError, match="steht nicht in"):
        call_command("vendor_static", accept="left-pad@1.0.0", root=str(copy))


def test_the_lock_names_no_address_and_every_package_is_credited():
    text = (settings.BASE_DIR / vendor_static.LOCK).read_text()
    assert not re.search(r"https?:|www\.|registry", text)
    credits = (settings.BASE_DIR / "THIRD_PARTY.md").read_text()
    for name, locked in json.loads(text).items():
        assert name in credits and locked["version"] in credits
        assert any("LICENSE" in file for file in locked["files"])
