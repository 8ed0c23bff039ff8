"""docs/operating.md names every variable the product reads, and no other; example.env and compose use only those."""

import ast
import re

import yaml

from tests.architecture.sources import ROOT, modules

READERS = re.compile(r"env_\w+|(os\.)?environ(\.get)?")
# Only for those who develop: the launcher's own.
DEVELOPERS = {"PORTAL_PG_BIN", "PORTAL_DEMO_DATA", "PORTAL_PYTHON"}
OURS = re.compile(r"(PORTAL|STRIPE|PG|REDIS|CELERY)_?[A-Z_]+")


def _read() -> set[str]:
    found = set()
    for tree in modules().values():
        for node in ast.walk(tree):
            reader, first = None, None
            if isinstance(node, ast.Call) and node.args:
                reader, first = ast.unparse(node.func), node.args[0]
            elif isinstance(node, ast.Subscript):
                reader, first = ast.unparse(node.value), node.slice
            if reader and READERS.fullmatch(reader) and isinstance(first, ast.Constant):
                found.add(first.value)
    return {name for name in found if OURS.fullmatch(name)} - DEVELOPERS


def _documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operating.md").read_text(encoding="utf-8"), re.M))


def test_every_variable_is_explained_and_every_explanation_is_of_a_variable():
    assert _read() - _documented() == set()
    assert _documented() - _read() == set()


def test_compose_sets_only_what_is_read():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    given = {name.removesuffix("_FILE") if name != "PORTAL_SEAL_KEY_FILE" else name for name in _environment(compose)}
    assert {name.replace("PORTAL_HEARTBEAT", "PORTAL_HEARTBEAT_FILE") for name in given} - _documented() == set()


def _environment(compose: dict) -> set[str]:
    return set(compose["services"]["worker"]["environment"])


def test_only_the_proxy_is_open_to_the_outside():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["stop_grace_period"] == "60s", name
        assert "healthcheck" in service or name == "web", name  # web's is in the image
