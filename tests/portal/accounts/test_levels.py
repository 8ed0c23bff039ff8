import pytest

from portal.accounts.levels import TrustLevel, from_stork


@pytest.mark.parametrize(
    ("number", "level"),
    [(1, TrustLevel.BASIC), (2, TrustLevel.BASIC), (3, TrustLevel.SUBSTANTIAL), (4, TrustLevel.HIGH)],
)
def test_the_levels_of_the_wire_have_a_place_in_the_house(number, level):
    assert from_stork(f"STORK-QAA-Level-{number}") is level


@pytest.mark.parametrize(
    "uri", ["", "STORK-QAA-Level-", "STORK-QAA-Level-5", "STORK-QAA-Level-0", "Level-4", "4", "stork-qaa-level-4"]
)
def test_an_unknown_level_is_no_level(uri):
    assert from_stork(uri) is None
