"""What is rung often in a moment is heard twice: at once, and when the moment is over."""

import os
import subprocess
import sys
import threading
import time

import pytest

from portal.outbox import bells


@pytest.fixture
def heard(monkeypatch):
    """The rings that went to the broker, with their moments."""
    found = []
    monkeypatch.setattr(bells, "send", lambda task, *args: found.append((task, *args)))
    return found


def wait_for(heard, number):
    deadline = time.monotonic() + 5
    while len(heard) < number and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(2 * bells.PAUSE)  # and no more than that


def test_the_first_is_heard_at_once_and_the_rest_once_at_the_end(heard):
    held = bells.Bells()
    held.ring("look")
    assert heard == [("look",)]
    for _ in range(20):
        held.ring("look")
    assert heard == [("look",)]
    wait_for(heard, 2)
    assert heard == [("look",)] * 2


def test_after_a_pause_a_bell_is_heard_at_once_again(heard):
    held = bells.Bells()
    held.ring("look")
    time.sleep(1.5 * bells.PAUSE)
    held.ring("look")
    assert heard == [("look",)] * 2


def test_each_bell_has_its_own_pause(heard):
    held = bells.Bells()
    held.ring("look")
    held.ring("listen")
    assert heard == [("look",), ("listen",)]


def test_a_ring_for_one_row_is_never_held_back(heard):
    held = bells.Bells()
    for row in ("1", "2", "2"):
        held.ring("work", row)
    assert heard == [("work", "1"), ("work", "2"), ("work", "2")]


def test_whoever_rings_last_is_heard_after_they_rang(monkeypatch):
    """The promise that the sweep need not keep: after each ring there is one that is heard."""
    moments, rung = [], []
    monkeypatch.setattr(bells, "send", lambda task: moments.append(time.monotonic()))
    held = bells.Bells()

    def ring():
        for _ in range(200):
            rung.append(time.monotonic())
            held.ring("look")
            time.sleep(0.0005)

    threads = [threading.Thread(target=ring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(3 * bells.PAUSE)
    assert max(moments) >= max(rung)
    assert len(moments) <= 2 + (max(rung) - min(rung)) / bells.PAUSE


@pytest.mark.parametrize("ending", ["", "import sys; sys.exit(3)"])
def test_a_process_that_ends_rings_first(ending):
    code = f"""
from portal.outbox import bells
bells.send = lambda task, *args: print(task, flush=True)
bells.ring("look"); bells.ring("look"); bells.ring("listen")
{ending}
"""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.stdout.split() == ["look", "listen", "look"], done.stderr


def test_a_forked_child_rings_for_itself(heard):
    """Neither its parent's pause nor a lock that a thread of the parent held keeps it from ringing."""
    reader, writer = os.pipe()
    bells.ring("forked")
    bells._bells._lock.acquire()
    try:
        child = os.fork()
        if child == 0:
            bells.send = lambda task: os.write(writer, task.encode())
            bells.ring("forked")
            os._exit(0)
    finally:
        bells._bells._lock.release()
    os.set_blocking(reader, False)
    deadline, told = time.monotonic() + 5, b""
    while not told and time.monotonic() < deadline:
        time.sleep(0.01)
        try:
            told = os.read(reader, 100)
        except BlockingIOError:
            continue
    os.waitpid(child, os.WNOHANG) if told else os.kill(child, 9)
    assert told == b"forked"
