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
    for node in (node for tree in modules().values() for node in ast.walk(tree)):
        match node:
            case ast.Call(func=reader, args=[ast.Constant(str() as name), *_]):
                pass
            case ast.Subscript(value=reader, slice=ast.Constant(str() as name)):
                pass
            case _:
                continue
        if OURS.fullmatch(name) and READERS.fullmatch(ast.unparse(reader)):
            found.add(name)
    return found - DEVELOPERS


def _documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operating.md").read_text(encoding="utf-8"), re.M))


def test_every_variable_is_explained_and_every_explanation_is_of_a_variable():
    read, documented = _read(), _documented()
    assert read - documented == set()
    assert documented - read == set()


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
