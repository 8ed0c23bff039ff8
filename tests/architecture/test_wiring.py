"""Nothing is said that nobody hears, nothing rung that nobody answers, nothing queued that nobody serves."""

import ast
import functools
import inspect

import pytest
import yaml
from django.conf import settings
from django.utils.module_loading import import_string

from portal import wiring
from portal.celery import app
from tests.architecture.sources import ROOT, modules

# Published, but nobody needs to hear it yet: topic -> why.
NOT_HEARD_YET: dict[str, str] = {}
RELAY = "portal.outbox.relay"


def _names_of(tree: ast.Module, function: str) -> set[str]:
    """The ways this file may write relay.<function>: "relay.publish", "publish", or another name it gave it."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "portal.outbox":
            names |= {f"{alias.asname or alias.name}.{function}" for alias in node.names if alias.name == "relay"}
        if isinstance(node, ast.ImportFrom) and node.module == RELAY:
            names |= {alias.asname or alias.name for alias in node.names if alias.name == function}
    if "portal.outbox.relay" in ast.unparse(tree):
        names.add(f"{RELAY}.{function}")
    return names


def _constants(tree: ast.Module) -> dict[str, set[str]]:
    """Names of this file that stand for words, or for a table of words."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant | ast.Dict):
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            words = {value.value for value in values if isinstance(value, ast.Constant)}
            found |= {target.id: words for target in node.targets if isinstance(target, ast.Name)}
    return found


def _words(argument: ast.expr, constants: dict[str, set[str]]) -> set[str]:
    if isinstance(argument, ast.Constant):
        return {argument.value}
    name = argument.value if isinstance(argument, ast.Subscript) else argument
    return constants.get(ast.unparse(name), set())


@functools.cache
def _first_arguments(function: str) -> dict[str, str]:
    """First argument of every call of relay.<function> in our code -> where. It must be readable in the same file."""
    found = {}
    for path, tree in modules().items():
        imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        if not any("outbox" in ast.unparse(node) for node in imports):
            continue
        names, constants = _names_of(tree, function), _constants(tree)
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in names:
                words = _words(call.args[0], constants)
                assert words, f"{path}:{call.lineno}: give {function}() a word that can be read here"
                found |= dict.fromkeys(words, f"{path}:{call.lineno}")
    return found


def test_every_topic_is_heard_or_has_a_reason():
    published = _first_arguments("publish")
    assert {topic: where for topic, where in published.items() if topic not in wiring.HANDLERS | NOT_HEARD_YET} == {}


def test_no_reason_is_left_over():
    assert set(NOT_HEARD_YET) & set(wiring.HANDLERS) == set()
    assert set(NOT_HEARD_YET) <= set(_first_arguments("publish"))


def test_every_handler_is_told_something():
    assert set(wiring.HANDLERS) <= set(_first_arguments("publish"))


@pytest.mark.parametrize("path", wiring.HANDLERS.values())
def test_a_handler_takes_one_key(path):
    assert len(inspect.signature(import_string(path)).parameters) == 1


@pytest.mark.parametrize("path", wiring.SWEEPS)
def test_a_sweep_needs_nothing(path):
    inspect.signature(import_string(path)).bind()


def test_every_bell_has_a_task():
    app.loader.import_default_modules()
    rung = _first_arguments("ring")
    assert {name: where for name, where in rung.items() if name not in app.tasks} == {}


def test_beat_rings_only_tasks_that_exist():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


def test_every_queue_is_served():
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    command = [str(part) for part in compose["services"]["worker"]["command"]]
    served = set(command[command.index("--queues") + 1].split(","))
    app.loader.import_default_modules()
    wanted = {getattr(task, "queue", None) for task in app.tasks.values()} - {None}
    routes = getattr(settings, "CELERY_TASK_ROUTES", {})
    wanted |= {route["queue"] for route in routes.values()} | {settings.CELERY_TASK_DEFAULT_QUEUE}
    assert wanted == served
