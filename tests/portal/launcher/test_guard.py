"""The guard ends what its parent left behind, grandchildren included, and nothing else."""

import signal
import subprocess
import sys
import time

import pytest

from portal.launcher.children import GUARD, ChildDied, Children


@pytest.fixture
def family(tmp_path):
    """A child with a grandchild, in a process group of their own; and the folder of its logs."""
    logs = tmp_path / "logs"
    logs.mkdir()
    command = ["sh", "-c", "sleep 60 & echo $!; wait"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    grandchild = int(child.stdout.readline())
    yield child, grandchild, logs
    child.kill()
    child.wait()


def _guard(logs, text: str) -> None:
    subprocess.run([sys.executable, "-I", "-S", GUARD, logs], input=text, text=True, check=True, timeout=20)


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.slow
def test_when_the_parent_is_gone_without_a_word_all_generations_go(family):
    child, grandchild, logs = family
    _guard(logs, f"{child.pid} {int(signal.SIGTERM)}\n")
    assert child.wait(5) == -signal.SIGTERM
    assert not _runs(grandchild)
    assert not logs.exists()


def test_after_an_orderly_end_it_touches_nothing(family):
    child, grandchild, logs = family
    _guard(logs, f"{child.pid} {int(signal.SIGTERM)}\ndone\n")
    assert child.poll() is None
    assert _runs(grandchild)
    assert logs.exists()


def test_a_child_that_ends_by_itself_is_named_with_its_log(tmp_path):
    children = Children(tmp_path)
    children.spawn("müde", ["sh", "-c", "echo gute Nacht; exit 3"])
    deadline = time.monotonic() + 10
    with pytest.raises(ChildDied, match=r"müde hat mit 3 aufgehört:\ngute Nacht"):
        while time.monotonic() < deadline:
            children.check()
    children.stop()


def test_a_child_that_does_not_become_ready_is_stopped(tmp_path):
    children = Children(tmp_path)
    child = children.spawn("langsam", ["sleep", "60"])
    with pytest.raises(ChildDied, match="langsam ist nicht gestartet"):
        children.wait_until(child, lambda: False, seconds=0.1)
    assert child.process.returncode == -signal.SIGTERM
    children.stop()
