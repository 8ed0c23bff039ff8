"""The demo as people meet it: it starts, says where it is, and whatever ends it, nothing stays behind."""

import json
import os
import pathlib
import signal
import socket
import time
import urllib.request

import pytest

from portal.launcher.services import data_folder
from tests.faults.processes import Demo, forget, left_behind, run, wait_for_nothing

pytestmark = pytest.mark.faults
# Itself, the guard, PostgreSQL with six of its own, Valkey, web with two workers, worker with two children, beat.
GROWN = 16


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    yield folder
    forget(folder)


def _sockets(data: pathlib.Path) -> pathlib.Path:
    """The folder of a running demo's sockets and logs."""
    state = json.loads((data_folder(data) / "state.json").read_text())
    return pathlib.Path(state["environment"]["PGHOST"]).parent


def _pid(data: pathlib.Path, words: str) -> int:
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            about = (process / "cmdline").read_bytes().replace(b"\0", b" ") + (process / "environ").read_bytes()
        except OSError:
            continue
        if words.encode() in about and str(data).encode() in about:
            return int(process.name)
    raise AssertionError(f"no process {words}")


@pytest.mark.slow
def test_it_starts_beside_a_taken_port_refuses_a_second_start_lends_its_database_and_stops_on_ctrl_c(data):
    with socket.create_server(("127.0.0.1", 0)) as taken, Demo(data, "--port", str(taken.getsockname()[1])) as demo:
        said = demo.says("ist belegt")
        url = demo.address()
        assert said.strip() == f"Port {taken.getsockname()[1]} ist belegt, es wird {url.rpartition(':')[2]}."
        demo.says("alice@stadt.invalid")
        demo.says("ein gutes Kennwort")
        with urllib.request.urlopen(f"{url}/verwaltung/login/") as page:
            assert page.status == 200

        second = run("demo", data=data)
        assert second.returncode == 1
        assert second.stderr.startswith(f"Die Demo läuft schon (Prozess {demo.process.pid}, {url}/).")

        command = "from portal.accounts.models import User; print('Leute:', User.objects.count())"
        lent = run("manage", "shell", "-c", command, data=data)
        assert "Leute: 6" in lent.stdout, lent.stderr

        sockets = _sockets(data)
        demo.process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        assert demo.ends() == 0
        assert time.monotonic() - begin < 15
    assert left_behind(data) == []
    assert not sockets.exists()


@pytest.mark.slow
def test_after_kill_9_nothing_is_left_and_the_next_start_works(data):
    demo = Demo(data, "--port", "18000")
    demo.address()
    deadline = time.monotonic() + 30
    while len(left_behind(data)) < GROWN:
        assert time.monotonic() < deadline, left_behind(data)
        time.sleep(0.1)
    sockets = _sockets(data)
    demo.process.kill()
    wait_for_nothing(data)
    assert not sockets.exists()
    with Demo(data, "--port", "18000") as again:
        again.address()


@pytest.mark.slow
def test_a_child_that_dies_is_named_with_its_log_and_ends_the_demo(data):
    with Demo(data, "--port", "18000") as demo:
        demo.address()
        os.kill(_pid(data, "celery -A portal beat"), signal.SIGKILL)
        demo.says("beat hat mit -9 aufgehört")
        assert demo.ends() == 1


@pytest.mark.slow
def test_a_command_runs_without_a_demo_and_keeps_the_data(data):
    command = "from portal.accounts.models import User; print('Leute:', User.objects.count())"
    done = run("manage", "shell", "-c", command, data=data)
    assert (done.returncode, "Leute: 6" in done.stdout) == (0, True), done.stderr
    assert run("manage", "nonsense", data=data).returncode == 1
    wait_for_nothing(data)
