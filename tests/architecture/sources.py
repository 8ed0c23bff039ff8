"""Our own source files, parsed."""

import ast
import functools
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ("portal", "forms_engine", "payments", "appointments", "mailbox", "opendata")


@functools.cache
def modules(*folders: str) -> dict[str, ast.Module]:
    """Path (from the checkout) -> syntax tree of every file of these folders, migrations apart."""
    found = {}
    for folder in folders or PACKAGES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                found[str(path.relative_to(ROOT))] = ast.parse(path.read_text(encoding="utf-8"))
    return found
