"""The HTML of every page type is valid (html-validate with the rules of htmlvalidate.json)."""

import json
import subprocess

import pytest

from tests.browser import tools
from tests.browser.pages.page_types import PAGE_TYPES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_html_of_every_page_type_is_valid(house, tmp_path):
    for kind in PAGE_TYPES:
        (tmp_path / f"{kind}.html").write_text(house.source(kind), encoding="utf-8")
    assert _problems(tmp_path) == []


def test_what_is_wrong_is_noticed(tmp_path):
    (tmp_path / "schlecht.html").write_text('<p style="color:red"><div>falsch</div></p>', encoding="utf-8")
    assert any("no-inline-style" in problem for problem in _problems(tmp_path))


def _problems(folder) -> list[str]:
    """Page, line, rule and sentence of each problem in the folder's files."""
    config = tools.HERE / "htmlvalidate.json"
    command = [tools.program("html-validate"), "--config", config, "--formatter", "json", folder / "*.html"]
    with (folder / "answer.json").open("w+") as answer:  # into a pipe Node writes only what fits at once
        status = subprocess.run(list(map(str, command)), stdout=answer, timeout=300).returncode
        answer.seek(0)
        results = json.load(answer)
    assert status in (0, 1)
    return [
        f"{result['filePath'].rpartition('/')[2]}:{found['line']} {found['ruleId']}: {found['message']}"
        for result in results
        for found in result["messages"]
    ]
