"""Our promises cost little: both standards, attachments and the check on top of bare WeasyPrint."""

from tests.bench import bench_letters


def test_a_letter_reaches_three_quarters_of_the_speed_of_bare_weasyprint():
    found = bench_letters.measure(rounds=9)
    assert {name: row["ratio"] >= 0.75 for name, row in found.items()} == {"letter": True, "long_letter": True}
