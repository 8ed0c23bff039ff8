"""Of many cases a sample runs quickly; the first is always among them."""

import pytest

from tests.plugin import _beyond_samples


class _Item:
    def __init__(self, nodeid: str, *marks: pytest.Mark):
        self.nodeid, self.marks = nodeid, {mark.name: mark for mark in marks}

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return self.marks.get(name)


@pytest.mark.slow
def test_every_nth_case_stays_and_other_tests_are_not_counted():
    third = pytest.mark.sample(3).mark
    items = [_Item(f"tests/a.py::test_many[{i}]", third) for i in range(7)]
    items[2:2] = [_Item("tests/a.py::test_one"), _Item("tests/a.py::test_other[0]", third)]
    kept = [item.nodeid for item in items if item not in _beyond_samples(items)]
    assert kept == [
        "tests/a.py::test_many[0]",
        "tests/a.py::test_one",
        "tests/a.py::test_other[0]",
        "tests/a.py::test_many[3]",
        "tests/a.py::test_many[6]",
    ]
