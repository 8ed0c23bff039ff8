import json
import os

from portal.launcher.state import FILE, State


def test_the_second_learns_who_owns_and_how_to_join(tmp_path, monkeypatch):
    monkeypatch.setenv("PGHOST", "/tmp/somewhere")
    first, second = State(tmp_path), State(tmp_path)
    assert first.take("demo") is None
    assert second.take("manage").environment == {}  # it is still starting
    first.publish("demo")
    owner = second.take("manage")
    assert (owner.pid, owner.what, owner.environment["PGHOST"]) == (os.getpid(), "demo", "/tmp/somewhere")


def test_secrets_of_the_caller_are_not_written_down(tmp_path, monkeypatch):
    monkeypatch.setenv("SOME_TOKEN", "geheim")
    state = State(tmp_path)
    state.take("demo")
    state.publish("demo")
    assert "geheim" not in (tmp_path / FILE).read_text()


def test_after_an_owner_ended_the_next_one_owns(tmp_path):
    first, second = State(tmp_path), State(tmp_path)
    first.take("demo")
    first.release()
    assert second.take("demo") is None


def test_what_a_killed_owner_wrote_does_not_count(tmp_path):
    (tmp_path / FILE).write_text(json.dumps({"pid": 1, "what": "demo", "environment": {"PGHOST": "/gone"}}))
    assert State(tmp_path).take("demo") is None
