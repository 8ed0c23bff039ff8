"""Invented letters of each kind are fit for the archive, before and after the seal: by our check, and by veraPDF."""

import pathlib

import pytest

from portal.documents import seal
from portal.documents.render import check_pdf
from tests.forms_engine.cases import letter_sets
from tests.portal.documents import samples, verapdf

SETS, QUICK = 50, 2
needs_verapdf = pytest.mark.skipif(verapdf.class_path() is None, reason=verapdf.MISSING)


def checked(folder: pathlib.Path, kind: str, numbers: range) -> list[pathlib.Path]:
    """The files of these letters, plain and sealed, after the check that the house makes itself."""
    paths = []
    for number in numbers:
        pdf = letter_sets.drawn(kind, number)
        sealed = seal.get_sealer().seal(pdf, reason="Bescheid", at=samples.CREATED)
        for state, data in (("plain", pdf), ("sealed", sealed)):
            assert check_pdf(data) == [], (kind, number, state)
            paths.append(folder / f"{kind}-{number}-{state}.pdf")
            paths[-1].write_bytes(data)
    return paths


def assert_the_archives_agree(paths: list[pathlib.Path]) -> None:
    if verapdf.class_path() is None:
        return  # said by the skip of the test below
    code, report = verapdf.findings(paths)
    assert (code, report.strip()) == (0, f"checked\t{2 * len(paths)}\t0")


@pytest.mark.slow
@needs_verapdf
def test_a_few_letters_of_each_kind_pass_the_archives_own_check(tmp_path):
    every = [path for kind in letter_sets.KINDS for path in checked(tmp_path, kind, range(1, 1 + QUICK))]
    assert_the_archives_agree(every)


@pytest.mark.full
@pytest.mark.parametrize("kind", letter_sets.KINDS)
def test_fifty_letters_of_each_kind_are_fit_for_the_archive(kind, tmp_path):
    assert_the_archives_agree(checked(tmp_path, kind, range(SETS)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["granted", "receipt", "summary"])
def test_the_longest_letters_are_fit_for_the_archive(kind, tmp_path):
    assert checked(tmp_path, kind, range(1))


@pytest.mark.slow
def test_a_letter_is_the_same_each_time():
    assert letter_sets.drawn("granted", 3) == letter_sets.drawn("granted", 3)
