"""What fits on a page can be understood (docs/architecture.md, section 5)."""

import ast

from tests.architecture.sources import ROOT, modules

FILE_LINES, FUNCTION_LINES, NESTING, IMPORTS = 600, 60, 3, 20
MAY_IMPORT = {  # path -> how many, with the reason
    "portal/documents/seal.py": 27,  # pyHanko and asn1crypto spread one seal over a dozen modules
    "portal/documents/render.py": 21,
    "forms_engine/submissions/actions.py": 21,  # verbs of drafts, their files and their sending
    "portal/home/account/farewell.py": 21,  # every app that holds something of a person
    "portal/home/account/dossier_parts.py": 21,  # likewise
    "mailbox/actions.py": 21,  # verbs of messages and their notices
    "forms_engine/cases/flow.py": 22,  # the story across all apps
}
BROAD_EXCEPT_ALLOWED = {
    "portal/outbox/relay.py",  # handlers of every app
    "mailbox/sending.py",  # mails that are out: whatever one of them meets, the others are written down (ADR 0043)
}
Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


def _functions():
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield f"{path}:{node.lineno} {node.name}", node


def _depth(node: ast.AST, inside: int = 0) -> int:
    """How many blocks lie in each other; an elif lies beside its if."""
    deepest = inside
    for child in ast.iter_child_nodes(node):
        is_elif = isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse
        here = inside + (isinstance(child, BLOCKS) and not is_elif)
        deepest = max(deepest, _depth(child, here) if not isinstance(child, Function) else inside)
    return deepest


def test_no_file_is_too_long():
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {path: lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_no_function_is_too_long():
    assert [name for name, node in _functions() if node.end_lineno - node.lineno + 1 > FUNCTION_LINES] == []


def test_nothing_is_nested_too_deep():
    assert [name for name, node in _functions() if _depth(node) > NESTING] == []


def test_no_file_leans_on_too_many_others():
    counts = {
        path: sum(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(tree))
        for path, tree in modules().items()
    }
    assert {path: count for path, count in counts.items() if count > MAY_IMPORT.get(path, IMPORTS)} == {}


def test_only_few_catch_whatever_comes():
    broad = {"Exception", "BaseException"}
    found = {
        path
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or broad & {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)})
    }
    assert found <= BROAD_EXCEPT_ALLOWED


def test_the_measure_of_nesting_counts_blocks_and_not_elif():
    tree = ast.parse("def f():\n if a:\n  for x in y:\n   pass\n elif b:\n  pass\n elif c:\n  with d:\n   pass")
    assert _depth(tree.body[0]) == 2
