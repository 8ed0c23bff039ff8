"""The second round of tests runs the product without its asserts; those of the tests must live on."""

import pytest


def test_a_false_assert_in_a_test_fails_however_python_was_started():
    with pytest.raises(AssertionError):
        assert 1 == 2
